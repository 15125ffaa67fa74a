"""Reads ``ledger.toml``: the order of the book, planned components, and symbols it leaves out.

Reading needs neither framework. :mod:`diptych.catalogue.audit` compares the ledger with them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from diptych.catalogue.component import Component

LEDGER = files("diptych.catalogue") / "ledger.toml"
# For each field of a component that holds dotted names: the first word of these names.
ROOTS = {"pytorch": "torch", "keras": "keras", "tensorflow": "tf"}


def framework(symbol: str) -> str:
    """The key of :data:`ROOTS` for a dotted name; names in ``tf.keras`` belong to ``"keras"``."""
    root = "keras" if symbol.startswith("tf.keras.") else symbol.split(".")[0]
    return next(field for field, known in ROOTS.items() if known == root)


@dataclass(frozen=True)
class LeftOut:
    """Symbols without a section, and the reason."""

    reason: str
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """``ledger.toml``; ``chapters`` are the stems (``family/stem``) in the order of the book."""

    chapters: tuple[str, ...]
    shared: tuple[str, ...]
    planned: tuple[Component, ...]
    left_out: tuple[LeftOut, ...]


def read(path: Traversable = LEDGER) -> Ledger:
    """The ledger in ``path``; raises ``TypeError`` for a row with an unknown or missing key."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    chapters = data["chapters"].items()
    return Ledger(
        chapters=tuple(f"{family}/{stem}" for family, stems in chapters for stem in stems),
        shared=tuple(data["shared"]),
        planned=tuple(Component(**_frozen(row)) for row in data.get("planned", ())),
        left_out=tuple(LeftOut(**_frozen(row)) for row in data["left_out"]),
    )


def _frozen(row: dict) -> dict:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
