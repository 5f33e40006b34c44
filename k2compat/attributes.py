"""The attributes that k2compat puts on objects of Keras and TensorFlow: all of them, and what each one holds."""

# On a model: that it was called on symbolic tensors of another shape than it was made for.
ANY_SHAPE = "_k2compat_any_shape"
# On a layer: the batch_input_shape it was made with.
BATCH_SHAPE = "_k2compat_batch_shape"
# On a layer: the full name of the scope it was built in.
BUILT_IN = "_k2compat_built_in"
# On a Keras node: its call, as the engine sees it.
CALL = "_k2compat_call"
# On the input of a Sequential: that it has the value of the tensor which the model was first called on.
CALLED_ON = "_k2compat_called_on"
# On a layer: the functions it was given, each with what was made of it at its first call.
CLOSURES = "_k2compat_closures"
# On a model: targets, sample weights and total loss as symbolic tensors.
COMPILED = "_k2compat_compiled"
# On a layer: the losses that its last call has added.
CALL_LOSSES = "_k2compat_call_losses"
# On the default graph that stands for TensorFlow 1's while eager execution is on.
EAGER = "_k2compat_eager"
# On a graph being traced: the values of the tensors of the functional models called in it.
FORWARD_PASSES = "_k2compat_forward_passes"
# On a call, a node or a loss: the gradients that its operations were given by gradient_override_map.
GRADIENT_MAP = "_k2compat_gradient_map"
# On an evaluation: values of variables that hold while it runs.
HELD = "_k2compat_held"
# On an input layer: that no program made it, but Embedding, as first layer.
IMPLIED = "_k2compat_implied"
# On an Embedding: the input_length it was made with.
INPUT_LENGTH = "_k2compat_input_length"
# On an optimizer: the step counter that a program gave it.
ITERATIONS = "_k2compat_iterations"
# On an optimizer being made: the limits of its gradients.
KEPT = "_k2compat_kept"
# On what runs the losses of a model: the blocks of gradient_override_map around its compile.
LATE = "_k2compat_late"
# On a model: the steps of its training loop, and which calls it took.
LOOP = "_k2compat_loop"
# On a model: the symbolic losses added to it.
LOSSES = "_k2compat_losses"
# On a weight, an input layer, a tensor or a call: its name as Keras 2 gave it.
NAME = "_k2compat_name"
# On the metrics of a model: their names, output by output.
NAMES = "_k2compat_names"
# The beginning of the names of attributes of a model or a layer that a program set itself.
OWN = "_k2compat_own_"
# On a layer: whether it was said to use the learning phase.
PHASED = "_k2compat_phased"
# On a Keras input: that it is one of K.placeholder.
PLACEHOLDER = "_k2compat_placeholder"
# On a layer, model, graph or evaluation: the variables made in its call or its loss, by the line that makes them.
ONCE = "_k2compat_once"
# On an optimizer being made: the learning rate and decay it was given by their old names.
RATE = "_k2compat_rate"
# On a symbolic tensor: the functions by which a session fetches it.
RUNS = "_k2compat_runs"
# On a node: the scope of the layer's call.
SCOPE = "_k2compat_scope"
# On a metric: the static shape of its output.
SHAPE = "_k2compat_shape"
# On the metrics of a model: the static shapes of its outputs.
SHAPES = "_k2compat_shapes"
# The runs of functions of one structure, on a call or variable all of them depend on.
SHARED_RUNS = "_k2compat_shared_runs"
# On a model: what its arrays are checked against, and the compilation and inputs that this holds for.
SIGNATURE = "_k2compat_signature"
# On a tensor: that it is the result of a softmax.
SOFTMAX = "_k2compat_softmax"
# On a Keras input: the call that gives it its value.
SOURCE = "_k2compat_source"
# On a model or an optimizer: the training steps made of an optimizer's own get_updates.
STEPS = "_k2compat_steps"
# On a model: the weights that were trainable when it was compiled.
TRAINED = "_k2compat_trained"
# On a Keras node or layer: the learning phase it was built to run in.
TRAINING = "_k2compat_training"
# On an optimizer: that it has been given to a model.
USED = "_k2compat_used"
# On a layer: the weights it was made with.
WEIGHTS = "_k2compat_weights"
# On a model: the sample_weight_mode it was compiled with.
WEIGHT_MODE = "_k2compat_weight_mode"
# On a model: the target_tensors it was compiled with.
TARGETS = "_k2compat_targets"
# On a model: the training, test and prediction functions of Keras 2, those that a program made and those it set.
FUNCTIONS = "_k2compat_functions"
# On a model: the symbolic tensors that a program added to its metrics, by name.
TENSORS = "_k2compat_tensors"
# On a layer: the losses that it added as expressions of weights, for all its calls.
WEIGHT_LOSSES = "_k2compat_weight_losses"
# On a layer: that its call gives updates to add_update.
UPDATES = "_k2compat_updates"
# On a layer: the updates that it was given outside of its call, each with the symbolic tensors it is conditional on.
KEPT_UPDATES = "_k2compat_kept_updates"
