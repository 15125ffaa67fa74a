"""A process that has imported both frameworks, and forks in milliseconds.

Notebooks are built, tested and graded in its children: ``provisioner`` starts Jupyter kernels this
way, the grader calls ``client``. ``server`` makes the ``imports`` and forks; ``forked`` is what a
child runs, ``child`` is the same child seen by the client.

This room must not import any other: a child must hold neither the components, because they hold
the answers, nor anything that the parent has computed.

Why not ``multiprocessing.forkserver``: its children share one environment, one working folder and
the server's descriptors, and a kernel needs its own. It also does not reliably end when its clients
end.
"""
