"""The catalogue: which golden cases are use shapes, what group each is in, and what cannot be said of some of them.

A use shape is a golden case of one of the modules below; the other modules of ``goldens/cases`` are about single
behaviours of the backend.
"""

from goldens import registry

# Group -> the modules of goldens/cases that hold its use shapes.
GROUPS = {
    "heatmaps": ["heatmaps"],
    "saliency": ["saliency"],
    "DeepDream": ["deepdream"],
    "style transfer": ["style_transfer"],
    "feature extraction": ["features"],
    "MC dropout": ["mc_dropout"],
    "reinforcement learning": ["reinforcement"],
    "GANs": ["gan"],
    "text": ["text"],
    "siamese": ["siamese"],
    "custom training": ["training", "custom_training"],
    "second order": ["second_order"],
}
GROUP_OF_MODULE = {module: group for group, modules in GROUPS.items() for module in modules}

# Golden cases k2compat does not give yet: (Keras, case) -> reason.
KNOWN_GAPS = {
    (
        "keras3",
        "value_of_an_unknown_size",
    ): "Keras 3 needs None itself for an unknown size in a static shape, and None has no .value",
    (
        "keras2",
        "value_of_an_unknown_size",
    ): "Keras and TensorFlow 2 need None itself for an unknown size in a static shape, and None has no .value",
    (
        "keras2",
        "masks_as_tensors",
    ): "the mask of a merging layer is a tensor of Keras 2's own trace, which has no history to be computed from",
}

# Use shapes that the Keras of compat.v1 cannot run, or for which it gives other numbers than Keras 2.3.1: case -> why.
LIVE_GAPS = {
    "custom_optimizer": "the base class of optimizers wants a name",
    "deepdream_with_in_place_addition": "+= on a variable raises, as in Keras 2.3.1; the golden is that of 2.2.4",
    "embeddings_trained_by_every_optimizer": "only the rows of a batch move; Adagrad has another start",
    "gan_with_a_frozen_discriminator": "frozen batch normalization uses its averages, not the batch",
    "gradients_of_the_compiled_loss": "models have no targets",
    "layer_with_a_variable": "trainable_weights of a layer cannot be set",
    "nested_model_by_its_nodes": "a nested model has no node of its own",
    "nodes_of_nested_sequential_models": "a nested model has no node of its own",
    "reinforce_with_adagrad": "the accumulators of Adagrad start at 0.1, not 0",
    "reinforce_without_outputs": "a function without outputs raises, as in Keras 2.3.1; the golden is that of 2.2.4",
    "trained_by_generators": "predict_classes is gone",
    "vae_loss_and_gradients": "a layer called on a K result evaluates the placeholders behind it",
    "vae_with_an_added_loss": "two layers of one name in a model raise",
    "virtual_adversarial_training": "a layer called on a K result evaluates the placeholders behind it",
    "weights_after_training_with_each_optimizer": "Adadelta has another default rate, Adagrad another start",
    "wgan_gp_trained_by_train_on_batch": "TensorFlow has no gradient of a sum over axes given as int64",
}

# Use shapes whose gradients finite differences do not confirm: case, or (Keras, case) -> why.
UNCHECKED = {
    "gradient_norm_layer": "K.gradients is called inside a layer, on tensors of that call",
    "one_draw_shared_by_all_outputs": "a dropout layer draws anew for each value of the loss",
    "wgan_gp_trained_by_train_on_batch": "K.gradients is called inside a loss, on tensors of that call",
    ("keras2", "embedding_saliency"): "what is fed in place of a layer's output has no mask",
    ("keras2", "hot_flip"): "what is fed in place of a layer's output has no mask",
}


def use_shapes():
    """The use shapes by name, in the order of the groups."""
    cases = registry.all_cases().values()
    return {case.name: case for module in GROUP_OF_MODULE for case in cases if case.group == module}


def takes_gradients(case):
    """Whether the code of a case, or of functions of its module that it names, asks for gradients."""
    names = names_in(case.run.__code__, case.run.__globals__, set())
    return bool(names & {"gradients", "get_updates"})


def names_in(code, module, seen):
    """All names that code uses, with those in functions it defines or calls."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            found |= names_in(constant, module, seen)
    for name in code.co_names:
        called = module.get(name)
        if getattr(called, "__module__", "") == module["__name__"] and hasattr(called, "__code__") and name not in seen:
            seen.add(name)
            found |= names_in(called.__code__, module, seen)
    return found
