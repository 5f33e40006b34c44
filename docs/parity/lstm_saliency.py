# Which words decide? Sentiment with an LSTM, and the gradient of the score by the embedded words.
from __future__ import print_function

import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import LSTM, Bidirectional, Dense, Embedding, Input
from keras.layers.core import Dropout
from keras.models import Model
from keras.preprocessing.sequence import pad_sequences
from keras.preprocessing.text import Tokenizer

np.random.seed(7)
tf.set_random_seed(7)

subjects = ['the movie', 'this film', 'the plot', 'her acting', 'the music', 'the ending', 'his performance']
good = ['great', 'wonderful', 'really moving', 'a joy to watch', 'brilliant', 'very funny']
bad = ['terrible', 'boring', 'really awful', 'a waste of time', 'dull', 'not funny at all']
texts, labels = [], []
for subject in subjects:
    for words, label in [(good, 1), (bad, 0)]:
        for word in words:
            texts.append('%s was %s' % (subject, word))
            labels.append(label)
order = np.random.permutation(len(texts))
texts = [texts[i] for i in order]
labels = np.array(labels)[order]

maxlen = 10
tokenizer = Tokenizer(num_words=100)
tokenizer.fit_on_texts(texts)
data = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=maxlen)
max_features = len(tokenizer.word_index) + 1
x_train, y_train, x_test, y_test = data[:64], labels[:64], data[64:], labels[64:]

words = Input(shape=(maxlen,), dtype='int32')
embedded = Embedding(max_features, 16, mask_zero=True, name='embedding')(words)
x = Bidirectional(LSTM(12))(embedded)
x = Dense(8, activation='tanh')(x)
dropped = Dropout(0.5)(x)
score = Dense(1, activation='sigmoid')
model = Model(words, score(x))
# shares its weights, and drops: how sure is the model?
uncertain = Model(words, score(dropped))

model.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['acc'])
history = model.fit(x_train, y_train, batch_size=16, epochs=8, verbose=0, validation_split=0.1)
print('accuracy by epoch:', history.history.get('acc', history.history.get('accuracy')))
print('test:', model.evaluate(x_test, y_test, verbose=0))

embedding = model.get_layer('embedding').output
grads = K.gradients(model.output, embedding)[0]
saliency = K.function([model.input], [K.sqrt(K.sum(K.square(grads), axis=-1)), model.output])
strength, probability = saliency([x_test])
words_of = dict((i, w) for w, i in tokenizer.word_index.items())
for row in range(5):
    best = int(np.argmax(strength[row] * (x_test[row] > 0)))
    print('%.3f' % probability[row][0], words_of[x_test[row][best]])

# Monte Carlo dropout
f = K.function([uncertain.input, K.learning_phase()], [uncertain.output])
draws = np.array([f([x_test, 1])[0] for _ in range(30)])
print('spread:', draws.std(axis=0).mean())
print('without dropout:', f([x_test, 0])[0][:3, 0])
