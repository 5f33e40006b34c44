"""Rule swap.removed-names."""

import pytest

from k2compat.tables.absent import absent
from migrate.cases import check_noop

RULE = "swap.removed-names"

REPORTED = [
    ("from keras.engine.training import _collect_metrics\n", [(1, "keras.engine.training._collect_metrics")]),
    ("from keras.layers import Dense, AutoEncoder\n", [(1, "keras.layers.AutoEncoder")]),
    ("import keras.engine.training_arrays as ta\n", [(1, "keras.engine.training_arrays")]),
    ("from keras.engine.training_generator import *\n", [(1, "keras.engine.training_generator")]),
    ("import keras\nkeras.models.model_from_yaml(text)\n", [(2, "model_from_yaml")]),
    ("from tensorflow.python.keras.layers import ConvRecurrent2D\n", [(1, "keras.layers.ConvRecurrent2D")]),
    ("import keras\ntext = model.to_yaml()\n", [(2, "`model.to_yaml` is not")]),
    ("import keras\nmodel.add_metric(x, name='x')\n", [(2, "`model.add_metric` is not")]),
    ("import keras\nmodel.metrics_tensors.append(x)\n", [(2, "`model.metrics_tensors` is not")]),
    (
        "import keras\nmodel.layers.pop()\nmodel.outputs = [model.layers[-1].output]\n",
        [(2, "takes nothing out"), (3, "cannot be set")],
    ),
]
STAY = [
    "from keras.layers.core import Dense\n",
    "from keras.layers import Merge, CuDNNLSTM\n",
    "from keras.utils.io_utils import HDF5Matrix\n",
    "import keras\nclass A:\n    def to_yaml(self):\n        return 1\nA().to_yaml()\n",
    "import keras\nself.outputs = [1]\nqueue.pop()\n",
    "import yaml\nmodel.to_yaml()\n",
]


@pytest.mark.parametrize(("source", "manual"), REPORTED)
def test_what_is_reported(source, manual):
    check_noop(source, RULE, manual=manual)


@pytest.mark.parametrize("source", STAY)
def test_what_stays(source):
    check_noop(source, RULE)


def test_advice_names_where_a_name_is():
    assert absent("layers.core.TimeDistributedDense") == "write `TimeDistributed(Dense(units))`."
    assert absent("applications.vgg16.Dense") is None
    assert absent("datasets.mnist.get_file") is None
    assert absent("layers.Dense") is None
