"""Grading: a folder of untrusted notebooks in, marks and feedback out.

`engine` grades one submission or many: `warm` runs the answers, in processes that `sandbox` locks
in and that hold no right answers (`slices`), and what they report (`wire`) is judged outside them.
"""
