"""The only rooms that import Keras and TensorFlow."""
