"""Seconds and memory that grading takes: `nbgrader autograde` against `diptych grade`.

    python benchmarks/grading.py [--students 40] [--chapter activations/rectifiers]
    python benchmarks/grading.py --workers 1 2
    python benchmarks/grading.py --growth 10 100 1000

Both grade the same folder, one after the other, on the same processors. A class is made of the
chapter's solutions: of each student's answers, in both frameworks, some are right, some are left as
they were handed out, some are wrong. `diptych grade` starts its warm server once, so it also grades
a class ten times as large, which tells what each further submission takes. ``--workers`` tells that
for each of these numbers of workers, one after the other. ``--growth`` grades ever larger classes
with `diptych grade` alone, in PyTorch only and without outputs in the notebooks. Memory is what all
processes hold together that were started for it, with shared pages counted once.
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
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


def write_class(folder: Path, chapter: str, students: int, small: bool = False) -> None:
    """``students`` notebooks, each with its own mixture of right, wrong and missing answers.

    ``small`` ones are without outputs, and without TensorFlow's cells.
    """
    exercises = json.loads((ROOT / f"exercises/{chapter}.ipynb").read_text("utf-8"))
    if small:
        exercises["cells"] = [_without_outputs(c) for c in exercises["cells"] if not _is_tf(c)]
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


def _is_tf(cell: dict) -> bool:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "").endswith("_tf")


def _without_outputs(cell: dict) -> dict:
    return cell | {"outputs": []} if "outputs" in cell else cell


def _id(cell: dict) -> str | None:
    marks = cell["metadata"].get("nbgrader", {})
    return marks.get("grade_id") if marks.get("solution") else None


def measured(command: list[str], folder: Path, **settings: str) -> tuple[float, float]:
    """Seconds until a command ends, and the most memory in MB while it runs."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # By this all that is started is known: servers and kernels inherit it. There is no such folder.
    mark = os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(folder / "mark")])
    start, most, over = time.perf_counter(), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.5):
            most = max(most, sum(map(_memory, _processes(folder))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PATH": path, "PYTHONPATH": mark} | settings,
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


def _processes(folder: Path) -> Iterator[str]:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if os.fsencode(folder / "mark") in Path(f"/proc/{pid}/environ").read_bytes():
                yield pid


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


def diptych(
    scratch: Path, chapter: str, students: int, *options: str, small: bool = False
) -> float:
    """Seconds for a class."""
    folder = Path(tempfile.mkdtemp(prefix="diptych", dir=scratch))
    write_class(folder / "submitted", chapter, students, small)
    call = [sys.executable, "-m", "diptych.cli", "grade", "submitted", "--out=grades", "--seed=one"]
    seconds, memory = measured([*call, *options], folder)
    with open(folder / "grades/grades.csv", newline="", encoding="utf-8-sig") as file:
        assert len({row["student"] for row in csv.DictReader(file)}) == students
    shutil.rmtree(folder)
    return report(" ".join(["diptych grade", *options]), students, seconds, memory)


def each_further(scratch: Path, chapter: str, few: int, *options: str) -> float:
    """Seconds for each further submission."""
    seconds = [diptych(scratch, chapter, students, *options) for students in (few, 10 * few)]
    return (seconds[1] - seconds[0]) / (9 * few)


def report(name: str, students: int, seconds: float, memory: float) -> float:
    each = seconds / students
    print(f"{name:<25} {students:5} {seconds:9.1f} s {each:8.3f} s {memory:7.0f} MB", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--chapter", default="activations/rectifiers")
    parser.add_argument("--workers", type=int, nargs="+", metavar="N")
    parser.add_argument("--growth", type=int, nargs="+", metavar="STUDENTS")
    arguments = parser.parse_args()
    chapter, few = arguments.chapter, arguments.students
    print(f"{'':<25} {'class':>5} {'whole':>11} {'each':>10} {'memory':>10}")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if arguments.growth:
            for students in arguments.growth:
                diptych(scratch, chapter, students, "--frameworks=pytorch", small=True)
        elif arguments.workers:
            numbers = arguments.workers
            took = [each_further(scratch, chapter, few, f"--workers={n}") for n in numbers]
            for number, seconds in zip(numbers, took, strict=True):
                print(
                    f"{number} workers: {1 / seconds:.2f} a second, {took[0] / seconds:.2f} times"
                )
        else:
            ours = diptych(scratch, chapter, few)
            further = (diptych(scratch, chapter, 10 * few) - ours) / (9 * few)
            theirs = nbgrader(scratch, chapter, few)
            print(
                f"\nOn {os.cpu_count()} processors, {theirs / ours:.0f} times as fast for a"
                f" class of {few}, and {theirs / few / further:.0f} times for each further"
                f" submission ({further:.2f} s)"
            )


if __name__ == "__main__":
    main()
