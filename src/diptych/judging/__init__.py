"""Decides whether an answer is right, and says what is wrong.

The oracle computes what must come back. The worker asks the answer the questions, and is the only
code that touches it. The judge compares the arrays, and names what is wrong. ``check`` does all of
this in the learner's own kernel. The worker must not import the others, because it runs where the
student's code runs. Nothing here may import grading or isolation.
"""
