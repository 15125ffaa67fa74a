"""What right means, and how an answer is found wrong.

The oracle says what must come back, the worker puts the questions to an answer and is the only
code that touches it, the judge compares arrays and names what is wrong; ``check`` does all of it
in the learner's own kernel. The worker must not import the others, because it runs where the
student's code runs; nothing here may import grading or isolation.
"""
