"""Which folders stay open, and what happens if the kernel has no Landlock."""

import sys
from pathlib import Path

import pytest

from diptych.isolation import landlock

if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)


def test_the_files_around_a_closed_folder_stay_open(tmp_path):
    for name in ("a/open", "a/closed/answers", "b"):
        (tmp_path / name).mkdir(parents=True)
    found = set(landlock.without(tmp_path, [tmp_path / "a/closed"]))
    assert found == {tmp_path / "a/open", tmp_path / "b"}
    assert list(landlock.without(tmp_path, [tmp_path])) == []
    assert list(landlock.without(tmp_path, [Path("/elsewhere")])) == [tmp_path]


def test_a_kernel_without_landlock_is_refused(monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with pytest.raises(OSError, match="Landlock is not available"):
        landlock.restrict([])
