"""A class that is graded in parts, on several machines, gets the grades of one graded whole."""

import pytest

from diptych import cli
from diptych.grading import store, submission
from tests.grading.submissions import notebook, only, write


def test_a_class_graded_in_parts_and_merged_has_the_grades_of_one_graded_whole(
    tmp_path, one_server, capsys, monkeypatch
):
    people = {f"s{n}": notebook(only("relu_pt")) for n in range(5)} | {"s5": notebook()}
    write(tmp_path / "in", people)

    def run(out, *more):
        options = ["--out", f"{tmp_path}/{out}", "--seed=s", "--frameworks=pytorch", *more]
        return cli.main(["grade", f"{tmp_path}/in", *options])

    parts = [f"part{k}" for k in (1, 2)]
    hand = tmp_path / "hand.csv"
    hand.write_text("student,exercise,points\n" + "".join(f"s{n},relu,1\n" for n in range(5)))
    marks = f"--overrides={hand}"  # of the whole class: each part takes its own
    assert [run(part, f"--shard={part[-1]}/2", marks) for part in parts] == [0, 0]
    rows = [(tmp_path / part / "grades.csv").read_text().count("marked by hand") for part in parts]
    assert sum(rows) == 5
    theirs = [(tmp_path / part / "students.csv").read_text().count("\n") - 1 for part in parts]
    assert sum(theirs) == len(people) and min(theirs) > 0
    graded = [f"{tmp_path}/{part}" for part in parts]
    assert cli.main(["merge", *graded, "--out", f"{tmp_path}/whole"]) == 0
    assert f"{len(people)} notebooks" in capsys.readouterr().out
    with monkeypatch.context() as patch:
        patch.setattr(submission, "run", None)  # so that whatever is graded again fails
        assert run("whole") == 0
    assert run("alone") == 0
    for name in ("grades.csv", "students.csv"):
        assert (tmp_path / "whole" / name).read_text() == (tmp_path / "alone" / name).read_text()


def test_parts_with_other_seeds_or_without_a_store_are_not_merged(tmp_path, capsys):
    for part in "ab":
        (tmp_path / part).mkdir()
        with store.opened(tmp_path / part / "grades.sqlite") as db:
            store.seed(db, part)
    for parts, said in (("ab", "different seeds"), ("ac", "has no grades.sqlite")):
        graded = [f"{tmp_path}/{part}" for part in parts]
        assert cli.main(["merge", *graded, "--out", f"{tmp_path}/out"]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "1/2/3", "a/b", "-1/2"])
def test_a_part_is_one_of_so_many(shard, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["grade", "x", "--out", "y", f"--shard={shard}"])
    assert ended.value.code == 2 and "a part of the class is 1/8" in capsys.readouterr().err
