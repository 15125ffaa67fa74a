"""Which functions an answer must not use, and where its source names them.

``use`` knows the exercises; ``search``, ``source`` and ``names`` do not, because the grader's child
searches with them: they import the standard library alone.
"""
