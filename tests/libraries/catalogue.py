"""The libraries of the page: where each comes from, and how its tests are run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Library:
    """A library at a version.

    Attributes:
        name: of the distribution in the registry.
        version: the one that is judged.
        folder: of its sources, in a folder that is given.
        tests: below that folder, what pytest runs.
        keras: the Keras that judges it.
        options: of pytest.
        needs: distributions that its tests import beside Keras.
        legacy: whether this version runs under the Python of Keras 2.
    """

    name: str
    version: str
    folder: str
    tests: tuple[str, ...] = ("tests",)
    keras: str = "2.3.1"
    options: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    legacy: bool = True


KERAS_BERT_KIN = (
    ("keras-pos-embd", "0.11.0"),
    ("keras-layer-normalization", "0.14.0"),
    ("keras-position-wise-feed-forward", "0.6.0"),
    ("keras-multi-head", "0.27.0"),
    ("keras-embed-sim", "0.8.0"),
    ("keras-transformer", "0.38.0"),
    ("keras-bert", "0.86.0"),
    ("keras-self-attention", "0.46.0"),
    ("keras-gpt-2", "0.17.0"),
    ("keras-xlnet", "0.18.0"),
)
LIBRARIES = (
    Library("innvestigate", "1.0.8", "innvestigate-1.0.8", ("innvestigate/tests",)),
    Library("deeplift", "0.6.13.0", "deeplift-0.6.13.0", needs=("h5py", "nose")),
    Library("eli5", "0.16.0", "eli5-0.16.0", ("tests/test_keras.py",), options=("--noconftest",), legacy=False),
    Library(
        "adversarial-robustness-toolbox",
        "1.3.0",
        "adversarial-robustness-toolbox-1.3.0",
        ("tests/classifiersFrameworks/test_keras.py",),
        options=("--mlFramework=keras",),
    ),
    Library("keras-vis", "0.4.1", "keras-vis-0.4.1", keras="2.2.4"),
    Library("keract", "4.5.2", "keract-4.5.2"),
    Library("keras-rl", "0.4.2", "keras-rl-0.4.2"),
    Library("keras-contrib", "2.0.8", "keras-contrib-2.0.8"),
    *(Library(name, version, f"{name}-{version}") for name, version in KERAS_BERT_KIN),
)
