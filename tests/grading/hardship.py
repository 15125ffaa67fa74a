"""One batch under hardship: its grader, its warm server and its children are killed at random.

``make hardship`` runs it at its full size; ``tests/grading/test_command.py`` a small one.
"""

import argparse
import contextlib
import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.grading import submissions
from tests.processes import parent

OPTIONS = ["--seed=seventeen", "--frameworks=pytorch", "--workers=2"]
PATIENCE = 900  # seconds for one life of a grader
EACH = 10  # submissions for each kill, so that a grader has something left to do


def hand_in(folder, count):
    """``count`` submissions: right, wrong, unreadable, and such that end their child."""
    only, notebook = submissions.only, submissions.notebook
    kinds = [
        lambda n: notebook(only("relu_pt"), first=f"n = {n}"),
        lambda n: notebook({"leaky_relu_pt": submissions.NO_LEAK}, first=f"n = {n}"),
        lambda n: notebook(submissions.RIGHT, first=f"n = {n}"),
        lambda n: notebook(only("relu_pt"), first=f"import os; os._exit({n})"),
        lambda n: b"[" * n,
    ]
    submissions.write(folder, {f"student-{n}": kinds[n % 5](n) for n in range(count)})


def grader(submitted, out):
    call = [sys.executable, "-m", "diptych.cli", "grade", submitted, "--out", out, *OPTIONS]
    return subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def goes_through(process):
    said, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    return said


def rows(out):
    """What is kept: a number for each time that a submission has been graded, and by whom."""
    path = out / "grades.sqlite"
    if not path.exists():
        return {}
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as db:
        try:
            return dict(db.execute("SELECT student, rowid FROM submission"))
        except sqlite3.OperationalError:  # killed before there was a table
            return {}


def graded(out):
    """How many submissions are kept, as far as can be seen while a grader has the store."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(
            sqlite3.connect(f"file:{out}/grades.sqlite?immutable=1", uri=True)
        ) as db,
    ):
        return db.execute("SELECT count(*) FROM submission").fetchone()[0]
    return 0


def undisturbed(submitted, out):
    goes_through(grader(submitted, out))
    return (out / "grades.csv").read_bytes()


def kill_graders(submitted, out, kills, dice):
    """Kill ``kills`` graders at work, one after the other, at random moments; then let one finish.

    Yields how many submissions each of them has left graded.
    """
    kept, count = {}, len(list(submitted.iterdir()))
    for left in range(kills, 0, -1):
        # So few more that the batch does not come to its end before the kills do.
        more = dice.randint(0, (count - len(kept)) // (left + 1))
        with grader(submitted, out) as process:
            while more and process.poll() is None and graded(out) < len(kept) + more:
                time.sleep(0.02)
            time.sleep(dice.uniform(0, 0.3 if more else 1.0))
            assert process.poll() is None, "the batch is at its end before the kills: hand in more"
            process.kill()
        found = rows(out)
        assert found.items() >= kept.items(), "what was kept is lost, or was graded twice"
        kept = found
        yield len(kept)
    assert len(kept) < count
    goes_through(grader(submitted, out))
    assert rows(out).items() >= kept.items() and len(rows(out)) == count


def processes(out):
    """The warm server of a store, and its children: their command line names it."""
    key = hashlib.sha256(os.fsencode(Path(out).resolve())).hexdigest()[:16].encode()
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if b"-" + key in Path(f"/proc/{pid}/cmdline").read_bytes():
                found[int(pid)] = parent(pid)
    servers = [pid for pid, parent in found.items() if parent not in found]
    return servers, [pid for pid in found if pid not in servers]


def kill_helpers(submitted, out, servers, children, dice):
    """Let a grader work, whose warm server and children are killed now and then."""
    killed = {"server": 0, "child": 0}
    with grader(submitted, out) as process:
        while process.poll() is None and killed != {"server": servers, "child": children}:
            time.sleep(dice.uniform(0.1, 0.5))
            server, theirs = processes(out)
            wanted = [("child", theirs)] * (children - killed["child"])
            wanted += [("server", server if theirs else [])] * (servers - killed["server"])
            kind, pids = dice.choice(wanted)
            if pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(dice.choice(pids), signal.SIGKILL)
                    killed[kind] += 1
        goes_through(process)
    return killed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--dice", type=int, default=1, help="seed of the moments")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        submitted, dice = Path(folder, "submitted"), random.Random(args.dice)
        hand_in(submitted, EACH * args.kills)
        right = undisturbed(submitted, Path(folder, "undisturbed"))
        for kept in kill_graders(submitted, Path(folder, "out"), args.kills, dice):
            print(f"killed: {kept} of {EACH * args.kills} graded", flush=True)
        assert Path(folder, "out/grades.csv").read_bytes() == right
        print(f"{args.kills} graders killed: every submission graded once, grades.csv the same")
        killed = kill_helpers(submitted, Path(folder, "helpers"), 5, args.kills, dice)
        assert Path(folder, "helpers/grades.csv").read_bytes() == right
        print(f"killed in one batch: {killed}; grades.csv the same")


if __name__ == "__main__":
    main()
