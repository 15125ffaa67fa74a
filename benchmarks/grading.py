"""Seconds and memory that grading takes: `nbgrader autograde` against `diptych grade`.

    python benchmarks/grading.py [--students 40] [--chapter activations/rectifiers]
    python benchmarks/grading.py --growth 10 100 1000

Both grade the same folder, one after the other, on the same processors. A class is made of the
chapter's solutions: of each student's answers, in both frameworks, some are right, some are left as
they were handed out, some are wrong. `diptych grade` starts its warm server once, so it also grades
a class ten times as large, which tells what each further submission takes. ``--growth`` grades ever
larger classes with `diptych grade` alone. Memory is what all processes hold together that were
started for it, with shared pages counted once.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def write_class(folder: Path, chapter: str, students: int) -> None:
    """``students`` notebooks, each with its own mixture of right, wrong and missing answers."""
    exercises = json.loads((ROOT / f"exercises/{chapter}.ipynb").read_text("utf-8"))
    solutions = json.loads((ROOT / f"solutions/{chapter}.ipynb").read_text("utf-8"))
    right = {_id(cell): cell["source"] for cell in solutions["cells"] if _id(cell)}
    draw = random.Random(0)
    for number in range(students):
        for cell in exercises["cells"]:
            if _id(cell):
                answer = "".join(right[_id(cell)])
                wrong = f"{answer}\n{_id(cell)} = None"
                cell["source"] = draw.choice([answer, answer, answer, wrong, cell["source"]])
        path = folder / f"student{number:04}" / f"{chapter}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(exercises), encoding="utf-8")


def _id(cell: dict) -> str | None:
    marks = cell["metadata"].get("nbgrader", {})
    return marks.get("grade_id") if marks.get("solution") else None


def measured(command: list[str], folder: Path, **settings: str) -> tuple[float, float]:
    """Seconds until a command ends, and the most memory in MB while it runs."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    start, most, over = time.perf_counter(), 0, threading.Event()
    before = set(_processes())

    def watch() -> None:
        nonlocal most
        while not over.wait(0.2):
            most = max(most, sum(_memory(pid) for pid in set(_processes()) - before))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PATH": path} | settings,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - start
    finally:
        over.set()
        watcher.join()
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return seconds, most / 1e6


def _processes() -> list[str]:
    return [name for name in os.listdir("/proc") if name.isdigit()]


def _memory(pid: str) -> int:
    """The proportional set size of a process; 0 once it has ended, or if it is somebody else's."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0


def nbgrader(scratch: Path, chapter: str, students: int) -> float:
    """Seconds for a class."""
    folder = scratch / "nbgrader"
    write_class(folder / "submitted", chapter, students)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    call, (family, stem) = [sys.executable, "-m", "nbgrader"], chapter.split("/")
    notebook = [family, f"--notebook={stem}"]
    measured([*call, "generate_assignment", *notebook], folder)
    seconds, memory = measured([*call, "autograde", *notebook], folder)
    return report("nbgrader autograde", students, seconds, memory)


def diptych(scratch: Path, chapter: str, students: int) -> float:
    """Seconds for a class."""
    folder = scratch / f"diptych{students}"
    write_class(folder / "submitted", chapter, students)
    call = [sys.executable, "-m", "diptych.cli", "grade", "submitted", "--out=grades", "--seed=one"]
    seconds, memory = measured(call, folder)
    with open(folder / "grades/grades.csv", newline="") as file:
        assert len({row["student"] for row in csv.DictReader(file)}) == students
    return report("diptych grade", students, seconds, memory)


def report(name: str, students: int, seconds: float, memory: float) -> float:
    each = seconds / students
    print(f"{name:<20} {students:5} {seconds:9.1f} s {each:8.2f} s {memory:7.0f} MB", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--chapter", default="activations/rectifiers")
    parser.add_argument("--growth", type=int, nargs="+", metavar="STUDENTS")
    arguments = parser.parse_args()
    print(f"{'':<20} {'class':>5} {'whole':>11} {'each':>10} {'memory':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        few = arguments.students
        classes = arguments.growth or [few, 10 * few]
        ours = [diptych(Path(scratch), arguments.chapter, students) for students in classes]
        if not arguments.growth:
            theirs = nbgrader(Path(scratch), arguments.chapter, few)
            further = (ours[1] - ours[0]) / (9 * few)
            print(
                f"\nOn {os.cpu_count()} processors, {theirs / ours[0]:.0f} times as fast for a"
                f" class of {few}, and {theirs / few / further:.0f} times for each further"
                f" submission ({further:.2f} s)"
            )


if __name__ == "__main__":
    main()
