"""Helpers of the course *Hands-on convolutional networks*.

Three floors; imports only go down:

1. ``ops``, ``kernels``, ``images``, ``colours``: arrays in, arrays out
2. ``datasets``, real data to learn on; (from lesson 06 on) networks and training
3. ``plots``, ``widgets``, ``exercises``: what the learner sees

Importing this package loads nothing else and changes nothing.
"""
