"""How a notebook that nobody has read runs safely, and only arrays come back.

``run`` is the grader's side: it starts children (``process``, in ``folders`` of their own, under
the ``watch``), and sends requests over the ``wire``. ``child`` is the other side: it enters the
``sandbox`` (``landlock`` for files, ``seccomp`` for system calls) before it runs a cell. Nothing
here may import the catalogue, the components or grading: the child must hold no answer.
"""
