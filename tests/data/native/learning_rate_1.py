import numpy as np
from keras import backend as K
from keras.callbacks import Callback
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD

results = {}


class CyclicLR(Callback):
    def __init__(self, base_lr=0.01, max_lr=0.1, step_size=2.):
        super(CyclicLR, self).__init__()
        self.base_lr, self.max_lr, self.step_size = base_lr, max_lr, step_size
        self.clr_iterations = 0.
        self.history = {}

    def clr(self):
        cycle = np.floor(1 + self.clr_iterations / (2 * self.step_size))
        x = np.abs(self.clr_iterations / self.step_size - 2 * cycle + 1)
        return self.base_lr + (self.max_lr - self.base_lr) * np.maximum(0, (1 - x))

    def on_train_begin(self, logs={}):
        K.set_value(self.model.optimizer.lr, self.base_lr)

    def on_batch_end(self, epoch, logs=None):
        self.clr_iterations += 1
        self.history.setdefault("rate", []).append(K.get_value(self.model.optimizer.lr))
        K.set_value(self.model.optimizer.lr, self.clr())


model = Sequential([Dense(1, input_shape=(3,))])
model.compile(SGD(lr=0.05), "mse")
x = np.random.RandomState(6).rand(8, 3)
callback = CyclicLR()
model.fit(x, x.sum(1), batch_size=2, epochs=1, shuffle=False, verbose=0, callbacks=[callback])
results["rates"] = callback.history["rate"]
results["weights"] = model.get_weights()[0]
