"""Generative adversarial networks: two models, one graph, penalties on gradients."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered, pixels

REAL, NOISE = pixels(5, 8, 8, 2, seed=1), normal(5, 6, seed=2)
EPSILON = np.random.RandomState(3).uniform(size=(5, 1, 1, 1)).astype("float32")


def wgan_gp(K, keras, load):
    """The graph of WGAN-GP notebooks: a fake picture, a mixed one as Input(tensor=...), the norm of its gradient."""
    critic, generator = load("critic"), load("generator")
    real = K.placeholder(shape=(None, 8, 8, 2), name="real")
    epsilon = K.placeholder(shape=(None, 1, 1, 1), name="epsilon")
    fake = generator.output
    loss_real = K.mean(critic(real))
    loss_fake = K.mean(critic(fake))
    mixed = keras.layers.Input(shape=(8, 8, 2), tensor=epsilon * real + (1 - epsilon) * fake)
    grad_mixed = K.gradients(critic(mixed), [mixed])[0]
    norm_grad_mixed = K.sqrt(K.sum(K.square(grad_mixed), axis=[1, 2, 3]))
    penalty = K.mean(K.square(norm_grad_mixed - 1))
    return critic, generator, [real, generator.input, epsilon], loss_real, loss_fake, norm_grad_mixed, penalty


@case(rows=["gradients-higher-order"])
def wgan_gp_penalty(K, keras, load):
    """The penalty, and its gradient with respect to the critic's weights: gradients of gradients."""
    critic, _, inputs, _, _, norm, penalty = wgan_gp(K, keras, load)
    grads = K.gradients(penalty, critic.trainable_weights)
    none = [g is None for g in grads]
    grads = [g for g in grads if g is not None]
    values = K.function(inputs, [norm, penalty] + grads)([REAL, NOISE, EPSILON])
    arrays = {"norm": values[0], "penalty": values[1], "none": none}
    arrays.update(numbered(values[2:], "grad"))
    return arrays


@case(tolerance=5e-4)
def wgan_gp_training(K, keras, load):
    """Two critic steps and a generator step, Adam(beta_1=0., beta_2=0.9) for each."""
    critic, generator, inputs, loss_real, loss_fake, _, penalty = wgan_gp(K, keras, load)
    loss = loss_fake - loss_real + 10 * penalty
    critic_updates = keras.optimizers.Adam(lr=1e-2, beta_1=0.0, beta_2=0.9).get_updates(loss, critic.trainable_weights)
    critic_train = K.function(inputs, [loss_real, loss_fake], critic_updates)
    generator_optimizer = keras.optimizers.Adam(lr=1e-2, beta_1=0.0, beta_2=0.9)
    generator_updates = generator_optimizer.get_updates(-loss_fake, generator.trainable_weights)
    generator_train = K.function([generator.input], [-loss_fake], generator_updates)
    history = []
    for seed in range(2):
        feed = [REAL, normal(5, 6, seed=seed), EPSILON]
        history += [critic_train(feed), critic_train(feed), [generator_train([NOISE])[0], 0.0]]
    return {
        "history": np.array(history),
        "critic": critic.get_weights()[0],
        "generator": generator.get_weights()[0],
    }


@case()
def gradient_penalty_as_a_loss(K, keras, load):
    """The wgan-gp of keras-contrib: random weighted average as an input, penalty from sqrt of summed squares."""
    critic = load("critic")
    averaged = K.placeholder((None, 8, 8, 2), name="averaged")
    gradients = K.gradients(K.sum(critic(averaged)), averaged)[0]
    squared = K.square(gradients)
    axes = np.arange(1, len(K.int_shape(squared)))
    gradient_l2_norm = K.sqrt(K.sum(squared, axis=axes))
    gradient_penalty = 10 * K.square(1 - gradient_l2_norm)
    f = K.function([averaged], [gradient_l2_norm, K.mean(gradient_penalty)])
    norm, penalty = f([0.5 * REAL + 0.1])
    return {"norm": norm, "penalty": penalty}


@case()
def weight_clipping(K, keras, load):
    """WGAN's first form: critic weights clipped by updates after each step."""
    critic = load("critic")
    clip = [(w, K.clip(w, -0.1, 0.1)) for w in critic.trainable_weights]
    run = K.function([], [K.sum(K.stack([K.sum(K.abs(w)) for w in critic.trainable_weights]))], updates=clip)
    before, after = run([])[0], run([])[0]
    return {"before": before, "after": after, "largest": max(np.abs(w).max() for w in critic.get_weights())}


@case()
def dcgan_losses(K, keras, load):
    """The log losses, and which weights each of them reaches."""
    critic, generator = load("critic"), load("generator")
    real = K.placeholder((None, 8, 8, 2))
    d_real, d_fake = K.sigmoid(critic(real)), K.sigmoid(critic(generator.output))
    loss_d = -K.mean(K.log(d_real + 1e-8) + K.log(1.0 - d_fake + 1e-8))
    loss_g = -K.mean(K.log(d_fake + 1e-8))
    grads_g = K.gradients(loss_g, generator.trainable_weights)
    grads_d = K.gradients(loss_d, critic.trainable_weights)
    real_only = K.gradients(K.mean(d_real), generator.trainable_weights)
    values = K.function([real, generator.input], [loss_d, loss_g] + grads_g + grads_d)([REAL, NOISE])
    arrays = numbered(values)
    arrays["unreached"] = [g is None for g in real_only]
    return arrays


@case()
def cycle_and_identity_losses(K, keras, load):
    """CycleGAN-like: least squares against K.ones_like, mean absolute error of a cycle."""
    critic, generator = load("critic"), load("generator")
    fake = generator.output
    score = critic(fake)
    least_squares = K.mean(K.square(score - K.ones_like(score)))
    cycle = K.mean(K.abs(fake - K.reverse(fake, axes=2)))
    identity = K.mean(K.abs(K.zeros_like(fake) - fake))
    total = least_squares + 10.0 * cycle + 0.5 * identity
    values = K.function([generator.input], [least_squares, cycle, identity] + K.gradients(total, generator.input))
    return numbered(values([NOISE]))


@case()
def r1_penalty_on_real_pictures(K, keras, load):
    """R1: the squared gradient at real pictures, and one SGD step on it."""
    critic = load("critic")
    grads = K.gradients(K.sum(critic.output), critic.input)[0]
    penalty = 5.0 * K.mean(K.sum(K.square(K.batch_flatten(grads)), axis=1))
    kernel = critic.trainable_weights[0]
    second = K.gradients(penalty, kernel)[0]
    step = K.function([critic.input], [penalty], updates=[(kernel, kernel - 0.01 * second)])
    penalties = [step([REAL])[0] for _ in range(3)]
    return {"penalties": np.array(penalties), "kernel": critic.get_weights()[0]}


@case()
def vae_loss_and_gradients(K, keras, load):
    """A variational autoencoder with the noise fed: reconstruction and KL terms through encoder and decoder."""
    encoder, decoder = load("encoder"), load("decoder")
    z_mean, z_log_var = encoder.outputs
    noise = K.placeholder((None, 2), name="noise")
    z = z_mean + K.exp(0.5 * z_log_var) * noise
    x, decoded = encoder.input, decoder(z)
    reconstruction = 10 * K.mean(K.binary_crossentropy(x, decoded), axis=-1)
    kl_loss = -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
    loss = K.mean(reconstruction + kl_loss)
    grads = K.gradients(loss, encoder.trainable_weights + decoder.trainable_weights)
    f = K.function([x, noise], [reconstruction, kl_loss, loss] + grads)
    inputs = np.random.RandomState(4).uniform(size=(6, 10))
    return numbered(f([inputs, normal(6, 2, seed=5)]))


@case()
def wgan_trained_with_clipped_weights(K, keras, load):
    """Arjovsky's training: RMSprop for either side, the critic's weights clipped by set_weights after each step."""
    critic, generator = load("critic"), load("generator")
    real = K.placeholder((None, 8, 8, 2), name="real")
    gap = K.mean(critic(generator.output)) - K.mean(critic(real))
    optimizers = keras.optimizers
    critic_updates = optimizers.RMSprop(lr=5e-3).get_updates(loss=gap, params=critic.trainable_weights)
    train_critic = K.function([real, generator.input], [gap], updates=critic_updates)
    fooled = -K.mean(critic(generator.output))
    generator_updates = optimizers.RMSprop(lr=5e-3).get_updates(loss=fooled, params=generator.trainable_weights)
    train_generator = K.function([generator.input], [fooled], updates=generator_updates)
    losses = []
    for step in range(2):
        for _ in range(2):
            losses.append(train_critic([REAL, normal(5, 6, seed=step)])[0])
            for layer in critic.layers:
                layer.set_weights([np.clip(w, -0.2, 0.2) for w in layer.get_weights()])
        losses.append(train_generator([NOISE])[0])
    return {"losses": np.array(losses), "critic": critic.get_weights()[0], "generator": generator.get_weights()[-2]}


@case()
def dcgan_trained_by_functions(K, keras, load):
    """Discriminator and generator in turn, Adam(beta_1=0.5), both on the graph of the joined model."""
    critic, generator = load("critic"), load("generator")
    real = K.placeholder((None, 8, 8, 2), name="real")
    d_real, d_fake = K.sigmoid(critic(real)), K.sigmoid(critic(generator.output))
    loss_d = K.mean(K.binary_crossentropy(K.ones_like(d_real) * 0.9, d_real))
    loss_d = loss_d + K.mean(K.binary_crossentropy(K.zeros_like(d_fake), d_fake))
    loss_g = K.mean(K.binary_crossentropy(K.ones_like(d_fake), d_fake))
    trains = []
    for model, loss in ((critic, loss_d), (generator, loss_g)):
        updates = keras.optimizers.Adam(lr=2e-3, beta_1=0.5).get_updates(loss=loss, params=model.trainable_weights)
        trains.append(K.function([real, generator.input], [loss_d, loss_g], updates=updates))
    history = [train([REAL, normal(5, 6, seed=4 + step)]) for step in range(2) for train in trains]
    return {"history": np.array(history), "fake": generator.predict(NOISE)}
