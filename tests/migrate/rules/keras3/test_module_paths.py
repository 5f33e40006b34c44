"""Rule keras3.module-paths, and the tables it reads."""

import importlib
import pkgutil

import pytest

import k2compat
from k2compat.cli import main
from k2compat.tables import keras3_moves
from migrate.cases import NEW, check_noop, check_transformed, run, write

RULE = "keras3.module-paths"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from keras.layers.core import Dense, Dropout as D\n", "from keras.layers import Dense, Dropout as D\n"),
        ("from tensorflow.keras.layers.core import Dense\n", "from tensorflow.keras.layers import Dense\n"),
        ("from tensorflow.python.keras.layers import Dense\n", "from tensorflow.keras.layers import Dense\n"),
        ("from tensorflow.contrib.keras import layers\n", "from tensorflow.keras import layers\n"),
        ("from keras.layers.core import *\n", "from keras.layers import *\n"),
        (
            "from keras.layers import Layer, initializers as I\nI.get('zeros')\n",
            "from keras.layers import Layer\nfrom keras import initializers as I\nI.get('zeros')\n",
        ),
        ("import keras.layers.recurrent as R\nR.LSTM\n", "import keras.layers as R\nR.LSTM\n"),
        (
            "from keras.engine import topology\ntopology.Layer\n",
            "from keras import layers as topology\ntopology.Layer\n",
        ),
        (
            "from keras.utils import np_utils\nnp_utils.to_categorical(y, 3)\n",
            "from keras import utils as np_utils\nnp_utils.to_categorical(y, 3)\n",
        ),
        (
            "import keras.utils.np_utils\nkeras.utils.np_utils.to_categorical(y)\n",
            "import keras.utils\nkeras.utils.to_categorical(y)\n",
        ),
        (
            "from keras.engine.topology import Layer, Model, InputSpec  # both\n",
            "from keras.layers import Layer, InputSpec  # both\nfrom keras.models import Model\n",
        ),
        (
            "from keras.layers import (Dense,\n    Deconvolution2D)\nDeconvolution2D(3, 3)\n",
            "from keras.layers import (Dense,\n    Conv2DTranspose)\nConv2DTranspose(3, 3)\n",
        ),
        (
            "from keras.constraints import maxnorm\nf(maxnorm=maxnorm(2)).maxnorm\n",
            "from keras.constraints import max_norm\nf(maxnorm=max_norm(2)).maxnorm\n",
        ),
        (
            "from keras.optimizers import adam, Adam\nadam()\n",
            "from keras.optimizers import Adam as adam, Adam\nadam()\n",
        ),
        (
            "from keras.preprocessing.image import ImageDataGenerator, load_img\n",
            "from tensorflow.keras.preprocessing.image import ImageDataGenerator\n"
            "from keras.preprocessing.image import load_img\n",
        ),
        (
            "from keras.preprocessing import image\nimage.ImageDataGenerator()\nimage.load_img(f)\n",
            "from tensorflow.keras.preprocessing import image\nimage.ImageDataGenerator()\nimage.load_img(f)\n",
        ),
        (
            "import keras\nkeras.preprocessing.image.ImageDataGenerator()\n",
            "import keras\nimport tensorflow as tf\ntf.keras.preprocessing.image.ImageDataGenerator()\n",
        ),
        ("from keras import losses\nlosses.mse\n", "from keras import losses\nlosses.mean_squared_error\n"),
        (
            "from tensorflow.keras.losses import mean_squared_error\nmean_squared_error(a, b)\n",
            "from tensorflow.keras.losses import mse\nmse(a, b)\n",
        ),
        ("from keras.layers import *\nDeconvolution2D(3, 3)\n", "from keras.layers import *\nConv2DTranspose(3, 3)\n"),
        ("import os\nfrom keras.utils import multi_gpu_model\n", "import os\n"),
        ("from keras.layers import Dense, Merge\nDense\n", "from keras.layers import Dense\nDense\n"),
    ],
)
def test_names_are_taken_from_where_they_are(before, after):
    check_transformed(before, after, RULE)


@pytest.mark.parametrize(
    ("source", "manual"),
    [
        ("from keras.layers import Dense, Merge\nMerge([a, b])\n", [(1, "`layers.Merge`")]),
        ("from keras.utils import multi_gpu_model as m\nm(model)\n", [(1, "`utils.multi_gpu_model`")]),
        ("import keras\nkeras.layers.CuDNNLSTM(3)\n", [(2, "`layers.CuDNNLSTM`")]),
        ("from keras.layers import *\nHighway()\n", [(2, "`layers.Highway`")]),
        (
            "from keras.utils import conv_utils\nconv_utils.normalize_tuple\n",
            [(1, "`utils.conv_utils`"), (2, "conv_utils")],
        ),
    ],
)
def test_what_is_removed_is_reported(source, manual):
    check_noop(source, RULE, manual=manual)


def test_private_functions_stay_at_their_address():
    done = check_transformed(
        "from keras.utils.generic_utils import Progbar, slice_arrays\nslice_arrays(x)\n",
        "from keras.utils import Progbar\nfrom keras.utils.generic_utils import slice_arrays\nslice_arrays(x)\n",
        RULE,
    )
    assert "slice_arrays" in done.manual[0].message


@pytest.mark.parametrize(
    "source",
    [
        "from keras.layers.convolutional import _Conv\n_Conv\n",
        "from keras.layers import CuDNNLSTM\nCuDNNLSTM(3)\n",
        "from keras.utils.io_utils import HDF5Matrix\nHDF5Matrix('a', 'b')\n",
        "import keras\nkeras.utils.multi_gpu_model(model)\n",
        "import keras\nkeras.utils.generic_utils.object_list_uid(x)\n",
    ],
)
def test_what_works_with_k2compat_stays_where_that_is_imported(source):
    check_noop("from k2compat import backend as K\n" + source, RULE)
    assert run(source, RULE).manual


@pytest.mark.parametrize(
    "source",
    [
        "from keras.layers import Dense, Convolution2D\nfrom keras.models import Sequential\n",
        "from keras.regularizers import l2\nfrom tensorflow.keras.preprocessing.text import Tokenizer\n",
        "from keras import backend as K\nimport keras.backend.tensorflow_backend as KTF\n",
        "from tf_keras.layers.core import Dense\n",
        "from mine.layers.core import Dense\n",
        "from .keras.layers.core import Dense\n",
    ],
)
def test_what_is_where_it_was_stays(source):
    check_noop(source, RULE)


def found(package, name):
    holder, _, last = name.rpartition(".")
    try:
        return hasattr(importlib.import_module(f"{package}.{holder}".rstrip(".")), last)
    except ImportError:
        return False


@pytest.fixture(scope="module")
def keras3():
    keras = pytest.importorskip("keras")
    if not keras.__version__.startswith("3."):
        pytest.skip("asks Keras 3")


@pytest.mark.parametrize("package", [keras3_moves.KERAS, keras3_moves.TENSORFLOW])
def test_the_names_of_the_table_are_in_keras_3(keras3, package):
    names = {*keras3_moves.NAMES, *keras3_moves.ONLY_TENSORFLOW - {"preprocessing.text"}}
    names |= {f"{module}.{name}" for module, offered in keras3_moves.STARRED.items() if module for name in offered}
    wanted = [keras3_moves.today(name, package) for name in names if not keras3_moves.gone(name)]
    assert len(wanted) > 150
    missing = [place for place in wanted if not found(*place)]
    assert missing == []


@pytest.fixture(scope="module")
def unrepaired(keras3):
    """Keras 3 without what repairs have brought back, whichever tests ran before."""
    applied = [repair for repair in k2compat.repairs() if repair.active and not repair.needed]
    for repair in reversed(applied):
        repair.undo()
    yield keras3
    for repair in applied:
        repair.apply()


@pytest.mark.parametrize("name", sorted(keras3_moves.GONE))
def test_what_is_removed_is_in_no_keras_3(unrepaired, name):
    assert not found(keras3_moves.KERAS, name)


@pytest.mark.parametrize(
    "source",
    [
        "from keras.engine import saving\nsaving.load_weights_from_hdf5_group(f, layers)\n",
        "from keras.utils import np_utils\nnp_utils.probas_to_classes(y), np_utils.to_categorical(y)\n",
        "from keras.layers import advanced_activations\nfor name, kind in inspect.getmembers(advanced_activations): f(name)\n",
        "import keras\nengine = keras.engine\n",
        "from keras import engine\n__all__ = ['engine']\n",
    ],
    ids=["gone", "in part", "value", "name", "exported"],
)
def test_modules_that_no_other_stands_for_stay_where_k2compat_brings_them(source):
    check_noop("from k2compat import backend as K\n" + source, RULE)


def test_a_module_stays_whose_names_are_in_several():
    source = "from k2compat import backend as K\nimport keras.engine.training as T\nT.Model, T.Layer\n"
    check_noop(source, RULE, manual=[(3, "`T.Model` is `keras.models.Model`")])


def test_modules_that_other_files_take_stay(here):
    write(
        here, p____init___py="", p__a_py=NEW + "from keras.layers import core, local\n", p__b_py="from .a import core\n"
    )
    assert main(["migrate", "--level", "keras3", "-q", "--write", "p"]) == 0
    assert (here / "p/a.py").read_text() == NEW + "from keras.layers import core\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from keras.layers.core.dense import Dense\nDense\n", "from keras.layers import Dense\nDense\n"),
        ("from keras.layers.rnn.lstm import LSTM as L\nL\n", "from keras.layers import LSTM as L\nL\n"),
        (
            "from tensorflow.python.keras.optimizer_v2.adam import Adam\nAdam()\n",
            "from tensorflow.keras.optimizers import Adam\nAdam()\n",
        ),
    ],
)
def test_names_in_files_of_later_versions_are_public(before, after):
    check_transformed(before, after, RULE)


@pytest.mark.parametrize(
    "module",
    [
        "keras.engine.data_adapter",
        "keras.layers.core.dense",
        "keras.saving.model_config",
        "keras.optimizers.optimizer_v2",
    ],
)
@pytest.mark.parametrize("what", ["unknown_name", "*"])
def test_files_that_are_nowhere_are_reported(module, what):
    check_noop(f"from {module} import {what}\nf(unknown_name)\n", RULE, manual=[(1, f"`{module}` is a file")])


@pytest.mark.parametrize(
    "module", ["optimizer_v2.optimizer_v2", "layers.ops", "saving.hdf5_format", "engine.base_layer_utils"]
)
def test_files_inside_of_tensorflow_stay_and_are_reported_once(module):
    source = f"from tensorflow.python.keras.{module} import unknown_name\nunknown_name\n"
    check_noop(source, RULE)
    assert [entry.rule for entry in run(source).manual] == ["swap.private-keras"]


def test_a_keras_of_another_file_may_be_either(here):
    compat = "try:\n    import keras\nexcept ImportError:\n    from tensorflow import keras\n"
    uses = "from .compat import keras\nkeras.losses.mean_squared_error, keras.losses.mse, {}\n"
    write(here, p____init___py="", p__compat_py=compat, p__a_py=uses.format("keras.layers.core.Dense"))
    assert main(["migrate", "--level", "keras3", "-q", "--write", "p"]) == 0
    assert (here / "p/a.py").read_text() == uses.format("keras.layers.Dense")


def test_the_public_modules_are_those_of_keras_3(keras3):
    packages = pkgutil.walk_packages(importlib.import_module("keras").__path__, "keras.")
    modules = {found.name.removeprefix("keras.") for found in packages}
    assert {name for name in modules if name.partition(".")[0] not in keras3_moves.INNER} == keras3_moves.HOMES - {
        "preprocessing.text"
    }
