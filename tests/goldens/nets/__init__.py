"""Small models drawn at random: every class of Keras 2.3.1 with each of its arguments, against what it gave itself."""
