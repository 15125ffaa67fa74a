"""A process that has imported both frameworks, and forks in milliseconds.

Notebooks are built, tested and graded in its children: kernels come from the provisioner, the
grader asks the client. It must not import any other room: a child may hold neither the components,
because they hold the answers, nor anything that the parent has computed.

Why not ``multiprocessing.forkserver``: its children share one environment, one working folder and
the server's descriptors, and a kernel needs its own of each; nor does it end with its clients,
however these end.
"""
