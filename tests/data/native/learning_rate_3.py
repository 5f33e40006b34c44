import numpy as np
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import SGD

results = {}
a = Input((2,))
model = Model(a, Dense(1)(a))
opt = SGD(lr=0.1, momentum=0.9)
model.compile(opt, loss="mse")
x = np.random.RandomState(8).rand(4, 2)
for step in range(3):
    if step == 2:
        old_lr = K.get_value(model.optimizer.lr)
        K.set_value(model.optimizer.lr, old_lr / 10)
        print("Learning rate is now", K.get_value(model.optimizer.lr))
    results["loss%d" % step] = model.train_on_batch(x, x.sum(1))
results["lr"] = K.get_value(opt.lr)
