"""The libraries of the page: where each comes from, how its tests are run, and what its main job is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Library:
    """A library at a version.

    Attributes:
        name: of the distribution in the registry.
        version: the one that is judged; of one that is in no registry, the commit whose sources have to be given.
        tests: below the folder of its sources, what pytest runs; nothing if it has none, or all need downloads.
        keras: the Keras that judges it.
        options: of pytest.
        beside: libraries that it imports, as "name==version".
        legacy: whether this version runs under the Python of Keras 2.
        job: the name of its main job in ``jobs``, "" for none.
        edits: what has to be changed in it by hand: (file, old text, new text).
    """

    name: str
    version: str
    tests: tuple[str, ...] = ("tests",)
    keras: str = "2.3.1"
    options: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    legacy: bool = True
    job: str = ""
    edits: tuple[tuple[str, str, str], ...] = ()

    @property
    def folder(self) -> str:
        """The folder of its sources, in a folder that is given."""
        return f"{self.name}-{self.version}"


TRANSFORMER = (
    "keras-pos-embd==0.11.0",
    "keras-layer-normalization==0.14.0",
    "keras-position-wise-feed-forward==0.6.0",
    "keras-self-attention==0.46.0",
    "keras-multi-head==0.27.0",
    "keras-embed-sim==0.8.0",
)
# What the tests of others compare with.
MULTI_HEAD = ("keras-multi-head==0.27.0", "keras-self-attention==0.46.0")
OF_BERT = (*TRANSFORMER, "keras-transformer==0.38.0")
XL = (
    "keras-transformer-xl==0.13.0",
    "keras-adaptive-softmax==0.7.0",
    "keras-trans-mask==0.3.0",
)
# What later versions of scikit-learn do not have.
DELEGATES = (
    "from sklearn.utils.metaestimators import if_delegate_has_method",
    "def if_delegate_has_method(delegate):\n    return lambda method: method",
)
LIBRARIES = (
    Library("keras-vis", "0.4.1", keras="2.2.4"),
    Library("keras-vis", "0.5.0", keras="2.2.4", job="keras_vis"),
    # The others of its marks train or analyse networks of ImageNet's size.
    Library("innvestigate", "1.0.8", ("innvestigate/tests",), options=("-m", "fast"), job="innvestigate_1"),
    # Written for the Keras in TensorFlow 2 in graph mode.
    Library(
        "innvestigate",
        "2.1.2",
        keras="2.9.0",
        options=("-m", "fast and not vgg16 and not mnist and not imagenet"),
        job="innvestigate_2",
    ),
    Library("deeplift", "0.6.13.0", job="deeplift"),
    Library(
        "eli5",
        "0.13.0",
        ("tests/test_keras.py",),
        options=("--noconftest",),
        job="eli5",
        edits=tuple((f"eli5/{name}.py", *DELEGATES) for name in ("sklearn/permutation_importance", "lime/utils")),
    ),
    Library("eli5", "0.16.0", ("tests/test_keras.py",), options=("--noconftest",), legacy=False),
    Library(
        "adversarial-robustness-toolbox",
        "1.3.0",
        (),
        job="art",
        edits=(
            (
                "art/attacks/evasion/pixel_threshold.py",
                "from scipy._lib.six import xrange, string_types",
                "xrange, string_types = range, str",
            ),
            (
                "art/attacks/evasion/pixel_threshold.py",
                "from scipy.optimize.optimize import _status_message",
                '_status_message = dict.fromkeys(("success", "maxfev", "maxiter"), "")',
            ),
            # The classes of tf_keras are in tf_keras.
            (
                "art/estimators/classification/keras.py",
                """elif "<class 'keras" in str(type(model)):""",
                """elif "keras" in str(type(model)).split(".")[0]:""",
            ),
        ),
    ),
    Library("keract", "4.5.2", job="keract"),
    # It takes what has a length for a list of outputs: the real thing is TensorFlow 1.13 or older.
    Library("keras-rl", "0.4.2", keras="2.2.4", job="keras_rl"),
    Library("keras-contrib", "2.0.8", job="keras_contrib"),
    Library("keras-pos-embd", "0.11.0", job="keras_pos_embd"),
    Library("keras-layer-normalization", "0.14.0", beside=MULTI_HEAD, job="keras_layer_normalization"),
    Library(
        "keras-position-wise-feed-forward",
        "0.6.0",
        beside=(*MULTI_HEAD, "keras-layer-normalization==0.14.0"),
        job="keras_position_wise_feed_forward",
    ),
    Library("keras-self-attention", "0.46.0", job="keras_self_attention"),
    Library("keras-multi-head", "0.27.0", beside=("keras-self-attention==0.46.0",), job="keras_multi_head"),
    Library("keras-embed-sim", "0.8.0", job="keras_embed_sim"),
    Library("keras-transformer", "0.38.0", beside=TRANSFORMER, job="keras_transformer"),
    Library("keras-bert", "0.84.0", options=("--ignore=tests/datasets",), beside=OF_BERT, job="keras_bert"),
    Library("keras-gpt-2", "0.15.0", beside=OF_BERT, job="keras_gpt_2"),
    Library(
        "keras-xlnet",
        "0.18.0",
        options=("--ignore=tests/test_pretrained.py",),
        beside=(*OF_BERT, *XL),
        job="keras_xlnet",
    ),
    Library("mrcnn", "0.2", (), keras="2.2.4", job="mask_rcnn"),
    Library("keras-yolo3", "e6598d1", (), keras="2.2.4", job="yolo3"),
)
