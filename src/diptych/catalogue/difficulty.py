"""How difficult an exercise is, and what kind of task: told from what is asked, unless its author
says otherwise."""

HARDEST = 3
# In the order in which a learner meets them: write the formula, predict what happens, find an input
# for which something goes wrong, mend what is wrong, train the whole.
KINDS = ("compute", "explain", "break", "repair", "train")
MANY = 4  # inputs and arguments


def by_rule(exercise) -> int:
    """The difficulty of an :class:`~diptych.catalogue.exercise.Exercise`, from 1 to 3.

    One formula, applied to each number, is 1, and each of these makes it harder by 1:

    - A number of the output depends on several of the input: an axis, broadcasting, a layout.
    - The statement fixes the gradient, at a kink for instance.
    - It is a layer, which has weights or keeps a state.
    - It is random, or not the same in training and in evaluation.
    - There are four inputs and arguments or more.
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
