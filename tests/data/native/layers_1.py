import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Layer
from keras.models import Model

results = {}


class MyLayer(Layer):

    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super(MyLayer, self).__init__(**kwargs)

    def build(self, input_shape):
        # Create a trainable weight variable for this layer.
        self.kernel = self.add_weight(name='kernel',
                                      shape=(input_shape[1], self.output_dim),
                                      initializer='uniform',
                                      trainable=True)
        super(MyLayer, self).build(input_shape)  # Be sure to call this at the end

    def call(self, x):
        return K.dot(x, self.kernel)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.output_dim)


a = Input((3,))
model = Model(a, MyLayer(4)(a))
results["y"] = model.predict(np.random.RandomState(9).rand(2, 3))
results["names"] = [weight.shape[0] for weight in model.get_weights()]
