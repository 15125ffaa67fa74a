"""Reads and writes the learner's notebooks, without changing anything else in them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from diptych.learning import commands


def read(file: Path) -> dict:
    """A notebook as Jupyter wrote it; raises :class:`~diptych.learning.commands.Refused`."""
    try:
        notebook = json.loads(file.read_bytes())
        if all(isinstance(cell, dict) for cell in notebook["cells"]):
            return notebook
    except (ValueError, KeyError, TypeError):
        pass
    raise commands.Refused(f"{commands.shown(file)} is not a notebook, or is damaged")


def source(cell: dict) -> str:
    """The text of a cell, which is stored as a string or as a list of lines."""
    text = cell.get("source", "")
    return "".join(text)


def write(file: Path, notebook: dict) -> None:
    """Write a notebook whole or not at all, in the format of Jupyter."""
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(draft, file)


def backup_path(file: Path) -> Path:
    """An unused name beside the file: ``rectifiers.backup.ipynb``, ``.backup2``, …"""
    number = 1
    while (path := file.with_suffix(f".backup{number if number > 1 else ''}.ipynb")).exists():
        number += 1
    return path
