"""How a notebook that nobody has read runs safely, and sends back only plain values and arrays.

``run`` is the grader's side: it repeats attempts (``attempt``), each in a new child (``process``),
which works in its own folder (``folders``). ``clock`` and ``watch`` measure the child; requests and
replies go over the ``wire``. ``child`` is the other side: it enters the ``sandbox`` before it reads
(``reading``) or runs (``cells``) a cell. Nothing here may import the catalogue, the components or
grading, because the child must not hold any expected answer.
"""
