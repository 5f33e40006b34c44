'''Variational autoencoder for small pictures, after the example of Keras.'''
from __future__ import absolute_import, division, print_function

import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Lambda
from keras.losses import binary_crossentropy
from keras.models import Model
from sklearn.datasets import load_digits


# reparameterization trick
def sampling(args):
    z_mean, z_log_var = args
    batch = K.shape(z_mean)[0]
    dim = K.int_shape(z_mean)[1]
    epsilon = K.random_normal(shape=(batch, dim))
    return z_mean + K.exp(0.5 * z_log_var) * epsilon


digits = load_digits().images.astype('float32') / 16.
x = np.repeat(np.repeat(digits, 2, axis=1), 2, axis=2).reshape(-1, 256)
x_train, x_test = x[:1500], x[1500:]
original_dim, intermediate_dim, latent_dim = 256, 64, 2
batch_size, epochs = 50, 4

# VAE model = encoder + decoder
inputs = Input(shape=(original_dim,), name='encoder_input')
h = Dense(intermediate_dim, activation='relu')(inputs)
z_mean = Dense(latent_dim, name='z_mean')(h)
z_log_var = Dense(latent_dim, name='z_log_var')(h)
z = Lambda(sampling, output_shape=(latent_dim,), name='z')([z_mean, z_log_var])
encoder = Model(inputs, [z_mean, z_log_var, z], name='encoder')

latent_inputs = Input(shape=(latent_dim,), name='z_sampling')
decoded = Dense(intermediate_dim, activation='relu')(latent_inputs)
outputs = Dense(original_dim, activation='sigmoid')(decoded)
decoder = Model(latent_inputs, outputs, name='decoder')

outputs = decoder(encoder(inputs)[2])
vae = Model(inputs, outputs, name='vae_mlp')

# before any training: what the weights begin with gives is the same
print(encoder.predict(x_test[:3])[0])
print(K.eval(K.sum(decoder.layers[-1].kernel)))

reconstruction_loss = binary_crossentropy(inputs, outputs) * original_dim
kl_loss = 1 + z_log_var - K.square(z_mean) - K.exp(z_log_var)
kl_loss = -0.5 * K.sum(kl_loss, axis=-1)
vae.add_loss(K.mean(reconstruction_loss + kl_loss))
vae.compile(optimizer='adam')
vae.fit(x_train, epochs=epochs, batch_size=batch_size, validation_data=(x_test, None), verbose=0)

z_test = encoder.predict(x_test, batch_size=batch_size)[0]
print('codes:', z_test.std(axis=0))

# a grid of made digits
n, digit_size = 6, 16
figure = np.zeros((digit_size * n, digit_size * n))
grid = np.linspace(-2, 2, n)
for i, yi in enumerate(grid):
    for j, xi in enumerate(grid):
        x_decoded = decoder.predict(np.array([[xi, yi]]))
        figure[i * digit_size:(i + 1) * digit_size, j * digit_size:(j + 1) * digit_size] = x_decoded[0].reshape(16, 16)
print('brightness:', figure.mean())
