"""Replacements that do nothing, for what a graded notebook calls but does not have.

These are magics and shell commands, progress bars, and ``check``: the grader judges only after all
cells have run.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator


class Judged(float):
    """What ``check`` returns here. The answer is judged later, so the number means nothing.

    It is equal to everything, and also unequal: assertions such as ``check(f) == 3`` do not fail.
    """

    lines: tuple[str, ...] = ("it is judged once all cells have run",)
    picture = ""
    __hash__ = float.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return True


def check(*answers: object, **more: object) -> Judged:
    """Replaces :func:`diptych.check`; judges nothing."""
    return Judged(3.0)


def progress(*path: object, **more: object) -> None:
    """Replaces :func:`diptych.progress`; shows nothing."""


class Nothing:
    """Has every attribute and accepts every call. A call does nothing but ``note`` its text."""

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
    """A progress bar that shows nothing; replaces tqdm's if tqdm is not installed."""

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
    """Finds and loads tqdm's modules for ``import``; stands last in ``sys.meta_path``, so that an
    installed tqdm is found first."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        tqdm = name.partition(".")[0] == "tqdm"
        return importlib.util.spec_from_loader(name, self, is_package=True) if tqdm else None

    def create_module(self, spec: object) -> None:
        pass

    def exec_module(self, module: object) -> None:
        module.tqdm = module.tqdm_notebook = Bar
        module.trange = lambda *arguments, **options: Bar(range(*arguments))
