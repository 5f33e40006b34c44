"""What TensorFlow's graph optimizer made of the functions that ran, and whether updates kept their place in it."""

import tempfile
from pathlib import Path

import tensorflow as tf


def graphs_of(call):
    """The optimized graphs that ran during a call, each as its nodes by name."""
    with tempfile.TemporaryDirectory() as folder:
        with tf.summary.create_file_writer(folder).as_default():
            tf.summary.trace_on(graph=True)
            call()
            tf.summary.trace_export("run", step=0)
        events = tf.compat.v1.train.summary_iterator(str(next(Path(folder).iterdir())))
        traces = [value.tensor.string_val[0] for event in events for value in event.summary.value]
    runs = [tf.compat.v1.RunMetadata.FromString(trace) for trace in traces]
    graphs = [graph for run in runs for function in run.function_graphs for graph in function.partition_graphs]
    return [{node.name: node for node in graph.node} for graph in graphs]


def unordered(nodes):
    """Pairs of a read and a write of one variable of which neither waits for the other."""
    reads = [name for name, node in nodes.items() if node.op == "ReadVariableOp"]
    pairs = [(read, write) for write in writes(nodes) for read in reads if source(nodes[read]) == source(nodes[write])]
    return [pair for pair in pairs if pair[0] not in above(nodes, pair[1]) and pair[1] not in above(nodes, pair[0])]


def writes(nodes):
    return (name for name, node in nodes.items() if node.op.startswith("Assign"))


def source(node):
    """The name of what is behind the first input of a node."""
    return plain(node.input[0])


def plain(name):
    return name.lstrip("^").partition(":")[0]


def above(nodes, name):
    """The names of everything a node waits for."""
    found, todo = set(), [name]
    while todo:
        new = {plain(item) for item in nodes[todo.pop()].input} & set(nodes) - found
        found |= new
        todo.extend(new)
    return found
