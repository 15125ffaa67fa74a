"""ARCHITECTURE.md names every room, every module and only files that exist."""

import re

from tests import ROOT
from tests.repository import modules

TEXT = modules.FILE.read_text("utf-8")


def test_the_modules_are_listed_as_their_docstrings_say():
    assert modules.written(TEXT) == TEXT, "run python -m tests.repository.modules"


def test_every_room_is_listed():
    folders = {path.parent for path in modules.PACKAGE.rglob("__init__.py")} - {modules.PACKAGE}
    rooms = {folder.relative_to(modules.PACKAGE).as_posix() for folder in folders}
    assert {room for room in rooms if not room.startswith("components")} == {*modules.ROOMS}


def test_the_files_that_it_names_exist():
    named = re.findall(r"`(\w+/[\w/]+\.\w+)`", TEXT)
    assert named
    missing = [n for n in named if not (ROOT / n).exists() and not (modules.PACKAGE / n).exists()]
    assert not missing
