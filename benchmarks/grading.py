"""Seconds and memory that grading takes: `nbgrader autograde` against `diptych grade`.

    python benchmarks/grading.py [--students 40] [--chapter activations/rectifiers]
    python benchmarks/grading.py --workers 1 2
    python benchmarks/grading.py --cluster 1 2
    python benchmarks/grading.py --growth 10 100 1000

Both grade the same folder, one after the other, on the same processors. A class is made of the
chapter's solutions: of each student's answers, in both frameworks, some are right, some are left as
they were handed out, some are wrong. `diptych grade` starts its warm server once, so it also grades
a class ten times as large, which tells what each further submission takes; and the same classes
with nothing in the cells, which tells how much of that does not depend on the answers.

``--workers`` tells what each further submission takes with each of these numbers of workers, one
after the other; ``--cluster`` does so with Dask's workers and a scheduler on this machine. In both,
everything has as many processors as there are workers, while there are enough.
``--growth`` grades ever larger classes with `diptych grade` alone, in PyTorch only and without
outputs in the notebooks. Memory is what all processes hold together that `diptych grade` has
started, with shared pages counted once.
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


def write_class(
    folder: Path, chapter: str, students: int, small: bool = False, empty: bool = False
) -> None:
    """``students`` notebooks, each with its own mixture of right, wrong and missing answers.

    ``small`` ones are without outputs, and without TensorFlow's cells; ``empty`` ones have nothing
    in their cells of code.
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
            if empty and cell["cell_type"] == "code":
                cell["source"] = ""
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


def diptych(scratch: Path, chapter: str, students: int, *options: str, **kind: bool) -> float:
    """Seconds for a class of a ``kind`` (see :func:`write_class`)."""
    folder = Path(tempfile.mkdtemp(prefix="diptych", dir=scratch))
    write_class(folder / "submitted", chapter, students, **kind)
    call = [sys.executable, "-m", "diptych.cli", "grade", "submitted", "--out=grades", "--seed=one"]
    seconds, memory = measured([*call, *options], folder)
    with open(folder / "grades/grades.csv", newline="", encoding="utf-8-sig") as file:
        assert len({row["student"] for row in csv.DictReader(file)}) == students
    shutil.rmtree(folder)
    options = [option.partition("=tcp:")[0] for option in options]
    return report(" ".join(["diptych grade", *options, *kind]), students, seconds, memory)


def each_further(
    scratch: Path, chapter: str, few: int, *options: str, **kind: bool
) -> tuple[float, float]:
    """Seconds for a class of a ``few``, and for each further submission."""
    first, all_ = (diptych(scratch, chapter, n, *options, **kind) for n in (few, 10 * few))
    return first, (all_ - first) / (9 * few)


@contextlib.contextmanager
def dask(folder: Path, workers: int) -> Iterator[str]:
    """A scheduler on loopback with so many workers: its address."""
    file = folder / f"scheduler{workers}.json"
    programs = [["scheduler", "--host=127.0.0.1", "--port=0"]]
    programs += [["worker", "--no-nanny", "--nthreads=1", f"--name={n}"] for n in range(workers)]
    started = []
    try:
        for name, *options in programs:
            call = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--no-dashboard"]
            call += [f"--scheduler-file={file}", *options]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started.append(subprocess.Popen(call, cwd=folder, **quiet))
            while not file.exists():
                time.sleep(0.1)
        yield json.loads(file.read_text())["address"]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


@contextlib.contextmanager
def processors(number: int) -> Iterator[None]:
    """What is started inside has so many processors, or all where there are fewer."""
    all_ = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_)[:number])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_)


def report(name: str, students: int, seconds: float, memory: float) -> float:
    each = seconds / students
    print(f"{name:<25} {students:5} {seconds:9.1f} s {each:8.3f} s {memory:7.0f} MB", flush=True)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--chapter", default="activations/rectifiers")
    parser.add_argument("--workers", type=int, nargs="+", metavar="N")
    parser.add_argument("--cluster", type=int, nargs="+", metavar="N")
    parser.add_argument("--growth", type=int, nargs="+", metavar="STUDENTS")
    arguments = parser.parse_args()
    chapter, few = arguments.chapter, arguments.students
    print(f"{'':<25} {'class':>5} {'whole':>11} {'each':>10} {'memory':>10}")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if arguments.growth:
            for students in arguments.growth:
                diptych(scratch, chapter, students, "--frameworks=pytorch", small=True)
        elif numbers := arguments.workers or arguments.cluster:
            took = []
            for number in numbers:
                with processors(number), contextlib.ExitStack() as stack:
                    option = f"--workers={number}"
                    if arguments.cluster:
                        option = f"--cluster={stack.enter_context(dask(scratch, number))}"
                        diptych(scratch, chapter, few, option)  # now each has its warm server
                    took.append(each_further(scratch, chapter, few, option)[1])
            for number, each in zip(numbers, took, strict=True):
                print(f"{number} workers: {1 / each:.2f} a second, {took[0] / each:.2f} times")
        else:
            ours, further = each_further(scratch, chapter, few)
            _, overhead = each_further(scratch, chapter, few, empty=True)
            theirs = nbgrader(scratch, chapter, few)
            print(
                f"\nOn {os.cpu_count()} processors, {theirs / ours:.0f} times as fast for a"
                f" class of {few}, and {theirs / few / further:.0f} times for each further"
                f" submission ({further:.2f} s, of which {overhead:.2f} s for an empty one)"
            )


if __name__ == "__main__":
    main()
