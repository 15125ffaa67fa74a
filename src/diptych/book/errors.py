"""Prints the error that a cell is about: :func:`show_error`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

# Terminal colours, and the operation that TensorFlow names before the message.
NOISE = re.compile(r"\x1b\[[0-9;]*m|\{\{function_node .*?\}\}")
WIDTH, LINES = 64, 3  # the columns of a panel, and the most lines of an error


@contextmanager
def show_error() -> Iterator[None]:
    """Print class and message of the error that the block raises, cut after three lines of a panel.

    Raises ``AssertionError`` if the block raises no error. So a page cannot claim an error that a
    new release of the framework no longer raises.

    >>> with show_error():
    ...     int("a")
    ValueError: invalid literal for int() with base 10: 'a'
    """
    try:
        yield
    except Exception as error:
        message = " ".join(NOISE.sub("", f"{type(error).__name__}: {error}").split())
        print(fill(message))
    else:
        raise AssertionError("this block should raise an error, but it raised none")


def fill(message: str) -> str:
    """The message in lines of a panel's width, shortened from its end."""
    return textwrap.fill(message, WIDTH, max_lines=LINES, placeholder=" …", break_on_hyphens=False)
