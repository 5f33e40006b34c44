"""Models trained by Keras itself, whose losses and layers were written with K functions."""

from functools import partial

import numpy as np

from ..registry import case
from ..tools import integers, normal, numbered, one_hot


def dense(keras, units, seed, inputs, **kwargs):
    """A dense layer whose weights are the same on either side."""
    kernel = 0.5 * normal(inputs, units, seed=seed)
    return keras.layers.Dense(units, weights=[kernel, np.zeros(units, "float32")], **kwargs)


@case()
def vae_trained_by_fit(K, keras, load):
    """A variational autoencoder whose loss closes over tensors of the model that it trains."""
    encoder, decoder = load("encoder"), load("decoder")
    z_mean, z_log_var = encoder.outputs
    noise = K.constant(normal(4, 2, seed=1))
    z = keras.layers.Lambda(lambda args: args[0] + K.exp(0.5 * args[1]) * noise)([z_mean, z_log_var])
    model = keras.models.Model(encoder.input, decoder(z))

    def vae_loss(x, decoded):
        reconstruction = 10 * K.mean(K.binary_crossentropy(x, decoded), axis=-1)
        kl_loss = -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
        return reconstruction + kl_loss

    model.compile(optimizer=keras.optimizers.SGD(0.01), loss=vae_loss)
    x = np.random.RandomState(2).uniform(size=(8, 10))
    history = model.fit(x, x, batch_size=4, epochs=3, shuffle=False, verbose=0)
    return dict(numbered(model.get_weights(), "weight"), loss=history.history["loss"])


@case()
def wgan_gp_trained_by_train_on_batch(K, keras, load):
    """The critic of a WGAN-GP: three outputs, the third one's loss the gradient penalty of averaged samples."""
    layers = keras.layers

    class WeightedAverage(layers.Layer):
        def call(self, inputs):
            return 0.3 * inputs[0] + 0.7 * inputs[1]

        def compute_output_shape(self, input_shape):
            return input_shape[0]

    def wasserstein_loss(y_true, y_pred):
        return K.mean(y_true * y_pred)

    def gradient_penalty_loss(y_true, y_pred, averaged_samples):
        gradients = K.gradients(y_pred, averaged_samples)[0]
        norm = K.sqrt(K.sum(K.square(gradients), axis=np.arange(1, len(gradients.shape))))
        return K.mean(K.square(1 - norm))

    critic = keras.models.Sequential(
        [dense(keras, 6, 1, 5, activation="tanh", input_shape=(5,)), dense(keras, 1, 2, 6)], name="critic"
    )
    generator = keras.models.Sequential([dense(keras, 5, 3, 2, input_shape=(2,))], name="generator")
    generator.trainable = False
    real, noise = layers.Input((5,)), layers.Input((2,))
    fake = generator(noise)
    averaged = WeightedAverage()([real, fake])
    penalty = partial(gradient_penalty_loss, averaged_samples=averaged)
    penalty.__name__ = "gradient_penalty"
    model = keras.models.Model([real, noise], [critic(real), critic(fake), critic(averaged)])
    model.compile(
        loss=[wasserstein_loss, wasserstein_loss, penalty],
        optimizer=keras.optimizers.SGD(0.05),
        loss_weights=[1, 1, 10],
    )
    ones = np.ones((4, 1), "float32")
    losses = [
        model.train_on_batch([normal(4, 5, seed=10 + i), normal(4, 2, seed=20 + i)], [-ones, ones, 0 * ones])
        for i in range(3)
    ]
    return dict(numbered(critic.get_weights(), "weight"), losses=np.array(losses, "float32"))


@case()
def gradient_norm_layer(K, keras, load):
    """A layer that gives the norm of a gradient: as an output of a K function, and trained as a penalty."""

    class GradNorm(keras.layers.Layer):
        def call(self, inputs):
            target, wrt = inputs
            grads = K.gradients(target, wrt)
            return K.sqrt(K.sum(K.batch_flatten(K.square(grads[0])), axis=1, keepdims=True))

        def compute_output_shape(self, input_shapes):
            return (input_shapes[1][0], 1)

    x = keras.layers.Input((5,))
    score = dense(keras, 1, 2, 6)(dense(keras, 6, 1, 5, activation="tanh")(x))
    model = keras.models.Model(x, [score, GradNorm()([score, x])])
    values, norms = K.function([model.input], model.outputs)([normal(4, 5, seed=3)])
    model.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse")
    targets = [np.zeros((4, 1)), np.ones((4, 1))]
    losses = [model.train_on_batch(normal(4, 5, seed=4 + i), targets) for i in range(3)]
    return dict(numbered(model.get_weights(), "weight"), values=values, norms=norms, losses=np.array(losses, "float32"))


@case()
def gradients_of_the_compiled_loss(K, keras, load):
    """model.total_loss with targets and sample weights fed: how scripts looked at gradients of the weights."""
    model = load("dqn")
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    grads = model.optimizer.get_gradients(model.total_loss, model.trainable_weights)
    inputs = model.inputs + model.targets + model.sample_weights
    f = K.function(inputs, grads + [model.total_loss])
    return numbered(f([normal(6, 4, seed=1), normal(6, 3, seed=2), np.arange(6) / 4.0]))


@case()
def loss_weighted_by_a_variable(K, keras, load):
    """A loss with a K.variable as weight, changed by a callback (annealing) while the model is trained."""
    weight = K.variable(0.0)
    model = load("dqn")

    def annealed(y_true, y_pred):
        return K.mean(K.square(y_true - y_pred), axis=-1) + weight * K.mean(K.abs(y_pred), axis=-1)

    class Annealing(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            K.set_value(weight, K.get_value(weight) + 0.5)
            K.set_value(self.model.optimizer.lr, 0.5 * K.get_value(self.model.optimizer.lr))

    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=annealed)
    x, y = normal(8, 4, seed=3), normal(8, 3, seed=4)
    history = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[Annealing()])
    rate = K.get_value(model.optimizer.lr)
    return dict(numbered(model.get_weights(), "weight"), loss=history.history["loss"], rate=rate)


@case()
def layer_with_a_variable(K, keras, load):
    """A layer whose weight is a K.variable: trained with the rest of its model."""

    class Scale(keras.layers.Layer):
        def build(self, input_shape):
            self.gamma = K.variable(np.linspace(0.5, 1.5, input_shape[-1]), name="gamma")
            self.trainable_weights = [self.gamma]
            super(Scale, self).build(input_shape)

        def call(self, x):
            return x * self.gamma

    x = keras.layers.Input((4,))
    model = keras.models.Model(x, dense(keras, 3, 1, 5)(Scale()(dense(keras, 5, 2, 4, activation="relu")(x))))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    model.fit(normal(8, 4, seed=3), normal(8, 3, seed=4), batch_size=4, epochs=2, shuffle=False, verbose=0)
    return numbered(sorted(model.get_weights(), key=np.shape), "weight")


@case()
def metric_and_regularizer_of_k_functions(K, keras, load):
    """A metric and a regularizer as functions: what evaluate gives, and what training does to the weights."""

    def hits(y_true, y_pred):
        return K.mean(K.equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1)))

    def lasso(kernel):
        return 0.1 * K.sum(K.abs(kernel))

    layer = dense(keras, 3, 1, 4, activation="softmax", input_shape=(4,), kernel_regularizer=lasso)
    model = keras.models.Sequential([layer])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=[hits])
    x, y = normal(8, 4, seed=3), one_hot(integers(3, 8, seed=4), 3)
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    evaluated = np.array(model.evaluate(x, y, verbose=0), "float64")
    return dict(numbered(model.get_weights(), "weight"), evaluated=evaluated)


@case()
def weights_after_training_with_each_optimizer(K, keras, load):
    """Three epochs of fit with every optimizer, at its defaults, with decay and with limited gradients."""
    optimizers = keras.optimizers
    made = {
        "sgd": lambda: optimizers.SGD(lr=0.1, momentum=0.9, nesterov=True, decay=0.01),
        "sgd_clipnorm": lambda: optimizers.SGD(lr=0.1, clipnorm=0.3),
        "rmsprop": lambda: optimizers.RMSprop(lr=0.01),
        "rmsprop_clipvalue": lambda: optimizers.RMSprop(lr=0.01, clipvalue=0.05),
        "adagrad": optimizers.Adagrad,
        "adadelta": optimizers.Adadelta,
        "adam": lambda: optimizers.Adam(lr=0.01, decay=0.1),
        "adam_amsgrad": lambda: optimizers.Adam(lr=0.01, amsgrad=True),
        "adamax": optimizers.Adamax,
        "nadam": optimizers.Nadam,
    }
    x, y = normal(12, 4, seed=5), normal(12, 3, seed=6)
    arrays = {}
    for name, make in made.items():
        model = load("dqn")
        model.compile(optimizer=make(), loss="mse")
        history = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
        arrays[name + "_loss"] = history.history["loss"]
        arrays.update(numbered(model.get_weights(), name))
    return arrays


@case()
def vae_with_an_added_loss(K, keras, load):
    """A variational autoencoder whose loss is added to the model as a symbolic tensor."""
    encoder, decoder = load("encoder"), load("decoder")
    z_mean, z_log_var = encoder.outputs
    model = keras.models.Model(encoder.input, decoder(z_mean))
    kl_loss = -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
    reconstruction = 10 * K.mean(K.binary_crossentropy(encoder.input, model.output), axis=-1)
    model.add_loss(K.mean(reconstruction + kl_loss))
    model.compile(optimizer=keras.optimizers.SGD(0.01))
    x = np.random.RandomState(2).uniform(size=(8, 10)).astype("float32")
    history = model.fit(x, batch_size=4, epochs=3, shuffle=False, verbose=0)
    total = K.function([model.input], [model.total_loss])([x])[0]
    return dict(numbered(model.get_weights(), "weight"), loss=history.history["loss"], total=total)


@case()
def gan_with_a_frozen_discriminator(K, keras, load):
    """The classic: one optimizer, a discriminator that is compiled, then frozen in the model around it."""
    layers, optimizer = keras.layers, keras.optimizers.RMSprop(lr=0.01)

    def normalized(units, seed, inputs, outputs):
        x = layers.Input((inputs,))
        y = dense(keras, units, seed, inputs, activation="tanh")(x)
        y = layers.BatchNormalization(momentum=0.8)(y)
        return keras.models.Model(x, dense(keras, outputs, seed + 1, units)(y))

    discriminator, generator = normalized(6, 1, 4, 1), normalized(5, 3, 2, 4)
    discriminator.compile(loss="mse", optimizer=optimizer, metrics=["mae"])
    discriminator.trainable = False
    noise = layers.Input((2,))
    combined = keras.models.Model(noise, discriminator(generator(noise)))
    combined.compile(loss="mse", optimizer=optimizer)
    ones, losses = np.ones((8, 1)), []
    for step in range(4):
        real, made = normal(8, 4, seed=10 + step), generator.predict(normal(8, 2, seed=20 + step))
        losses.append(np.asarray(discriminator.train_on_batch(real, ones), "float32"))
        losses.append(np.asarray(discriminator.train_on_batch(made, 0 * ones), "float32"))
        losses.append(np.asarray([combined.train_on_batch(normal(8, 2, seed=30 + step), ones)] * 2, "float32"))
    return dict(
        numbered(discriminator.get_weights(), "discriminator"),
        losses=np.stack(losses),
        trained=len(discriminator._collected_trainable_weights),
        order=[K.ndim(weight) for weight in discriminator.weights],
        **numbered(generator.get_weights(), "generator"),
    )


@case()
def embeddings_trained_by_every_optimizer(K, keras, load):
    """Tokens that come twice in a batch, and rows that come in no batch but move on with the moments."""
    results = {}
    for name in ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"):
        tokens = keras.layers.Input((4,), dtype="int32")
        embedded = keras.layers.Embedding(6, 3, embeddings_initializer=keras.initializers.Constant(0.3))(tokens)
        score = dense(keras, 1, 4, 12)(keras.layers.Flatten()(embedded))
        model = keras.models.Model(tokens, score)
        options = {"momentum": 0.9} if name == "SGD" else {}
        model.compile(loss="mse", optimizer=getattr(keras.optimizers, name)(lr=0.05, **options))
        for batch in ([[0, 1, 1, 2], [2, 2, 2, 3]], [[3, 3, 0, 0], [1, 0, 1, 0]], [[4, 4, 4, 4], [4, 0, 0, 0]]):
            model.train_on_batch(np.array(batch), np.array([[1.0], [-1.0]]))
        results.update(numbered(model.get_weights(), name))
    return results


@case()
def trained_by_generators(K, keras, load):
    """fit_generator with a validation, evaluate_generator, predict_generator and predict_classes.

    The loss of an evaluation by generators is left out, for Keras 2.3.1 gives that of the last batch for that of all;
    and so are the values of the validation, for Keras 3 takes batches from its generator ahead of time.
    """

    def batches(seed):
        while True:
            for number in range(3):
                x = normal(4, 3, seed=seed + number).astype("float32")
                yield x, (x[:, :1] > 0).astype("float32")

    model = keras.models.Sequential(
        [dense(keras, 5, 1, 3, activation="tanh", input_shape=(3,)), dense(keras, 1, 2, 5, activation="sigmoid")]
    )
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.SGD(0.1), metrics=["accuracy"])
    history = model.fit_generator(
        batches(10), steps_per_epoch=3, epochs=4, verbose=0, validation_data=batches(20), validation_steps=3, workers=1
    )
    return dict(
        numbered(model.get_weights(), "weight"),
        loss=np.asarray(history.history["loss"], "float32"),
        validations=len(history.history["val_accuracy"]),
        accuracy=np.float32(model.evaluate_generator(batches(20), steps=3)[1]),
        predicted=model.predict_generator(batches(20), steps=3),
        classes=model.predict_classes(normal(6, 3, seed=30)),
        likelihoods=model.predict_proba(normal(6, 3, seed=30)),
    )
