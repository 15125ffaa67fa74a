"""The teacher's side of ``diptych grade``: a folder of submitted notebooks becomes grades.

``batch`` is the way through: ``find`` finds the notebooks and ``chapter`` says which chapter each
is, ``read`` takes the code out, ``diptych.isolation`` runs it, ``marking`` judges what comes back,
``store`` keeps it. ``totals`` adds up, for everybody on the ``roster``; ``report`` and ``pages``
write it down, into private ``files``. ``statuses`` lists how things can end. Nothing outside this
room but ``cli`` may import it.
"""
