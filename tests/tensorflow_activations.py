"""The activations of ops.py as Keras and TensorFlow have them, to be differentiated."""

import math

import keras
import tensorflow as tf


def sinc(x):
    """Return sin(πx) / (πx) with a gradient at 0 too, which Keras's own has not."""
    angle = math.pi * tf.where(x == 0, tf.ones_like(x), x)
    return tf.where(x == 0, tf.ones_like(x), tf.sin(angle) / angle)


def step(x):
    return keras.ops.cast(keras.ops.greater_equal(x, 0), x.dtype)


# Each of x, and of its setting where it has one.
ACTIVATIONS = {
    "sigmoid": keras.ops.sigmoid,
    "tanh": keras.ops.tanh,
    "step": step,
    "softplus": keras.ops.softplus,
    "relu": keras.ops.relu,
    "softsign": keras.ops.softsign,
    "elu": keras.ops.elu,
    "log_sigmoid": keras.ops.log_sigmoid,
    "swish": keras.activations.silu,
    "sinc": sinc,
    "leaky_relu": keras.ops.leaky_relu,
    "mish": keras.activations.mish,
    "softmax": keras.ops.softmax,
}
SETTINGS = {"elu": "alpha", "leaky_relu": "negative_slope"}


def random_setting(rng, name):
    """Draw a setting; float32, in which TensorFlow keeps slopes, has it exactly."""
    return int(rng.integers(1, 24)) / 16 if name in SETTINGS else None
