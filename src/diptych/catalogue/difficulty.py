"""The kinds of exercises, and the rule that computes how difficult an exercise is."""

HARDEST = 3
# In the order in which a learner meets them: write the formula, predict what happens, find an input
# for which something goes wrong, repair code that is wrong, train a whole network.
KINDS = ("compute", "explain", "break", "repair", "train")
MANY = 4  # from this number of inputs and arguments on, an exercise is harder


def by_rule(exercise) -> int:
    """The difficulty of an :class:`~diptych.catalogue.exercise.Exercise`, from 1 to 3.

    One formula that is applied to each number has difficulty 1. Each of these adds 1:

    - A number of the output depends on several numbers of the input: an axis, broadcasting, a
      layout.
    - The statement fixes the gradient, at a kink for instance.
    - The answer is a layer with weights or state.
    - The answer is random, or differs between training and evaluation.
    - There are at least four inputs and arguments.
    """
    cases = exercise.visible
    harder = (
        not exercise.elementwise or bool(exercise.layouts),
        exercise.gradient is not None,
        any(case.weights or case.held or case.initial or case.state for case in cases),
        any(case.training is not None or case.judge for case in cases),
        len(cases[0].inputs) + len(cases[0].arguments) >= MANY,
    )
    return min(1 + sum(harder), HARDEST)


def dots(difficulty: int) -> str:
    """``●●○`` for 2."""
    return "●" * difficulty + "○" * (HARDEST - difficulty)
