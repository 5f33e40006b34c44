"""A compiled function for the present values of its weights.

What depends on weights and constants alone is computed once. Behind a convolution or matrix product, what scales and
shifts each channel (batch normalization in the test phase, a bias) goes into its kernel and into one bias: the layers
are linear, so that ``scale * (kernel * x) + shift`` is ``(scale * kernel) * x + shift``. TensorFlow's own folding does
not see through the bias between the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

# Larger values, in bytes, stay arguments: TensorFlow copies the constants of a graph several times while it compiles.
LARGEST = 12_000_000
# Linear in their first input, the second is the kernel.
LINEAR = {"Conv2D", "DepthwiseConv2dNative", "Conv3D", "MatMul"}
STEPS = {"BiasAdd", "Add", "AddV2", "Sub", "Mul", "FusedBatchNormV3"}


def fold(concrete: Any, jit_compile: bool = False) -> Any:
    """Return the same function with the weights' values as they are now.

    Args:
        concrete: a ``tf.ConcreteFunction`` whose arguments and results are flat, and which changes no variables.
        jit_compile: whether TensorFlow compiles it with XLA.

    Returns:
        A ``tf.ConcreteFunction`` with the same arguments and results.
    """
    graph = FoldedGraph(concrete)
    values = graph.values()
    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in graph.fed]

    def frozen(*tensors: tf.Tensor) -> list[tf.Tensor]:
        return graph.results(tensors, values)

    run = tf.function(frozen, input_signature=specs, autograph=False, jit_compile=jit_compile or None)
    return run.get_concrete_function()


@dataclass
class Step:
    """A node that scales and shifts each channel.

    Attributes:
        node: the node.
        operands: the names of its constant operands.
    """

    node: Any
    operands: list[str]

    def of(self, scale: np.ndarray, shift: np.ndarray, known: Mapping[str, tf.Tensor]) -> tuple[np.ndarray, np.ndarray]:
        """Scale and shift after this step, by those before it."""
        values = [known[operand].numpy().astype(np.float64).reshape(-1) for operand in self.operands]
        match self.node.op:
            case "Mul":
                return scale * values[0], shift * values[0]
            case "Sub":
                return scale, shift - values[0]
            case "FusedBatchNormV3":
                gamma, beta, mean, variance = values
                factor = gamma / np.sqrt(variance + self.node.attr["epsilon"].f)
                return scale * factor, (shift - mean) * factor + beta
        return scale, shift + values[0]


@dataclass
class Chain:
    """A linear operation and the steps behind it.

    Attributes:
        linear: its node.
        steps: the steps, in order.
    """

    linear: Any
    steps: list[Step] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The name of the node whose result the chain gives."""
        return self.steps[-1].node.name if self.steps else self.linear.name

    @property
    def kernel(self) -> str:
        return self.linear.input[1]

    @property
    def operands(self) -> list[str]:
        """The constant tensors that are folded into each other."""
        return [self.kernel, *(operand for step in self.steps for operand in step.operands)]

    @property
    def folded(self) -> tuple[str, str]:
        """The names of the new kernel and the new bias."""
        return f"{self.linear.name}/folded_kernel:0", f"{self.linear.name}/folded_bias:0"

    def values(self, known: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the new kernel and bias, computed in double precision."""
        kernel = known[self.kernel].numpy().astype(np.float64)
        shape = kernel.shape[2:] if self.linear.op == "DepthwiseConv2dNative" else kernel.shape[-1:]
        scale, bias = np.ones(np.prod(shape)), np.zeros(np.prod(shape))
        for step in self.steps:
            scale, bias = step.of(scale, bias, known)
        dtype = known[self.kernel].dtype
        made = kernel * scale.reshape(shape), bias
        return {name: tf.constant(value, dtype) for name, value in zip(self.folded, made, strict=True)}

    def nodes(self) -> Iterator[Any]:
        """Yield the nodes in place of the chain."""
        linear, bias = tf.compat.v1.NodeDef(), tf.compat.v1.NodeDef()
        linear.CopyFrom(self.linear)
        kernel_name, bias_name = self.folded
        linear.input[1] = kernel_name
        bias.name, bias.op = self.last, "BiasAdd"
        bias.input.extend([linear.name, bias_name])
        bias.attr["T"].CopyFrom(linear.attr["T"])
        yield linear
        yield bias


class FoldedGraph:
    """The graph of a concrete function, in two parts: what depends on weights and constants alone, and the rest.

    Attributes:
        fed: the tensors of its graph that are arguments.
    """

    def __init__(self, concrete: Any):
        captured = list(concrete.captured_inputs)
        self.fed = concrete.inputs[: len(concrete.inputs) - len(captured)]
        self._captured = dict(zip((tensor.name for tensor in concrete.inputs[len(self.fed) :]), captured, strict=True))
        self._graph = concrete.graph
        self._definition = concrete.graph.as_graph_def()
        self._outputs = [tensor.name for tensor in concrete.outputs]
        for node in self._definition.node:
            node.attr.pop("_class", None)  # operations to be placed beside others, which may be in the other part
        self._constant = self._constant_nodes()
        self._chains = {chain.linear.name: chain for chain in self._find_chains()}
        self._rest = self._rewritten()

    def values(self) -> dict[str, tf.Tensor]:
        """Return what the rest needs of the part that depends on weights and constants alone, computed now."""
        needed = {name for node in self._rest.node for name in node.input if base(name) in self._constant}
        needed |= {name for name in self._outputs if base(name) in self._constant}
        behind = {name for chain in self._chains.values() for name in chain.operands}
        names = sorted(needed | behind)
        part = self._part([node for node in self._definition.node if node.name in self._constant])

        @tf.function(autograph=False)
        def constants() -> list[tf.Tensor]:
            return self._imported(part, {}, names)

        known = dict(zip(names, constants(), strict=True))
        for chain in self._chains.values():
            known.update(chain.values(known))
        return {full(name): value for name, value in known.items() if name not in behind - needed}

    def results(self, tensors: Sequence[tf.Tensor], values: Mapping[str, tf.Tensor]) -> list[tf.Tensor]:
        """Return the results, within a function that is being traced."""
        known = dict(zip((tensor.name for tensor in self.fed), tensors, strict=True))
        return self._imported(
            self._rest, {**known, **{name: held(value) for name, value in values.items()}}, self._outputs
        )

    def _imported(self, part: Any, known: dict[str, tf.Tensor], names: Sequence[str]) -> list[tf.Tensor]:
        """Tensors of a part of the graph, put into the graph being traced."""
        used = {full(name) for node in part.node for name in node.input} | set(map(full, names))
        captured = {name: tf.identity(value) for name, value in self._captured.items() if name in used - set(known)}
        known = {**known, **captured}
        inside = [name for name in names if full(name) not in known]
        read = {full(name) for node in part.node for name in node.input}
        found = tf.graph_util.import_graph_def(
            part,
            input_map={name: tensor for name, tensor in known.items() if name in read},
            return_elements=list(map(full, inside)),
            name="",
        )
        return [known[full(name)] if full(name) in known else found[inside.index(name)] for name in names]

    def _part(self, nodes: Sequence[Any]) -> Any:
        """Return a definition of some of the graph's nodes; what they read from others is handed over."""
        part = tf.compat.v1.GraphDef(versions=self._definition.versions, library=self._definition.library)
        part.node.extend(node for node in nodes if node.op != "Placeholder")
        for node in part.node:
            inputs = [name for name in node.input if name[0] != "^" or base(name) not in self._constant]
            del node.input[:]
            node.input.extend(inputs if node.op != "Const" else [])
        return part

    def _constant_nodes(self) -> set[str]:
        """Return the names of the nodes that depend on weights and constants alone."""
        found = {base(name) for name, value in self._captured.items() if value.dtype != tf.resource}
        handles = {base(name) for name, value in self._captured.items() if value.dtype == tf.resource}
        for node in self._definition.node:
            sources = set(map(base, node.input))
            is_source = node.op == "Const" or (node.op == "ReadVariableOp" and sources <= handles)
            if is_source or (sources and sources <= found and self._is_pure(node)):
                found.add(node.name)
        return found

    def _is_pure(self, node: Any) -> bool:
        """Return whether a node computes values from values, at any time."""
        operation = self._graph.get_operation_by_name(node.name)
        ordered = operation.op_def.is_stateful or any(name.startswith("^") for name in node.input)
        return not ordered and all(output.dtype not in (tf.variant, tf.resource) for output in operation.outputs)

    def _find_chains(self) -> Iterator[Chain]:
        readers: dict[str, list[tuple[str, Any]]] = {node.name: [] for node in self._definition.node}
        for node in self._definition.node:
            for name in node.input:
                readers[base(name)].append((name, node))
        fetched = set(map(base, self._outputs))
        for node in self._definition.node:
            if not self._is_linear(node):
                continue
            chain = Chain(node)
            while chain.last not in fetched and len(readers[chain.last]) == 1:
                step = self._step(readers[chain.last][0][1], chain.last)
                if step is None or any(name != step.node.name for name, _ in readers[step.node.name]):
                    break
                chain.steps.append(step)
            if any(step.node.op != "BiasAdd" for step in chain.steps):
                yield chain

    def _is_linear(self, node: Any) -> bool:
        """Return whether a node multiplies what is not constant with a constant kernel whose channels come last."""
        if node.op not in LINEAR or node.name in self._constant or not has_channels_last(node):
            return False
        transposed = "transpose_b" in node.attr and node.attr["transpose_b"].b
        return not transposed and base(node.input[1]) in self._constant

    def _step(self, node: Any, name: str) -> Step | None:
        """Return a node as a step behind another one, if it is one that scales and shifts the channels of its
        result.
        """
        operands = [operand for operand in node.input if base(operand) in self._constant]
        trains = "is_training" in node.attr and node.attr["is_training"].b
        if node.op not in STEPS or trains or not has_channels_last(node) or len(operands) != len(node.input) - 1:
            return None
        if node.op == "Sub" and node.input[1] != operands[0]:
            return None
        result, *shapes = (self._graph.get_tensor_by_name(full(tensor)).shape for tensor in (name, *operands))
        return Step(node, operands) if all(scales_channels(shape, result) for shape in shapes) else None

    def _rewritten(self) -> Any:
        """Return the part that does not depend on weights and constants alone, with the chains folded."""
        dropped = {step.node.name for chain in self._chains.values() for step in chain.steps}
        nodes: list[Any] = []
        for node in self._definition.node:
            if node.name in self._chains:
                nodes.extend(self._chains[node.name].nodes())
            elif node.name not in self._constant | dropped:
                nodes.append(node)
        return self._part(nodes)


def base(name: str) -> str:
    """Return the node of a tensor or of a control input."""
    return name.lstrip("^").partition(":")[0]


def full(name: str) -> str:
    """Return the name of a tensor, which definitions of nodes shorten."""
    return name if ":" in name else f"{name}:0"


def scales_channels(shape: tf.TensorShape, result: tf.TensorShape) -> bool:
    """Return whether a shape fits the last axis of another one, and changes nothing of it."""
    if result.rank is None or not shape.is_fully_defined() or shape.rank > result.rank:
        return False
    return shape.num_elements() == 1 or shape.num_elements() == shape[-1] == result[-1]


def has_channels_last(node: Any) -> bool:
    return "data_format" not in node.attr or node.attr["data_format"].s in (b"NHWC", b"NDHWC")


def held(value: tf.Tensor) -> tf.Tensor:
    """Return a value for the graph being traced: a constant of it, or an argument if it is large."""
    return (
        tf.constant(value.numpy()) if value.dtype.size * value.shape.num_elements() <= LARGEST else tf.identity(value)
    )
