"""The probe of the arguments of Keras 1."""

import pytest
from kerases import layers

from repair.probes import probe


@probe
def keras1_arguments():
    with pytest.warns(UserWarning, match="to the Keras 2 API"):
        made = layers.Conv2D(4, 3, 5, border_mode="same", subsample=(2, 2), bias=False)
    assert (made.kernel_size, made.padding, made.strides, made.use_bias) == ((3, 5), "same", (2, 2), False)
