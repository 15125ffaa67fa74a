"""The teacher's side of ``diptych grade``: a folder of submitted notebooks becomes grades.

``batch`` is the way through: ``read`` finds the notebooks, ``diptych.isolation`` runs them,
``marking`` judges what comes back, ``store`` keeps it, ``report`` and ``pages`` write it down;
``statuses`` lists how things can end. Nothing outside this room but ``cli`` may import it.
"""
