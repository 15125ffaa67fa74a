"""The grader: a folder of submitted notebooks becomes grades (``diptych grade``).

:mod:`~diptych.grading.read` finds and reads the notebooks, :mod:`~diptych.grading.run` lets each
run in a forked :mod:`~diptych.grading.child`, which :mod:`~diptych.grading.process` starts, limits
and ends (in :mod:`~diptych.grading.folders` of their own, under the
:mod:`~diptych.grading.watch`), and puts the questions over the :mod:`~diptych.grading.wire`. The
child first searches the :mod:`~diptych.grading.source` for what each answer is made of, by the
:mod:`~diptych.grading.names` in it.
:mod:`~diptych.grading.marking` judges what comes back, :mod:`~diptych.grading.store` keeps it,
:mod:`~diptych.grading.report` writes it down, and :mod:`~diptych.grading.batch` is the way through
all of them. How things can end stands in :mod:`~diptych.grading.statuses`.
"""

__all__ = ["grade"]


def __getattr__(name: str):
    # Late, because it imports the components: the child imports this package, too.
    if name == "grade":
        from diptych.grading.batch import grade

        return grade
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
