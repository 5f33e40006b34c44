import numpy as np
import keras
import keras.backend as K
from keras.layers import Dense
from keras.models import Sequential

results = {}


class LossHistory(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        lr = float(K.get_value(self.model.optimizer.lr))
        K.set_value(self.model.optimizer.lr, lr * 0.5)

    def on_epoch_end(self, epoch, logs=None):
        results["lr%d" % epoch] = K.eval(self.model.optimizer.lr)


def scheduler(epoch):
    if epoch == 1:
        K.set_value(model.optimizer.lr, K.get_value(model.optimizer.lr) * 0.1)
    return K.get_value(model.optimizer.lr)


model = Sequential([Dense(1, input_shape=(2,))])
model.compile(keras.optimizers.SGD(lr=0.2), "mse")
x = np.random.RandomState(7).rand(4, 2)
callbacks = [LossHistory(), keras.callbacks.LearningRateScheduler(scheduler)]
model.fit(x, x.sum(1), epochs=2, batch_size=4, shuffle=False, verbose=0, callbacks=callbacks)
results["weights"] = model.get_weights()[0]
