"""Texts: embeddings, recurrent states, attention, and which word mattered."""

import numpy as np

from ..registry import case
from ..tools import drawn, integers, normal, numbered, one_hot

TOKENS = np.array([[4, 7, 1, 29, 3, 0, 0, 0, 0, 0, 0, 0], [5, 5, 2, 8, 13, 21, 17, 9, 1, 6, 0, 0]])


@case()
def embedding_saliency(K, keras, load):
    """Which word mattered: the gradient with respect to the embedding layer's output, through an LSTM with a mask."""
    model = load("text")
    tokens = np.array([[4, 7, 1, 29, 3, 0, 0, 0, 0, 0, 0, 0], [5, 5, 2, 8, 13, 21, 17, 9, 1, 6, 0, 0]])
    embedded = model.get_layer("embedding").output
    grads = K.gradients(model.output[:, 1], embedded)[0]
    f = K.function([model.input], [grads, K.sum(K.abs(grads), axis=-1), model.output])
    grads, per_word, output = f([tokens])
    return {"grads": grads, "per_word": per_word, "output": output, "padding_is_zero": per_word[0, 5:] == 0}


@case()
def attention_weights(K, keras, load):
    """The weights of an intermediate attention layer, and how the answer depends on them."""
    model = load("attention")
    weights = model.get_layer("attention_weights").output
    grads = K.gradients(model.output[:, 1], weights)[0]
    value, grads = K.function([model.input], [weights, grads])([normal(3, 9, 6, seed=4)])
    return {"weights": value, "sums": value.sum(axis=-1), "grads": grads}


@case()
def embedding_lookup_and_similarity(K, keras, load):
    """Vectors of words from the embedding's own weights: K.gather, K.l2_normalize, K.dot."""
    model = load("text")
    table = model.get_layer("embedding").weights[0]
    words = K.placeholder((None,), dtype="int32", name="words")
    vectors = K.l2_normalize(K.gather(table, words), axis=-1)
    similar = K.dot(vectors, K.transpose(K.l2_normalize(table, axis=-1)))
    f = K.function([words], [vectors, similar, K.argmax(similar, axis=-1)])
    vectors, similar, nearest = f([integers(30, 5, seed=5)])
    return {"vectors": vectors, "similar": similar, "nearest": nearest}


@case()
def masked_recurrent_features(K, keras, load):
    """States of an LSTM behind a mask: padding changes nothing."""
    model = load("text")
    f = K.function([model.input], [model.get_layer("lstm").output, model.output])
    tokens = np.array([[3, 9, 27, 1, 0, 0, 0, 0, 0, 0, 0, 0], [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]])
    states, output = f([tokens])
    return {"states": states, "output": output, "predicted": model.predict(tokens)}


def text_cnn(keras):
    """Kim's network: convolutions of several widths over an embedding, the largest value of each."""
    x = keras.layers.Input((12,), dtype="int32", name="tokens")
    embedded = keras.layers.Embedding(30, 6, name="embedding")(x)
    pooled = []
    for width in (2, 3, 4):
        conv = keras.layers.Conv1D(4, width, activation="relu", name="conv%d" % width)(embedded)
        pooled.append(keras.layers.GlobalMaxPooling1D(name="pool%d" % width)(conv))
    y = keras.layers.Dropout(0.5)(keras.layers.concatenate(pooled))
    return drawn(keras.models.Model(x, keras.layers.Dense(3, activation="softmax", name="predictions")(y)), 1)


@case()
def text_cnn_word_importance(K, keras, load):
    """A convolutional classifier: gradient times embedding for each word, in the test phase."""
    model = text_cnn(keras)
    embedded = model.get_layer("embedding").output
    winner = K.max(model.output, axis=-1)
    grads = K.gradients(winner, embedded)[0]
    importance = K.sum(grads * embedded, axis=-1)
    f = K.function([model.layers[0].input, K.learning_phase()], [importance, K.argmax(model.output)])
    importance, classes = f([TOKENS, 0])
    return {"importance": importance, "classes": classes, "top": np.argsort(-np.abs(importance), axis=-1)[:, 0]}


@case()
def text_cnn_n_grams_of_each_filter(K, keras, load):
    """Which n-gram each filter answers to: the position of its largest activation."""
    model = text_cnn(keras)
    outputs = [model.get_layer("conv%d" % width).output for width in (2, 3, 4)]
    f = K.function([model.input], [K.argmax(out, axis=1) for out in outputs] + [K.max(out, axis=1) for out in outputs])
    return numbered(f([TOKENS]))


@case()
def hot_flip(K, keras, load):
    """HotFlip: the gain of every replacement, from the gradient at a word and the embedding's own table."""
    model = load("text")
    layer = model.get_layer("embedding")
    loss = K.sparse_categorical_crossentropy(K.constant([0, 2], dtype="int32"), model.output)
    grads = K.gradients(loss, layer.output)[0]
    table = layer.weights[0]
    gain = K.dot(grads, K.transpose(table)) - K.sum(grads * layer.output, axis=-1, keepdims=True)
    gain = K.function([model.input], [gain])([TOKENS])[0]
    return {"gain": gain, "best": gain[:, :5].reshape(2, -1).argmax(axis=-1)}


@case()
def adversarial_embeddings(K, keras, load):
    """Miyato's perturbation: the embedding moved along its normed gradient is fed in place of the embedding."""
    model = load("attention")
    steps = model.get_layer("steps").output
    target = K.placeholder((None, 2), name="target")
    loss = K.categorical_crossentropy(target, model.output)
    grads = K.gradients(loss, steps)[0]
    norm = K.sqrt(K.sum(K.square(grads), axis=[1, 2], keepdims=True))
    moved = K.stop_gradient(steps + 0.5 * grads / (norm + 1e-8))
    find = K.function([model.input, target], [loss, moved])
    x, y = normal(3, 9, 6, seed=6), one_hot([0, 1, 1], 2)
    before, moved = find([x, y])
    after = K.function([steps, target], [loss])([moved, y])[0]
    return {"before": before, "after": after, "moved": moved}


@case()
def attention_layer_of_k_functions(K, keras, load):
    """The attention layer of many notebooks: add_weight, K.dot, K.tanh, a mask, and its weights read afterwards."""

    class Attention(keras.layers.Layer):
        def build(self, input_shape):
            self.W = self.add_weight(name="W", shape=(input_shape[-1], 1), initializer="normal", trainable=True)
            self.b = self.add_weight(name="b", shape=(input_shape[1], 1), initializer="zeros", trainable=True)
            super(Attention, self).build(input_shape)

        def call(self, x):
            e = K.tanh(K.dot(x, self.W) + self.b)
            a = K.exp(e) / K.cast(K.sum(K.exp(e), axis=1, keepdims=True) + K.epsilon(), K.floatx())
            return [K.sum(x * a, axis=1), K.squeeze(a, -1)]

        def compute_output_shape(self, input_shape):
            return [(input_shape[0], input_shape[-1]), (input_shape[0], input_shape[1])]

    x = keras.layers.Input((9, 6), name="sequence")
    states = keras.layers.Bidirectional(keras.layers.LSTM(4, recurrent_activation="sigmoid", return_sequences=True))(x)
    context, weights = Attention(name="attention")(states)
    model = drawn(keras.models.Model(x, [keras.layers.Dense(2, activation="softmax")(context), weights]), 2)
    grads = K.gradients(model.outputs[0][:, 0], [states, weights])
    f = K.function([model.input], model.outputs + grads[:1])
    arrays = numbered(f([normal(2, 9, 6, seed=7)]))
    arrays["read_only"] = grads[1] is None
    return arrays


@case()
def character_by_character(K, keras, load):
    """lstm_text_generation.py: the next character's distribution at several temperatures, sampled greedily."""
    x = keras.layers.Input((5, 8), name="characters")
    y = keras.layers.LSTM(7, recurrent_activation="sigmoid")(x)
    model = drawn(keras.models.Model(x, keras.layers.Dense(8, activation="softmax")(y)), 3)
    temperature = K.placeholder(shape=(), name="temperature")
    warmed = K.softmax(K.log(model.output + K.epsilon()) / temperature)
    step = K.function([model.input, temperature], [warmed])
    window, written, distributions = list(integers(8, 5, seed=8)), [], []
    for heat in (0.2, 0.5, 1.0, 1.2):
        probabilities = step([one_hot(window[-5:], 8)[np.newaxis], heat])[0][0]
        distributions.append(probabilities)
        written.append(int(np.argmax(probabilities)))
        window.append(written[-1])
    return {"written": written, "distributions": np.stack(distributions)}


@case()
def sequence_to_sequence_states(K, keras, load):
    """lstm_seq2seq.py: the encoder's states start the decoder, which then runs step by step on states that are fed."""
    layers = keras.layers
    encoder_inputs, decoder_inputs = layers.Input((None, 4), name="source"), layers.Input((None, 3), name="target")
    _, state_h, state_c = layers.LSTM(5, recurrent_activation="sigmoid", return_state=True, name="encoder")(
        encoder_inputs
    )
    decoder = layers.LSTM(5, recurrent_activation="sigmoid", return_sequences=True, return_state=True, name="decoder")
    outputs, _, _ = decoder(decoder_inputs, initial_state=[state_h, state_c])
    dense = layers.Dense(3, activation="softmax", name="characters")
    model = drawn(keras.models.Model([encoder_inputs, decoder_inputs], dense(outputs)), 4)
    h, c = layers.Input((5,), name="h"), layers.Input((5,), name="c")
    stepped, new_h, new_c = decoder(decoder_inputs, initial_state=[h, c])
    encode = K.function([encoder_inputs], [state_h, state_c])
    decode = K.function([decoder_inputs, h, c], [dense(stepped), new_h, new_c])
    source = normal(2, 6, 4, seed=9)
    states, token, written = list(encode([source])), np.zeros((2, 1, 3)), []
    for _ in range(4):
        probabilities, h_value, c_value = decode([token] + list(states))
        states, token = [h_value, c_value], one_hot(probabilities.argmax(axis=-1), 3)
        written.append(probabilities[:, 0])
    whole = K.function(model.inputs, [model.output])([source, normal(2, 3, 3, seed=10)])[0]
    return {"written": np.stack(written), "states": states[0], "whole": whole}


@case()
def perplexity_and_its_gradient(K, keras, load):
    """A language model's perplexity over the words that are no padding, differentiated to the embedded words."""
    x = keras.layers.Input((7,), dtype="int32", name="words")
    embedded = keras.layers.Embedding(11, 5, name="embedding")(x)
    y = keras.layers.GRU(6, recurrent_activation="sigmoid", return_sequences=True)(embedded)
    model = drawn(keras.models.Model(x, keras.layers.Dense(11, activation="softmax")(y)), 5)
    following = K.placeholder((None, 7), dtype="int32", name="following")
    mask = K.cast(K.not_equal(following, 0), K.floatx())
    cross_entropy = K.sparse_categorical_crossentropy(following, model.output) * mask
    perplexity = K.exp(K.sum(cross_entropy, axis=-1) / K.sum(mask, axis=-1))
    f = K.function([x, following], [perplexity] + K.gradients(perplexity, embedded))
    words = np.array([[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5, 8, 0, 0, 0, 0]])
    return numbered(f([words[:, :-1], words[:, 1:]]))
