"""The engine of `check`: what an exercise is, running an answer, comparing, what to say.

It knows no exercise; they are in `nnlib.exercises`.
"""
