"""The code that ``f.to_source()`` gives for every function of the catalogue computes what the function does."""

import pytest
from emitted import both, differences, moments_differ
from kerases import KIND, keras

from goldens import registry, store
from k2compat import backend as K
from k2compat.runtime.function import Function
from reference.catalogue import KNOWN_GAPS, use_shapes

pytestmark = pytest.mark.reference

SEED = store.read_manifest()["seed"]

# Use shapes with a function that cannot be emitted, or whose code does something else: case -> why.
KNOWN = {}

# Use shapes that draw numbers: two functions have only their moments in common.
DRAWN = {
    "gradient_through_a_random_tensor",
    "k_dropout_itself",
    "random_tensors_have_their_moments",
    "shared_draw_of_a_random_tensor",
    "vae_sampling_lambda",
}

# Run by default: one or two of each group, the quick ones.
QUICK = {
    "grad_cam_of_the_book",
    "grad_cam_guided_with_tensorflow_functions",
    "saliency_of_both_siamese_inputs",
    "deepdream_of_the_keras_examples",
    "gram_matrices_of_every_block",
    "activations_of_every_layer",
    "mc_dropout",
    "vae_sampling_lambda",
    "dqn_huber_with_switch",
    "dcgan_losses",
    "hot_flip",
    "triplet_and_contrastive_losses",
    "custom_optimizer",
    "hessian_vector_product",
    "virtual_adversarial_training",
}


def parameters():
    for name, case in use_shapes().items():
        marks = [] if name in QUICK else [pytest.mark.slow]
        reason = KNOWN.get(name) or KNOWN_GAPS.get((KIND, name))
        if reason:
            marks.append(pytest.mark.xfail(reason=reason, strict=True))
        yield pytest.param(case, id=f"{case.group}-{name}-{KIND}", marks=marks)


@pytest.mark.filterwarnings("ignore")  # of Keras, on what was the way to write it, and of tracing often
@pytest.mark.parametrize("case", list(parameters()))
def test_emitted_code_computes_the_same(case, monkeypatch, fresh_session):
    call, seen, told = Function.__call__, set(), []

    def compared(function, inputs=()):
        if function in seen:
            return call(function, inputs)
        seen.add(function)
        values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        results = []
        found, expected = both(function, values, lambda _: results.append(call(function, inputs)) or results[0])
        told.append((found, expected))
        return results[0]

    monkeypatch.setattr(Function, "__call__", compared)
    registry.run_case(case, K, keras, SEED)
    if case.name in DRAWN:
        assert any(differences(*pair) for pair in told), "nothing is drawn; take it off the list"
        assert not any(moments_differ(*pair) for pair in told)
    else:
        assert [differences(*pair) for pair in told] == [[]] * len(told)


def test_lists_name_use_shapes():
    assert {*KNOWN, *DRAWN, *QUICK} <= set(use_shapes())
