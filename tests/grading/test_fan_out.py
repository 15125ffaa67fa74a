"""What kills its workers costs nobody else."""

from concurrent.futures import Future

from diptych.grading import fan_out, find, store
from diptych.grading.outcome import Outcome
from diptych.grading.submission import Options
from diptych.isolation.steps import Limits
from tests.grading.submissions import notebook, write


class Mortal:
    """A workforce that a job kills: those that are out at the same time end with it."""

    ahead, isolation = 3, "none"

    def __init__(self):
        self.out = []

    def submit(self, job):
        self.out.append((Future(), job))
        future = self.out[-1][0]
        if len(self.out) == self.ahead:
            self.idle()
        return future

    def result(self, future):
        return future.result()

    def idle(self):
        """All that are out come back together."""
        out, self.out = self.out, []
        for future, job in out:
            if any("deadly" in each.cells[0] for _, each in out):
                future.set_exception(fan_out.Killed())
            else:
                future.set_result(Outcome("", "", job.chapter, "graded"))


def test_what_kills_its_workers_fails_alone_and_costs_nobody_else(tmp_path, monkeypatch):
    monkeypatch.setattr(fan_out, "SILENCE", 0.01)
    made = {name: notebook(first=f"# {name}") for name in ("a", "b", "deadly", "z")}
    for each in made.values():
        each["cells"] = [c for c in each["cells"] if c["id"] == "more"]
    write(tmp_path / "in", made)
    found = list(find.submissions(tmp_path / "in"))
    assert len(found) == len(made)
    options = Options("s", ("pytorch",), Limits(), "none", "deny")
    told = []
    with store.opened(tmp_path / "grades.sqlite") as db:
        fan_out.grade(db, found, {}, options, Mortal(), lambda *news: told.append(news))
        ended = {outcome.student: outcome for outcome in store.outcomes(db)}
    alive = dict.fromkeys(made, "graded")
    assert {name: each.status for name, each in ended.items()} == alive | {"deadly": "killed"}
    assert all(not g.points and "please tell" in g.diagnosis for g in ended["deadly"].grades)
    assert [done for done, *_ in told] == list(range(len(made) + 1))
