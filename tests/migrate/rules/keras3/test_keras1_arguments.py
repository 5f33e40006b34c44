"""Rule keras3.keras1-arguments."""

import pytest

from migrate.cases import check_manual, check_noop, check_transformed, run

RULE = "keras3.keras1-arguments"
HEAD = "from keras.layers import *\nfrom keras import backend as K\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "Convolution2D(32, 3, 5, border_mode='same', subsample=(2, 2), init='he_normal', W_regularizer=l2(.1))",
            "Convolution2D(32, (3, 5), padding='same', strides=(2, 2), kernel_initializer='he_normal', "
            "kernel_regularizer=l2(.1))",
        ),
        (
            "Convolution2D(n, size[0], size[1],\n    bias=False)",
            "Convolution2D(n, (size[0], size[1]),\n    use_bias=False)",
        ),
        ("Convolution2D(nb_filter=8, nb_row=3, nb_col=2)", "Convolution2D(filters=8, kernel_size=(3, 2))"),
        ("Convolution2D(8, nb_row=3, name='c', nb_col=2)", "Convolution2D(8, kernel_size=(3, 2), name='c')"),
        ("Conv2D(8, 3, 3)", "Conv2D(8, (3, 3))"),
        ("Convolution3D(8, 3, 3, 2)", "Convolution3D(8, (3, 3, 2))"),
        ("Conv2DTranspose(3, 3, 3, (None, 3, 14, 14), subsample=(2, 2))", "Conv2DTranspose(3, (3, 3), strides=(2, 2))"),
        ("MaxPooling2D(dim_ordering='th')", "MaxPooling2D(data_format='channels_first')"),
        ("MaxPooling2D((2, 2), dim_ordering='default')", "MaxPooling2D((2, 2))"),
        ("MaxPooling2D(dim_ordering=K.image_dim_ordering())", "MaxPooling2D(data_format=K.image_data_format())"),
        ("MaxPooling1D(pool_length=2, stride=1)", "MaxPooling1D(pool_size=2, strides=1)"),
        ("Dense(output_dim=3, input_dim=4, b_constraint=c)", "Dense(units=3, input_dim=4, bias_constraint=c)"),
        ("Dropout(p=.5)", "Dropout(rate=.5)"),
        ("GaussianNoise(sigma=.5)", "GaussianNoise(stddev=.5)"),
        (
            "LSTM(output_dim=8, inner_init='zero', dropout_U=.2, consume_less='gpu', input_dim=5, input_length=n+1)",
            "LSTM(units=8, recurrent_initializer='zero', recurrent_dropout=.2, input_shape=(n+1, 5))",
        ),
        ("GRU(3, input_dim=4, forget_bias_init='one')", "GRU(3, input_shape=(None, 4))"),
        ("Embedding(9, 2, input_length=4, dropout=.2)", "Embedding(9, 2, input_length=4)"),
        ("BatchNormalization(mode=0, axis=1)", "BatchNormalization(axis=1)"),
        (
            "SeparableConvolution2D(3, 3, 3, init='normal')",
            "SeparableConvolution2D(3, (3, 3), depthwise_initializer='normal', pointwise_initializer='normal')",
        ),
        ("x = Lambda(f)(Dense(output_dim=Dense(output_dim=3)))", "x = Lambda(f)(Dense(units=Dense(units=3)))"),
    ],
)
def test_arguments_of_layers(before, after):
    check_transformed(HEAD + before + "\n", HEAD + after + "\n", RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import keras\nkeras.models.Model(input=[a], output=b)\n",
            "import keras\nkeras.models.Model(inputs=[a], outputs=b)\n",
        ),
        (
            "from keras.utils import np_utils\nnp_utils.to_categorical(y, nb_classes=3)\n",
            "from keras.utils import np_utils\nnp_utils.to_categorical(y, num_classes=3)\n",
        ),
        (
            "from tensorflow.keras.callbacks import *\nReduceLROnPlateau(epsilon=1)\nModelCheckpoint(f, period=1)\n",
            "from tensorflow.keras.callbacks import *\nReduceLROnPlateau(min_delta=1)\nModelCheckpoint(f)\n",
        ),
    ],
)
def test_arguments_of_others(before, after):
    check_transformed(before, after, RULE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Dense(3, weights=[w, b])", "`weights=` of `Dense`"),
        ("BatchNormalization(mode=2)", "`mode=`"),
        ("MaxPooling2D(dim_ordering=order)", "`order` may be 'tf' or 'th'"),
        ("Dense(units=3, output_dim=3)", "`units=` is given, too"),
    ],
)
def test_what_has_no_counterpart_is_named(source, message):
    check_noop(HEAD + source + "\n", RULE, manual=[(3, message)])


def test_numbers_of_a_kernel_are_strides_in_tensorflow():
    check_noop(
        "from tensorflow.keras.layers import Conv2D\nConv2D(8, 3, 2)\n", RULE, manual=[(2, "sizes of the kernel")]
    )


@pytest.mark.parametrize(
    "source",
    [
        "Conv2D(8, (3, 3), strides=2)",
        "Conv2D(8, 3)",
        "Conv2D(8, (3, 3), (2, 2))",
        "Dense(*a, **k)",
        "Embedding(3, 4, weights=[w])",
    ],
)
def test_arguments_of_today_stay(source):
    check_noop(HEAD + source + "\n", RULE)


def test_a_full_border_is_named():
    done = run(HEAD + "Convolution2D(8, 3, 3, border_mode='full')\n", RULE)
    check_manual(done, [(3, "`padding='full'`")])
