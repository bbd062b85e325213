"""The helpers of the course: what a lesson needs and does not teach.

``check`` and ``hint`` are about exercises; ``data`` loads data sets, ``training`` runs the
training loop that lesson 08 builds by hand, ``plots`` draws.
"""
