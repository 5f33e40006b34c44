"""Probes of the repairs of what programs read off, and change in, graphs of layers."""

import numpy as np
from kerases import keras, layers

from k2compat import backend as K
from repair.probes import probe_of_keras3


@probe_of_keras3
def layer_nodes():
    row = keras.Sequential([layers.Input((2,)), layers.Dense(3), layers.Dense(2)])
    node = row._nodes_by_depth[0][0]
    assert node.outbound_layer is row.layers[-1]
    assert node.inbound_layers == [row.layers[0]]
    assert node.node_indices == node.tensor_indices == [0]
    assert isinstance(node.input_tensors, list)
    assert isinstance(node.output_tensors, list)


@probe_of_keras3
def replaced_weights():
    layer, copied = (layers.Dense(2, use_bias=False) for _ in range(2))
    layer.build((None, 3))
    copied.build((None, 3))
    copied.kernel = layer.kernel
    assert copied.weights[0] is copied._trainable_weights[0] is layer.kernel
    copied._trainable_weights[0] = doubled = layer.kernel * 2.0
    copied.kernel = doubled
    model = keras.Model(x := layers.Input((3,)), copied(x))
    layer.set_weights([np.ones((3, 2))])
    assert np.allclose(model.predict(np.ones((1, 3)), verbose=0), 6.0)
    layer.set_weights([2 * np.ones((3, 2))])
    assert np.allclose(K.function([x], [model.output])([np.ones((1, 3))])[0], 12.0)
