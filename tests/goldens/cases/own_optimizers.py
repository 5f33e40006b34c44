"""Optimizers that people wrote with a get_updates or get_gradients of their own, run by fit and train_on_batch."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered
from .optimizers import X, Y, dense, fitted, network


def decayed_adam(K, optimizer, lr, t, params, grads):
    """The updates of slots and weights of Adam with decoupled weight decay; leaves its state on the optimizer."""
    lr_t = lr * (K.sqrt(1.0 - K.pow(optimizer.beta_2, t)) / (1.0 - K.pow(optimizer.beta_1, t)))
    ms = [K.zeros(K.int_shape(p), dtype=K.dtype(p), name="m_%d" % i) for i, p in enumerate(params)]
    vs = [K.zeros(K.int_shape(p), dtype=K.dtype(p), name="v_%d" % i) for i, p in enumerate(params)]
    updates = []
    optimizer.weights = [optimizer.iterations] + ms + vs
    for p, g, m, v in zip(params, grads, ms, vs):
        m_t = (optimizer.beta_1 * m) + (1.0 - optimizer.beta_1) * g
        v_t = (optimizer.beta_2 * v) + (1.0 - optimizer.beta_2) * K.square(g)
        step = m_t / (K.sqrt(v_t) + optimizer.epsilon)
        if K.ndim(p) > 1:
            step += optimizer.weight_decay * p
        updates += [K.update(m, m_t), K.update(v, v_t)]
        new_p = p - lr_t * step
        if getattr(p, "constraint", None) is not None:
            new_p = p.constraint(new_p)
        updates.append(K.update(p, new_p))
    return updates


def warm_up(K, keras):
    """Adam with weight decay and a rate that rises and falls, as the BERT implementations had it."""

    class AdamWarmup(keras.optimizers.Optimizer):
        def __init__(
            self,
            decay_steps=20,
            warmup_steps=3,
            min_lr=0.001,
            lr=0.05,
            beta_1=0.9,
            beta_2=0.99,
            weight_decay=0.1,
            **kwargs,
        ):
            learning_rate = kwargs.pop("learning_rate", lr)
            super(AdamWarmup, self).__init__(**kwargs)
            with K.name_scope(self.__class__.__name__):
                self.decay_steps = K.variable(decay_steps, name="decay_steps")
                self.warmup_steps = K.variable(warmup_steps, name="warmup_steps")
                self.min_lr = K.variable(min_lr, name="min_lr")
                self.iterations = K.variable(0, dtype="int64", name="iterations")
                self.learning_rate = K.variable(learning_rate, name="learning_rate")
                self.beta_1 = K.variable(beta_1, name="beta_1")
                self.beta_2 = K.variable(beta_2, name="beta_2")
                self.weight_decay = K.variable(weight_decay, name="weight_decay")
            self.epsilon = K.epsilon()

        def get_updates(self, loss, params):
            grads = self.get_gradients(loss, params)
            self.updates = [K.update_add(self.iterations, 1)]
            t = K.cast(self.iterations, K.floatx()) + 1
            lr = K.switch(
                t <= self.warmup_steps,
                self.lr * (t / self.warmup_steps),
                self.min_lr + (self.lr - self.min_lr) * (1.0 - K.minimum(t, self.decay_steps) / self.decay_steps),
            )
            self.updates += decayed_adam(K, self, lr, t, params, grads)
            return self.updates

        def get_config(self):
            config = {
                "learning_rate": float(K.get_value(self.learning_rate)),
                "beta_1": float(K.get_value(self.beta_1)),
            }
            base_config = super(AdamWarmup, self).get_config()
            return dict(list(base_config.items()) + list(config.items()))

    return AdamWarmup


@case()
def warmed_up_adam_with_weight_decay(K, keras, load):
    """Its own class, under fit with two outputs, sample weights, metrics, penalties and a last smaller batch."""
    x = keras.layers.Input((4,))
    hidden = dense(keras, 3, 3, 4, activation="tanh", kernel_regularizer="l2")(x)
    dropped = keras.layers.BatchNormalization(momentum=0.8)(hidden)
    outputs = [
        dense(keras, 2, 4, 3, kernel_constraint=keras.constraints.UnitNorm())(dropped),
        dense(keras, 1, 5, 3)(dropped),
    ]
    model = keras.models.Model(x, outputs)
    model.compile(warm_up(K, keras)(clipvalue=0.2), ["mse", "mae"], loss_weights=[1.0, 0.5])
    weights = [np.linspace(0.2, 2.0, 12), np.ones(12)]
    history = model.fit(X, [Y, Y[:, :1]], batch_size=5, epochs=3, shuffle=False, verbose=0, sample_weight=weights)
    config = model.optimizer.get_config()
    return dict(
        numbered(model.get_weights(), "weight"),
        loss=history.history["loss"],
        state=np.hstack([np.ravel(value) for value in model.optimizer.get_weights()]),
        names=sorted(config),
        config=[config["learning_rate"], config["clipvalue"]],
    )


@case()
def rate_of_an_own_optimizer_changed_by_callbacks(K, keras, load):
    """K.set_value of lr in a callback and between batches, and an optimizer that is compiled again."""
    model = network(keras)
    optimizer = warm_up(K, keras)(lr=0.1)
    model.compile(optimizer, "mse")

    class Falling(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            K.set_value(self.model.optimizer.lr, 0.1 / (1 + epoch))

    results = fitted(model, "scheduled_", epochs=3, callbacks=[Falling()])
    losses = []
    for rate in (0.01, 0.2, 0.0):
        K.set_value(model.optimizer.lr, rate)
        losses.append(model.train_on_batch(X, Y))
    model.compile(optimizer, "mae")
    K.set_value(optimizer.lr, 0.03)
    losses = np.array(losses, "float32")
    return dict(results, losses=losses, steps=K.get_value(optimizer.iterations), **fitted(model, "again_"))


@case()
def multiplied_rates_of_layers(K, keras, load):
    """A wrapper that asks the optimizer in it for updates group by group, with other rates set for a while."""

    class Multiplied(keras.optimizers.Optimizer):
        def __init__(self, optimizer, multipliers, **kwargs):
            super(Multiplied, self).__init__(**kwargs)
            self._optimizer, self._multipliers = optimizer, multipliers

        @property
        def lr(self):
            return self._optimizer.lr

        @lr.setter
        def lr(self, value):
            self._optimizer.learning_rate = value

        def get_updates(self, loss, params):
            groups = {}
            for param in params:
                groups.setdefault(self._multipliers[K.ndim(param)], []).append(param)
            self.updates, self.weights, rate = [], [], self.lr
            for multiplier, group in sorted(groups.items()):
                self.lr = rate * multiplier
                with K.name_scope("Group_%s" % multiplier):
                    self.updates += self._optimizer.get_updates(loss, group)
                for w in self._optimizer.weights:
                    if all(w is not other for other in self.weights):
                        self.weights.append(w)
            self.lr = rate
            return self.updates

        def get_config(self):
            return dict(self._optimizer.get_config(), multipliers=self._multipliers)

    results = {}
    for name in ("SGD", "Adam", "RMSprop"):
        model = network(keras)
        inner = getattr(keras.optimizers, name)(lr=0.05)
        model.compile(Multiplied(inner, {1: 0.1, 2: 2.0}), "mse", metrics=["mae"])
        results.update(fitted(model, name + "_"))
        results[name + "_steps"] = int(K.get_value(inner.iterations))
        results[name + "_state"] = len(model.optimizer.weights)
    return results


@case()
def gathered_gradients(K, keras, load):
    """Gradients of several batches gathered for one step of the optimizer inside, whose settings become expressions."""

    class Gathering(keras.optimizers.Optimizer):
        def __init__(self, optimizer, steps_per_update=1, **kwargs):
            super(Gathering, self).__init__(**kwargs)
            self.optimizer = optimizer
            with K.name_scope(self.__class__.__name__):
                self.steps_per_update = steps_per_update
                self.iterations = K.variable(0, dtype="int64", name="iterations")
                self.cond = K.equal(self.iterations % self.steps_per_update, 0)
                self.learning_rate = self.optimizer.lr
                self.optimizer.learning_rate = K.switch(self.cond, self.optimizer.lr, 0.0)
                for attr in ["momentum", "rho", "beta_1", "beta_2"]:
                    if hasattr(self.optimizer, attr):
                        value = getattr(self.optimizer, attr)
                        setattr(self, attr, value)
                        setattr(self.optimizer, attr, K.switch(self.cond, value, 1 - 1e-7))

                def get_gradients(loss, params):
                    return [gathered / self.steps_per_update for gathered in self.gathered]

                self.optimizer.get_gradients = get_gradients

        def get_updates(self, loss, params):
            self.updates = [
                K.update_add(self.iterations, 1),
                K.update_add(self.optimizer.iterations, K.cast(self.cond, "int64")),
            ]
            self.gathered = [K.zeros(K.int_shape(p), dtype=K.dtype(p)) for p in params]
            grads = self.get_gradients(loss, params)
            for g, gathered in zip(grads, self.gathered):
                self.updates.append(K.update(gathered, K.switch(self.cond, g, gathered + g)))
            self.updates.extend(self.optimizer.get_updates(loss, params)[1:])
            self.weights.extend(self.optimizer.weights)
            return self.updates

    results = {}
    for name, options in (("SGD", {"momentum": 0.9, "lr": 0.1}), ("Adam", {"lr": 0.02})):
        model = network(keras)
        model.compile(Gathering(getattr(keras.optimizers, name)(**options), 2), "mse")
        results.update(fitted(model, name + "_", epochs=3))
    return results


@case()
def weight_decay_by_a_wrapped_update(K, keras, load):
    """A subclass of Adam made by a function, which puts a function of its own in the place of K.update for a while."""

    def extended(base):
        class Decaying(base):
            def __init__(self, *args, **kwargs):
                self.weight_decay_rate = kwargs.pop("weight_decay_rate", 0.1)
                super(Decaying, self).__init__(*args, **kwargs)

            @K.symbolic
            def get_updates(self, loss, params):
                old_update = K.update

                def new_update(x, new_x):
                    if any(x is p for p in params) and K.ndim(x) > 1:
                        new_x = new_x - self.learning_rate * self.weight_decay_rate * x
                    return old_update(x, new_x)

                K.update = new_update
                updates = super(Decaying, self).get_updates(loss, params)
                K.update = old_update
                return updates

            def get_config(self):
                config = {"weight_decay_rate": self.weight_decay_rate}
                return dict(super(Decaying, self).get_config(), **config)

        return Decaying

    results = {}
    for name in ("Adam", "SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam"):
        model = network(keras)
        model.compile(extended(getattr(keras.optimizers, name))(lr=0.05), "mse")
        results.update(fitted(model, name + "_"))
        config = model.optimizer.get_config()
        results[name + "_config"] = sorted(config)
        results[name + "_values"] = [float(config[key]) for key in sorted(config)]
    return results


@case()
def centred_gradients(K, keras, load):
    """get_gradients overridden in a subclass, and replaced on an instance."""

    class Centred(keras.optimizers.SGD):
        def get_gradients(self, loss, params):
            grads = super(Centred, self).get_gradients(loss, params)
            return [g - K.mean(g, axis=0, keepdims=True) if len(g.shape) > 1 else g for g in grads]

    model, second = network(keras), network(keras)
    model.compile(Centred(lr=0.1, momentum=0.8, decay=0.1, clipnorm=0.7), "mse")
    optimizer = keras.optimizers.Adam(lr=0.05)

    def normalized(loss, params):
        grads = K.gradients(loss, params)
        norm = K.sqrt(sum([K.sum(K.square(g)) for g in grads])) + K.epsilon()
        return [g / norm for g in grads]

    optimizer.get_gradients = normalized
    second.compile(optimizer, "mse")
    return dict(fitted(model, "class_"), **fitted(second, "instance_"))


@case()
def updates_of_a_base_class_and_more(K, keras, load):
    """super().get_updates and what comes behind it; the settings are variables, the state is asked for."""

    class Shrinking(keras.optimizers.SGD):
        def get_updates(self, loss, params):
            self.updates = super(Shrinking, self).get_updates(loss, params)
            shrunk = K.variable(1.0)
            self.updates.append(K.update(shrunk, shrunk * (1.0 - self.momentum * self.lr) / (1.0 + self.decay)))
            self.weights.append(shrunk)
            return self.updates

    model = network(keras)
    model.compile(Shrinking(lr=0.1, momentum=0.8, decay=0.25), "mse")
    results = fitted(model, "shrinking_")
    results["state"] = np.hstack([np.ravel(value) for value in model.optimizer.get_weights()])
    values, settings = [], model.optimizer
    for setting in (settings.momentum, settings.decay, settings.lr):
        values.append(float(K.get_value(setting)))
    return dict(results, settings=values)


@case()
def layerwise_adaptive_rates(K, keras, load):
    """LARS, with a loss added to the model, by train_on_batch; and an old order of arguments."""

    class LARS(keras.optimizers.Optimizer):
        def __init__(self, lr, momentum=0.9, weight_decay=0.01, eeta=0.1, epsilon=0.0, nesterov=False, **kwargs):
            super(LARS, self).__init__(**kwargs)
            with K.name_scope(self.__class__.__name__):
                self.iterations = K.variable(0, dtype="int64", name="iterations")
                self.learning_rate = K.variable(lr, name="lr")
                self.momentum = K.variable(momentum, name="momentum")
                self.weight_decay = K.variable(weight_decay, name="weight_decay")
                self.eeta = K.variable(eeta, name="eeta")
            self.epsilon, self.nesterov = epsilon, nesterov

        def get_updates(self, params, loss):
            grads = self.get_gradients(loss, params)
            weights = self.get_weights()
            self.updates = [K.update_add(self.iterations, 1)]
            moments = [K.zeros(K.int_shape(param), dtype=K.dtype(param)) for param in params]
            self.weights = [self.iterations] + moments
            for param, grad, moment in zip(params, grads, moments):
                w_norm = (
                    K.sqrt(K.sum([K.sum(K.square(weight)) for weight in weights]))
                    if weights
                    else K.sqrt(K.sum(K.square(param)))
                )
                g_norm = K.sqrt(K.sum(K.square(grad)))
                ratio = K.switch(
                    w_norm * g_norm > 0, self.eeta * w_norm / (g_norm + self.weight_decay * w_norm + self.epsilon), 1.0
                )
                scaled = self.lr * ratio
                velocity = self.momentum * moment + scaled * (grad + self.weight_decay * param)
                self.updates.append(K.update(moment, velocity))
                new_param = param - (self.momentum * velocity + scaled * grad if self.nesterov else velocity)
                self.updates.append(K.update(param, new_param))
            return self.updates

    model = network(keras)
    model.add_loss(0.1 * K.mean(K.square(model.layers[1].output)))
    model.compile(LARS(0.3), "mse", metrics=["mae"])
    losses = [model.train_on_batch(X[i : i + 4], Y[i : i + 4]) for i in (0, 4, 8, 0)]
    return dict(
        numbered(model.get_weights(), "weight"),
        losses=np.array(losses, "float32"),
        steps=K.get_value(model.optimizer.iterations),
    )


@case()
def own_optimizer_of_two_networks(K, keras, load):
    """A generator and a discriminator that is frozen after it was compiled, both with one optimizer of one's own."""
    optimizer = warm_up(K, keras)(lr=0.02)
    discriminator, generator = network(keras), keras.models.Sequential([dense(keras, 4, 6, 3, input_shape=(3,))])
    discriminator.compile(optimizer, "mse", metrics=["mae"])
    discriminator.trainable = False
    noise = keras.layers.Input((3,))
    combined = keras.models.Model(noise, discriminator(generator(noise)))
    combined.compile(optimizer, "mse")
    losses = []
    for step in range(3):
        made = generator.predict(normal(6, 3, seed=20 + step))
        losses += discriminator.train_on_batch(np.vstack([X[:6], made]), np.vstack([Y[:6], 0 * Y[:6]]))
        losses.append(combined.train_on_batch(normal(6, 3, seed=30 + step), Y[:6]))
    return dict(
        numbered(discriminator.get_weights(), "discriminator"),
        losses=np.array(losses, "float32"),
        steps=K.get_value(optimizer.iterations),
        **numbered(generator.get_weights(), "generator"),
    )


@case()
def own_optimizer_with_a_rate_as_attribute(K, keras, load):
    """Attributes set before the base class is called; a float as learning rate; only pairs as updates; no state."""

    class Signed(keras.optimizers.Optimizer):
        def __init__(self, rate=0.01, **kwargs):
            self.rate, self.seen = rate, []
            super(Signed, self).__init__(**kwargs)
            self.learning_rate = rate

        def get_updates(self, loss, params):
            grads = K.gradients(loss, params)
            self.seen.append(len(params))
            return [(p, p - self.learning_rate * K.sign(g)) for p, g in zip(params, grads)]

    model = network(keras)
    model.layers[1].trainable = False
    model.compile(Signed(0.05), "mae")
    model.layers[1].trainable = True
    results = fitted(model)
    return dict(results, seen=model.optimizer.seen, config=sorted(model.optimizer.get_config()))
