"""Grading: a folder of untrusted notebooks in, marks and feedback out."""
