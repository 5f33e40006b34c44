"""Rule native.merge-layer: a class based on _Merge is a layer."""

from migrate.cases import check_noop, check_transformed

HEAD = "import keras\nfrom keras.layers.merge import _Merge\n"
LAYER = """
class Average(_Merge):
    def _merge_function(self, inputs):
        return (inputs[0] + inputs[1]) / 2
"""


def test_it_becomes_a_layer_with_call():
    after = "import keras\n" + LAYER.replace("_Merge)", "keras.layers.Layer)").replace("_merge_function", "call")
    check_transformed(HEAD + LAYER, after, "native.merge-layer")


def test_a_class_with_other_methods_stays():
    check_noop(HEAD + LAYER + "    def build(self, shape):\n        pass\n", "native.merge-layer")


def test_other_bases_stay():
    check_noop(LAYER.replace("_Merge", "Base"), "native.merge-layer")
