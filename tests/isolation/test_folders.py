"""A child's folder is removed, whatever the child has left there."""

import os

from diptych.isolation import folders


def test_a_folder_is_removed_however_deep_it_is_and_whatever_its_mode(tmp_path, monkeypatch):
    with folders.own_folder(tmp_path) as home:
        monkeypatch.chdir(home)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        os.mkdir("shut", 0)
        monkeypatch.chdir(home)
        os.mkdir("d/shut", 0)
        os.symlink("/", "d/link")
    assert list(tmp_path.iterdir()) == []
