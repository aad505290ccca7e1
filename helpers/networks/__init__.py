"""Networks in Keras 3: the only floor of the course that imports Keras.

Each room is imported by its name, ``from helpers.networks import export``, so that what
needs no Keras, `exported` for one, is read without it.
"""
