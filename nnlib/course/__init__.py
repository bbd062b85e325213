"""What authors and instructors run: read notebooks, fill their holes, run and check them.

A lesson is a notebook with named holes; an answer is code that fills a hole. A learner's notebook,
the solutions and a submission are the same kind of thing: a set of answers by name.
"""
