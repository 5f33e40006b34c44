# In[1]:
import numpy as np
import keras
from keras import backend as K

# In[2]:
results = {}
base = keras.applications.MobileNet(weights=None, input_shape=(32, 32, 3), classes=4)

# In[3]:
layer = base.layers[-6]
get_output = K.function([base.layers[0].input, K.learning_phase()], [layer.output])

# In[4]:
image = np.random.RandomState(33).rand(1, 32, 32, 3)
features = get_output([image, 0])[0]
results["features"] = features

# In[5]:
class_index = 2
class_grads = K.gradients(base.output[:, class_index], base.input)[0]
get_grads = K.function([base.input], [class_grads])

# In[6]:
results["grads"] = get_grads([image])[0] * 1e3
