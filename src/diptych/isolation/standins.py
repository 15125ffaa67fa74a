"""What stands in a graded notebook for what Jupyter and its hosts add to Python, and does nothing.

Magics, shell commands and bars of progress; and ``check``, which the grader cannot answer before
all has run.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator


class Judged(float):
    """What ``check`` returns here: the judge comes later, and elsewhere, so any points will do.

    Equal to all, and unequal: no assertion about it fails, whichever it is.
    """

    lines: tuple[str, ...] = ("it is judged once all cells have run",)
    picture = ""
    __hash__ = float.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return True


def check(*answers: object, **more: object) -> Judged:
    """In place of :func:`diptych.check`."""
    return Judged(3.0)


def progress(*path: object, **more: object) -> None:
    """In place of :func:`diptych.progress`: a graded notebook has none."""


class Nothing:
    """Has every attribute, may be called with anything, and does nothing but ``note`` that."""

    def __init__(self, note: Callable[[str], object], name: str = "") -> None:
        self.__dict__.update(_note=note, _name=name)

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing(self._note, f"{self._name}.{name}".lstrip("."))

    def __iter__(self) -> Iterator:
        return iter(())

    def __call__(self, *parts: object, **more: object) -> list:
        self._note(" ".join(str(part) for part in (self._name, *parts) if part))
        return []


class Bar:
    """A progress bar that shows nothing, in place of tqdm's where that is not installed."""

    def __init__(self, iterable: Iterable = (), *more: object, **options: object) -> None:
        self.iterable = iterable

    def __iter__(self) -> Iterator:
        return iter(self.iterable)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __getattr__(self, name: str) -> Callable:
        return lambda *arguments, **options: None


class Bars:
    """Finds tqdm and its modules, behind all that find what is installed; and loads them."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        tqdm = name.partition(".")[0] == "tqdm"
        return importlib.util.spec_from_loader(name, self, is_package=True) if tqdm else None

    def create_module(self, spec: object) -> None:
        pass

    def exec_module(self, module: object) -> None:
        module.tqdm = module.tqdm_notebook = Bar
        module.trange = lambda *arguments, **options: Bar(range(*arguments))
