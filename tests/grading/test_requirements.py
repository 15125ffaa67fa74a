"""Students install what they need, in the versions of the book."""

import subprocess
import sys
import tomllib

from diptych.grading import requirements, version
from tests import ROOT
from tests.grading.courses import WHEEL, made


def test_students_install_what_the_framework_needs_in_the_versions_of_the_book(tmp_path):
    known = set((ROOT / "constraints.txt").read_text().splitlines())
    for framework, absent in (("pytorch", "tensorflow"), ("tensorflow", "torch")):
        made(tmp_path / framework, frameworks=framework)
        students = tmp_path / framework / "students"
        pins = set((students / "constraints.txt").read_text().splitlines())
        names = {pin.partition("==")[0] for pin in pins}
        assert pins < {line.partition(" ")[0] for line in known}
        # directly, by way of others, and by way of an extra of others
        assert {"jupyterlab", "numpy", "tornado", "fqdn"} < names
        assert not names & {absent, f"{absent}_cpu", "playwright", "Sphinx", "nbgrader", "ruff"}
    assert {"tensorflow", "tensorflow_cpu", "keras", "protobuf"} < names  # on any platform
    first, package, lab = (students / "requirements.txt").read_text().splitlines()
    assert (first, package, lab) == (
        "-c constraints.txt",
        f"./{WHEEL}[tensorflow]",
        "jupyterlab",
    )


def test_pins_that_cannot_be_chosen_are_all_there(monkeypatch):
    def missing(name):
        raise requirements.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(requirements.importlib.metadata, "requires", missing)
    assert {"torch==2.13.0", "playwright==1.65.2"} < set(requirements.pins(("pytorch",)))


def test_pip_installs_the_package_that_is_handed_out(tmp_path):
    made(tmp_path / "c")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target"]
    call = [*pip, tmp_path / "lib", tmp_path / "c/students" / WHEEL]
    run = subprocess.run(call, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    assert run.returncode == 0, run.stderr
    installed = {
        path.relative_to(tmp_path / "lib/diptych") for path in tmp_path.glob("lib/diptych/**/*.py")
    }
    assert installed == {
        path.relative_to(version.PACKAGE) for path in version.PACKAGE.rglob("*.py")
    }
    assert (tmp_path / "lib/bin/diptych").exists()


def test_an_installed_package_has_what_is_handed_out():
    """A wheel puts the files where they are looked for first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    places = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    inside = requirements.PLACES[0].relative_to(version.PACKAGE.parent).as_posix()
    assert places == {name: f"{inside}/{name}" for name in ("exercises", "constraints.txt")}
    container = (ROOT / "Containerfile").read_text()
    assert all(f"COPY {name}" in container for name in places)


def test_where_the_exercises_are_not_installed_that_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(requirements, "PLACES", (tmp_path,))
    assert made(tmp_path / "c") == 2
    assert "the exercises are not in this installation" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()
