"""What goes back through a stack of layers, by TensorFlow's own gradients."""

import numpy as np
import tensorflow as tf
from tensorflow_activations import ACTIVATIONS

from helpers.widgets.parts import flows
from helpers.widgets.parts.random import normals

# Keras has leaky ReLU's slope in float32, where 0.2 is another number; TensorFlow's ELU
# takes exp(x) - 1, which loses its digits near 0.
CURVES = {
    **ACTIVATIONS,
    "leaky_relu": lambda x: tf.maximum(x, 0.2 * x),
    "elu": lambda x: tf.where(x > 0, x, tf.math.expm1(tf.minimum(x, 0.0))),
}


def gradients(stack, weights):
    """What comes out of each layer, the norms of what arrives there, of its weights'.

    ``weights`` are (layers, width, width). The inputs, and the gradient that enters at
    the top, are the first numbers of the stack's seed.
    """
    count, shape = flows.BATCH * stack.width, (flows.BATCH, stack.width)
    x = tf.constant(normals(stack.seed, count).reshape(shape))
    top = normals(stack.seed, count, count).reshape(shape)
    top = tf.constant(top / np.linalg.norm(top))
    kernels = [tf.constant(kernel) for kernel in weights]
    outputs = []
    with tf.GradientTape() as tape:
        tape.watch(kernels)
        for kernel in kernels:
            x = x @ kernel
            if stack.normalise:
                mean, variance = tf.nn.moments(x, 0)
                x = tf.nn.batch_normalization(x, mean, variance, None, None, 0.001)
            x = CURVES[stack.activation](x)
            tape.watch(x)  # a step ends the way back, and yet something arrives at it
            outputs.append(x)
        loss = tf.reduce_sum(x * top)
    found = tape.gradient(
        loss, [*outputs, *kernels], unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    norms = np.array([tf.norm(gradient).numpy() for gradient in found])
    return {
        "outputs": np.stack([output.numpy() for output in outputs]),
        "arrived": norms[: stack.layers],
        "moved": norms[stack.layers :],
    }
