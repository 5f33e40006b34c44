"""Draws random scripts: a small functional model, and expressions over its tensors and weights.

A draw is the script's text itself, so that there is nothing between what is drawn, what runs on either side and what a
failing test prints. While it is drawn, only shapes and dependencies are kept in mind.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st

BATCH = 3
SHAPES = [(4,), (5, 3), (6, 6, 2)]
ACTIVATIONS = ["tanh", "sigmoid", "relu", "softmax"]


@dataclass
class Tensor:
    """A name in the script: its shape (the batch's size first) and what it depends on."""

    name: str
    shape: tuple
    of: frozenset = frozenset()
    looped: bool = False  # behind a while loop, whose second derivatives TensorFlow 1 does not have


@dataclass
class Script:
    """The script so far.

    Attributes:
        lines: its text.
        inputs, tensors: of the model.
        layers: name of a layer -> the shape it was built for, what it makes of it, and whether it loops.
        weights: of layers, with the shapes they have.
        variables: those of K.variable.
        expressions: over tensors of the model.
        random: whether dropout makes the training phase random.
    """

    lines: list = field(default_factory=list)
    inputs: list = field(default_factory=list)
    tensors: list = field(default_factory=list)
    layers: dict = field(default_factory=dict)
    weights: list = field(default_factory=list)
    variables: list = field(default_factory=list)
    expressions: list = field(default_factory=list)
    random: bool = False

    def line(self, name, text):
        self.lines.append(f"{name} = {text}")

    def input(self, shape):
        name = f"x{len(self.inputs) + 1}"
        self.line(name, f"keras.layers.Input({shape}, name={name!r})")
        self.inputs.append(Tensor(name, (BATCH, *shape)))
        self.tensors.append(self.inputs[-1])

    def layer(self, made):
        """A layer that is made, to be called later."""
        name = f"layer{len(self.layers) + 1}"
        self.line(name, f"keras.layers.{made.text}")
        self.layers[name] = made
        return name

    def call(self, layer, *tensors):
        """The output of a layer that is called."""
        made, name = self.layers[layer], f"t{len(self.tensors) - len(self.inputs) + 1}"
        given = ", ".join(tensor.name for tensor in tensors)
        self.line(name, f"{layer}([{given}])" if len(tensors) > 1 else f"{layer}({given})")
        weights = {weight.name for weight in self.weights if weight.name.startswith(layer + ".")}
        of = frozenset(weights).union(*(tensor.of | {tensor.name} for tensor in tensors))
        self.tensors.append(Tensor(name, made.shape, of, made.looped or any(tensor.looped for tensor in tensors)))

    def expression(self, text, shape, *of, looped=None):
        name = f"e{len(self.expressions) + 1}"
        self.line(name, text)
        depends = frozenset().union(*(tensor.of | {tensor.name} for tensor in of))
        looped = any(tensor.looped for tensor in of) if looped is None else looped
        self.expressions.append(Tensor(name, shape, depends, looped))


@dataclass
class Made:
    """A layer: its text, the shape of its output, its kernel's shape if it has one, whether it loops, draws."""

    text: str
    shape: tuple
    kernel: tuple | None = None
    looped: bool = False
    random: bool = False
    merges: bool = False


def dense(draw, shape):
    units = draw(st.integers(1, 4))
    text = f"Dense({units}, activation={draw(st.sampled_from(ACTIVATIONS))!r})"
    return Made(text, (*shape[:-1], units), (shape[-1], units))


def normalization(draw, shape):
    return Made("BatchNormalization()", shape, (shape[-1],))


def dropout(draw, shape):
    rate = draw(st.sampled_from([0.0, 0.5]))
    return Made(f"Dropout({rate})", shape, random=rate > 0)


def activation(draw, shape):
    return Made(f"Activation({draw(st.sampled_from(ACTIVATIONS))!r})", shape)


def swish(draw, shape):
    return Made(f"Lambda(lambda t: t * K.sigmoid(t), output_shape={shape[1:]})", shape)


def repeat(draw, shape):
    return Made("RepeatVector(3)", (shape[0], 3, shape[1]))


def recurrent(draw, shape):
    units, sequences, unroll = draw(st.integers(1, 3)), draw(st.booleans()), draw(st.booleans())
    kind, gates = draw(st.sampled_from([("SimpleRNN", 1), ("LSTM", 4), ("GRU", 3)]))
    gated = ", recurrent_activation='sigmoid'" if gates > 1 else ""
    text = f"{kind}({units}, return_sequences={sequences}, unroll={unroll}{gated})"
    made = Made(text, (*shape[: 1 + sequences], units), (shape[-1], units * gates), looped=not unroll)
    if draw(st.booleans()):
        made.text, made.kernel = f"Bidirectional(keras.layers.{text})", None
        made.shape = (*made.shape[:-1], 2 * units)
    return made


def convolution(draw, shape):
    filters, padding = draw(st.integers(1, 3)), draw(st.sampled_from(["same", "valid"]))
    rank = len(shape) - 2
    inner = [size - (2 if padding == "valid" else 0) for size in shape[1:-1]]
    if min(inner) < 1:
        padding, inner = "same", list(shape[1:-1])
    text = f"Conv{rank}D({filters}, 3, padding={padding!r}, activation={draw(st.sampled_from(ACTIVATIONS))!r})"
    return Made(text, (shape[0], *inner, filters), (*[3] * rank, shape[-1], filters))


def by_time(draw, shape):
    made = dense(draw, shape)
    return Made(f"TimeDistributed(keras.layers.{made.text})", made.shape)


def pooling(draw, shape):
    rank, kind = len(shape) - 2, draw(st.sampled_from(["Max", "Average"]))
    if min(shape[1:-1]) >= 2 and draw(st.booleans()):
        return Made(f"{kind}Pooling{rank}D(2)", (shape[0], *(size // 2 for size in shape[1:-1]), shape[-1]))
    return Made(f"Global{kind}Pooling{rank}D()", (shape[0], shape[-1]))


def flatten(draw, shape):
    size = 1
    for axis in shape[1:]:
        size *= axis
    return Made("Flatten()", (shape[0], size))


ANY = [dense, normalization, dropout, activation, swish]
LAYERS = {
    2: [*ANY, repeat],
    3: [*ANY, recurrent, by_time, convolution, pooling, flatten],
    4: [*ANY, convolution, pooling, flatten],
}
MERGES = ["Add()", "Subtract()", "Multiply()", "Average()", "Maximum()", "Concatenate()"]


def add_layer(draw, script):
    """One call of a layer: a new one, one that merges two tensors, or one that is there already."""
    tensor = draw(st.sampled_from(script.tensors))
    others = [other for other in script.tensors if other.shape == tensor.shape and other is not tensor]
    called = [line.split(" = ")[1] for line in script.lines]
    shared = [
        (layer, other)
        for layer, (shape, made) in built(script).items()
        for other in script.tensors
        if other.shape == shape and not made.merges and f"{layer}({other.name})" not in called
    ]
    kinds = ["new", *(["merge"] if others else []), *(["shared"] if shared else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "shared":
        script.call(*draw(st.sampled_from(shared)))
    elif kind == "merge":
        text = draw(st.sampled_from(MERGES))
        shape = (*tensor.shape[:-1], 2 * tensor.shape[-1]) if text == "Concatenate()" else tensor.shape
        script.call(script.layer(Made(text, shape, merges=True)), tensor, draw(st.sampled_from(others)))
    else:
        made = draw(st.sampled_from(LAYERS[len(tensor.shape)]))(draw, tensor.shape)
        script.random |= made.random
        name = script.layer(made)
        if made.kernel:
            script.weights.append(Tensor(f"{name}.weights[0]", made.kernel))
        script.call(name, tensor)


def built(script):
    """The layers that were called, with the shape of what each was called on first."""
    shapes = {}
    for line in script.lines:
        layer, _, given = line.split(" = ")[1].partition("(")
        if layer in script.layers and layer not in shapes:
            first = given.strip("[])").split(", ")[0]
            shape = next(tensor.shape for tensor in script.tensors if tensor.name == first)
            shapes[layer] = (shape, script.layers[layer])
    return shapes


def elementwise(draw, script, tensor):
    name = draw(st.sampled_from(["tanh", "sigmoid", "square", "relu", "abs", "stop_gradient"]))
    script.expression(f"K.{name}({tensor.name})", tensor.shape, tensor)


def reduction(draw, script, tensor):
    name = draw(st.sampled_from(["sum", "mean", "max", "std"]))
    axis = draw(st.sampled_from([None, *range(len(tensor.shape))])) if tensor.shape else None
    keep = draw(st.booleans())
    kept = tuple(
        1 if axis in (None, i) else size for i, size in enumerate(tensor.shape) if keep or axis not in (None, i)
    )
    script.expression(f"K.{name}({tensor.name}, axis={axis}, keepdims={keep})", kept, tensor)


def variable(draw, script, tensor):
    """A K.variable that is multiplied with an expression, and a source of gradients from then on."""
    name = f"v{len(script.variables) + 1}"
    size = tensor.shape[-1]
    script.line(name, f"K.variable(normal(9, {size}))")
    script.variables.append(Tensor(name, (size,)))
    script.expression(f"{tensor.name} * {name}", tensor.shape, tensor, script.variables[-1])


def piece(draw, script, tensor):
    axis = draw(st.integers(0, len(tensor.shape) - 1))
    size = tensor.shape[axis]
    part, left = draw(st.sampled_from([("0", []), ("-1", []), ("::2", [-(-size // 2)]), ("::-1", [size]), (":1", [1])]))
    shape = (*tensor.shape[:axis], *left, *tensor.shape[axis + 1 :])
    script.expression(f"{tensor.name}[{':, ' * axis}{part}]", shape, tensor)


def arithmetic(draw, script, tensor):
    others = [other for other in pool(script) if other.shape in (tensor.shape, ())]
    other = draw(st.sampled_from(others))
    script.expression(f"{tensor.name} {draw(st.sampled_from('+-*'))} {other.name}", tensor.shape, tensor, other)


def gradient(draw, script, tensor):
    """With respect to anything in the script, so that what gradients do not exist is compared, too."""
    reached = [source for source in sources(script) if source.name in tensor.of]
    source = draw(st.sampled_from(reached) if reached and draw(st.integers(0, 9)) else st.sampled_from(sources(script)))
    script.expression(f"gradient({tensor.name}, {source.name})", source.shape, tensor, source, looped=tensor.looped)


def pool(script):
    """What expressions are made of."""
    return [*sources(script), *script.expressions]


def sources(script):
    """What gradients are taken with respect to."""
    return [*script.tensors, *script.weights, *script.variables]


def add_expression(draw, script):
    tensor = draw(st.sampled_from(pool(script)))
    kinds = [elementwise, reduction, arithmetic, *([piece, variable] if tensor.shape else [])]
    # Under a loop only first derivatives, which is what TensorFlow 1 has.
    differentiated = any("gradient(" in line and line.startswith(tensor.name + " ") for line in script.lines)
    if not (tensor.looped and (differentiated or is_of_gradient(script, tensor))):
        kinds = [*kinds, gradient, gradient]
    draw(st.sampled_from(kinds))(draw, script, tensor)


def is_of_gradient(script, tensor):
    """Whether a gradient is among what an expression is made of."""
    made = {line.split(" = ")[0] for line in script.lines if " = gradient(" in line}
    return bool(made & (tensor.of | {tensor.name}))


@st.composite
def scripts(draw):
    """The text of a random script."""
    script = Script()
    for shape in draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=2)):
        script.input(shape)
    for _ in range(draw(st.integers(1, 5))):
        add_layer(draw, script)
    outputs = [tensor for tensor in script.tensors if tensor not in script.inputs]
    for _ in range(draw(st.integers(1, 5))):
        add_expression(draw, script)
    return text_of(script, outputs)


def text_of(script, outputs):
    """The whole text: layers are given weights once the model is built, expressions come after that."""
    built = next((i for i, line in enumerate(script.lines) if line[0] in "ev"), len(script.lines))
    fetched = [*script.expressions, outputs[-1]]
    return "\n".join(
        [
            'K.set_floatx("float64")',
            *script.lines[:built],
            f"layers = [{', '.join(script.layers)}]",
            f"inputs = [{', '.join(x.name for x in script.inputs)}]",
            f"model = keras.models.Model(inputs, [{', '.join(t.name for t in outputs)}])",
            "fill(layers, 0)",
            *script.lines[built:],
            f"values = [{', '.join(f'normal{(seed, *x.shape)}' for seed, x in enumerate(script.inputs))}]",
            f"outputs = {{{', '.join(f'{e.name!r}: {e.name}' for e in fetched)}}}",
            f"results = run(model, layers, inputs, values, outputs, {[0] if script.random else [0, 1]})",
            "",
        ]
    )
