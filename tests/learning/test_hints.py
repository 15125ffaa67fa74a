"""`diptych hint` prints one hint at a time, and then where the solution is."""

from diptych import cli
from tests.learning.terminal import terminal


def test_hints_come_one_at_a_time_and_then_where_the_solution_is(copy, capsys):
    with terminal(copy, "hint", "leaky_relu") as running:
        assert running.end() == 0
    assert running.seen.startswith("Leaky ReLU, hint 1 of 3: Each number has one of two results.")
    assert "hint 2" not in running.seen
    for id in ("leaky-relu", "leaky_relu_tf", "leaky_relu"):
        assert cli.main(["hint", id]) == 0
    second, third, rest = capsys.readouterr().out.split("Leaky ReLU")[1:4]
    assert second.startswith(", hint 2 of 3: Compute both results")
    assert third.startswith(", hint 3 of 3: `torch.where(x > 0, …, …)`")
    assert rest.startswith(" has no more hints.")


def test_hints_end_with_the_section_and_the_solution(copy, capsys):
    for _ in range(4):
        cli.main(["hint", "prelu"])
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Read more: PReLU, in the chapter on rectifiers.",
        "The solution: solutions/activations/rectifiers.ipynb in the book, section “PReLU”.",
    ]
