"""The legacy behaviours that goldens have to cover: one row each, in the order of the specification.

Every row is named by at least one case (``@case(rows=[...])``); a test keeps it so.
"""

ROWS = {
    # K.gradients
    "gradients-list": "K.gradients always returns a list, for a tensor, a list or a tuple of variables",
    "gradients-not-scalar": "a loss that is not scalar: the gradient of the sum of its elements",
    "gradients-unreached": "a variable that does not reach the loss: None, known when K.gradients is called",
    "gradients-integer-path": "paths only through argmax, an integer cast, a comparison or stop_gradient: None at once",
    "gradients-of-anything": "with respect to layer outputs, model inputs, placeholders, weights and K.variables",
    "gradients-nested-model": "of a layer inside a nested model, through the outer model's output: None",
    "gradients-embedding": "of an embedding's table: IndexedSlices; k2compat: the dense array",
    "gradients-higher-order": "gradients of gradients work, to any order",
    "gradients-registered": "operations made under gradient_override_map have registered gradients, others have not",
    # K.function
    "function-layer-input": "a Layer object among the inputs stands for its output tensor",
    "function-one-output": "outputs given as one tensor: 2.3.1 returns one array",
    "function-one-input": "inputs given as one tensor, or called with a bare array or a tuple: 2.3.1 accepts all three",
    "function-no-outputs": "outputs []: 2.2.4 returns [], 2.3.1 IndexError; k2compat: []",
    "function-fewer-arrays": "fewer arrays than inputs work if the rest is not needed; else the placeholder is named",
    "function-more-arrays": "more arrays than inputs: the rest is dropped; k2compat: dropped with a warning",
    "function-wrong-shape": "a wrong shape: InvalidArgumentError; k2compat: ValueError naming the input",
    "function-not-an-input": "a placeholder needed but not among the inputs is named when the function is called",
    "function-casts": "float64, int64 and nested lists are cast to the placeholder's dtype",
    "function-intermediate": "an intermediate tensor among the inputs is replaced by what is fed, and beats the input",
    "function-constant-output": "a weight, a constant or a scalar among the outputs gives its current value",
    "function-fetches-feed-dict": "fetches= and feed_dict= are passed on; feed_dict is read at each call",
    "function-unknown-keyword": "an unknown keyword: ValueError",
    "function-live-weights": "weights changed after the function was built are seen by the next call",
    "function-strings": "string placeholders work",
    "function-random": "a fresh draw at each call, one draw shared by all outputs of a call",
    # Updates
    "updates-deferred": "K.update and its kin change nothing until something runs them; pairs are updates too",
    "updates-outputs-first": "outputs are computed before the updates run",
    "updates-in-order": "updates run in order: a later one sees an earlier one's result where it reads the variable",
    "updates-batch-norm": "batch normalization moves its averages only if its updates are passed in",
    # Variables
    "variables-live": "K.variable is live: expressions of it see K.set_value",
    "variables-made": "K.zeros, K.ones and K.random_*_variable give variables",
    "variables-no-iteration": "iterating over a tensor or variable, bool() and len() of a symbolic tensor: TypeError",
    # Learning phase
    "phase-tensor": "K.learning_phase() is a scalar tensor, 0 when unfed; 0, 1, True and 1.0 can be fed",
    "phase-set": "K.set_learning_phase fixes it for what is built afterwards",
    "phase-type": "it is no int until it is set, then it is the int; it hashes",
    "phase-in-train": "K.in_train_phase with the symbolic phase gives a symbolic tensor",
    # Sessions and the rest
    "session-run": "K.get_session().run with a feed_dict gives an array, a list of fetches a list",
    "session-set": "K.set_session of a session with a configuration is accepted",
    "eval-unfed": "K.eval of what needs an unfed placeholder raises, naming it",
    "shape-spellings": "K.int_shape, get_shape().as_list(), _keras_shape and shape[1].value all tell the shape",
    "is-keras-tensor": "K.is_keras_tensor of a placeholder is False, of an array a ValueError",
    "tensor-identity": "== between symbolic tensors is identity",
    "print-tensor": "K.print_tensor prints to stderr at run time and passes its input through",
    "keras-2.1-names": "K.tf, K.image_dim_ordering, K.set_image_dim_ordering and K.get_variable_shape are there",
}
