import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Lambda
from keras.losses import mse
from keras.models import Model

results = {}
original_dim, latent_dim = 6, 2


def sampling(args):
    """Reparameterization trick by sampling from an isotropic unit Gaussian."""
    z_mean, z_log_var = args
    batch = K.shape(z_mean)[0]
    dim = K.int_shape(z_mean)[1]
    # by default, random_normal has mean = 0 and std = 1.0
    epsilon = K.random_normal(shape=(batch, dim)) * 1e-7
    return z_mean + K.exp(0.5 * z_log_var) * epsilon


inputs = Input(shape=(original_dim,), name="encoder_input")
x = Dense(5, activation="relu")(inputs)
z_mean = Dense(latent_dim, name="z_mean")(x)
z_log_var = Dense(latent_dim, name="z_log_var")(x)
z = Lambda(sampling, output_shape=(latent_dim,), name="z")([z_mean, z_log_var])
outputs = Dense(original_dim, activation="sigmoid")(z)
vae = Model(inputs, outputs, name="vae")

# VAE loss = mse_loss + kl_loss
reconstruction_loss = mse(inputs, outputs)
reconstruction_loss *= original_dim
kl_loss = 1 + z_log_var - K.square(z_mean) - K.exp(z_log_var)
kl_loss = K.sum(kl_loss, axis=-1)
kl_loss *= -0.5
vae_loss = K.mean(reconstruction_loss + kl_loss)
vae.add_loss(vae_loss)
vae.compile(optimizer="sgd")
data = np.random.RandomState(0).rand(16, original_dim)
history = vae.fit(data, epochs=3, batch_size=16, shuffle=False, verbose=0)
results["losses"] = np.round(history.history["loss"], 4)
