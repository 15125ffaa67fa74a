"""A grade's version changes with whatever judges it, and with nothing else."""

import gc
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from diptych.grading import version

GATES, SIGMOIDS, SHRINKERS = (f"activations/{stem}" for stem in ("gates", "sigmoids", "shrinkers"))


CHAPTERS = {GATES, SIGMOIDS, SHRINKERS, "start/two_frameworks"}


def versions():
    """Chapter → version, as a grader that starts now would find it."""
    return {chapter: version.version.__wrapped__(chapter) for chapter in CHAPTERS}


@pytest.fixture(scope="module")
def before():
    return versions()


@pytest.fixture(scope="module")
def hashed():
    """Chapter → the files that its version hashes."""
    return {chapter: set(version.sources(chapter)) for chapter in CHAPTERS}


@pytest.fixture
def touch(tmp_path, monkeypatch, before):
    """A function that changes one module of a copy of the package, and names the chapters whose
    version is another then."""
    ignored = shutil.ignore_patterns("__pycache__")
    copy = shutil.copytree(version.PACKAGE, tmp_path / "diptych", ignore=ignored)
    monkeypatch.setattr(version, "PACKAGE", copy)

    def touched(module):
        file = copy / f"{module}.py"
        text = file.read_text()
        file.write_text(text + "\n# changed\n")
        after = versions()
        file.write_text(text)
        return {chapter for chapter in CHAPTERS if after[chapter] != before[chapter]}

    return touched


def test_a_version_is_the_same_for_the_same_files(before):
    assert versions() == before
    assert len(set(before.values())) == len(CHAPTERS)


def test_oracles_of_another_chapter_count_where_they_are_used(touch):
    assert touch("components/activations/sigmoids") == {SIGMOIDS, GATES}
    assert touch("components/activations/gates") == {GATES}
    assert touch("components/activations/shrinkers") == {SHRINKERS}
    assert touch("judging/judge") == CHAPTERS
    assert touch("grading/feedback") == set()


@pytest.mark.parametrize(
    "module",
    [
        "catalogue/exercise",
        "judging/judge",
        "judging/oracle",
        "judging/worker",
        "judging/adapter",
        "judging/faults",
        "judging/in_keras",
        "judging/in_torch",
        "forbidden/operations",
        "forbidden/dependencies",
        "forbidden/functions",
        "forbidden/in_tensorflow",
        "forbidden/in_torch",
        "forbidden/mentions",
        "forbidden/witness",
        "judging/misconceptions",
        "judging/naming",
        "judging/outputs",
        "judging/gradients",
        "judging/verdict",
        "judging/wording",
        "isolation/child",
        "isolation/attempt",
        "isolation/packing",
        "isolation/place",
        "isolation/reading",
        "isolation/recovery",
        "isolation/run",
        "isolation/seccomp",
        "isolation/steps",
        "isolation/wire",
        "book/plots",
        "warm/client",
        "warm/forked",
        "warm/identity",
        "warm/imports",
        "warm/server",
        "grading/grades",
        "grading/marking",
        "grading/read",
        "grading/statuses",
        "judging/__init__",
    ],
)
def test_what_every_chapter_is_judged_by_counts_for_every_chapter(hashed, module):
    assert all(version.PACKAGE / f"{module}.py" in files for files in hashed.values())


@pytest.mark.parametrize(
    "module",
    [
        *("cli", "book/lab", "book/notebooks", "grading/command", "grading/files", "grading/find"),
        *("grading/class_report", "grading/collect", "grading/feedback", "grading/folders"),
        *("grading/report", "grading/roster", "grading/store", "grading/totals"),
    ],
)
def test_what_only_shows_and_keeps_grades_does_not_count(hashed, module):
    assert (version.PACKAGE / f"{module}.py").exists()
    assert not any(version.PACKAGE / f"{module}.py" in files for files in hashed.values())


def test_another_release_of_a_framework_is_another_version(monkeypatch, before):
    installed = version.importlib.metadata.version
    monkeypatch.setattr(
        version.importlib.metadata,
        "version",
        lambda name: "9.9" if name == "torch" else installed(name),
    )
    assert not set(versions().values()) & set(before.values())


def test_threads_may_ask_for_versions_at_the_same_time(hashed):
    """As the workers of a batch do: one goes on where the garbage collector stops another."""
    gc.callbacks.append(lambda phase, info: time.sleep(0.001))
    try:
        with ThreadPoolExecutor(2) as threads:
            found = list(threads.map(version.sources, [GATES, GATES]))
    finally:
        gc.callbacks.pop()
    assert [set(files) for files in found] == [hashed[GATES]] * 2


IMPORTED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
for name, module in sys.modules.items():
    if name.split(".")[0] == "diptych":
        print(module.__file__)
"""


def test_whatever_python_imports_to_judge_a_chapter_is_hashed(hashed):
    modules = (*version.ROOTS, f"diptych.components.{GATES.replace('/', '.')}")
    run = subprocess.run(
        [sys.executable, "-c", IMPORTED, *modules], capture_output=True, text=True, check=True
    )
    imported = set(map(Path, run.stdout.splitlines()))
    assert version.PACKAGE / "components/activations/sigmoids.py" in imported
    assert imported <= hashed[GATES]
