"""The instructor's side, ``diptych grade``: a folder of submitted notebooks becomes grades.

``batch`` calls the others in their order: ``collect`` with ``find`` and ``chapter`` finds the
notebooks, ``read`` takes the code out, ``diptych.isolation`` runs it, ``marking`` judges the
results, ``store`` keeps them, ``totals`` adds up, and ``report`` writes tables and pages into
private ``files``. ``statuses`` lists how a submission can end. Outside this package, only ``cli``
may import it.
"""
