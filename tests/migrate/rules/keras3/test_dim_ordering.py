"""Rule keras3.dim-ordering."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.dim-ordering"


@pytest.mark.parametrize("head", ["from keras import backend as K\n", "from k2compat import backend as K\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = K.image_dim_ordering() == 'th'", "x = K.image_data_format() == 'channels_first'"),
        ('x = "tf" == K.image_dim_ordering()', 'x = "channels_last" == K.image_data_format()'),
        ("x = 'th' != K.image_dim_ordering()", "x = 'channels_first' != K.image_data_format()"),
        ("K.set_image_dim_ordering('tf')", "K.set_image_data_format('channels_last')"),
        (
            "a = 1 if K.image_dim_ordering() == u'th' else 3  # axis",
            "a = 1 if K.image_data_format() == u'channels_first' else 3  # axis",
        ),
    ],
)
def test_orderings_are_data_formats(head, before, after):
    check_transformed(f"{head}{before}\n", f"{head}{after}\n", RULE)


@pytest.mark.parametrize(
    "source",
    [
        "import keras\nkeras.backend.image_data_format() == 'channels_first'\n",
        "from mine import backend as K\nK.image_dim_ordering() == 'th'\n",
        "from keras import backend as K\ndef f(K):\n    return K.image_dim_ordering() == 'th'\n",
        "from keras import backend as K\nMaxPooling2D(dim_ordering=K.image_dim_ordering())\n",
    ],
)
def test_what_is_something_else_stays(source):
    check_noop(source, RULE)


@pytest.mark.parametrize(
    "use", ["f(K.image_dim_ordering())", "K.set_image_dim_ordering(order)", "K.image_dim_ordering() == x"]
)
def test_an_ordering_that_is_not_written_out_is_reported(use):
    check_noop(f"from keras import backend as K\n{use}\n", RULE, manual=[(2, "'channels_last'")])
