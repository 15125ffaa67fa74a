"""Which functions an answer must not use, and how their use is seen.

While an answer is asked, ``witness`` sees what runs: ``in_torch`` and ``in_tensorflow`` note the
operations, ``codes`` finds the code of public functions. ``operations`` says which of that is
forbidden; ``record`` has recorded which operations belong to which name, with the ``calls`` of
names that need special arguments. ``mentions`` finds forbidden names in the source, which is only
advice; ``dependencies`` tells which statements an answer uses.

What runs in the student's process imports no other room: ``witness`` with its three modules,
``mentions`` and ``dependencies``.
"""
