"""How a query of the atlas is read: its words, in the spelling that names have.

``static/find.js`` of the site has the same functions for the browser.
"""

from __future__ import annotations

import re
from unicodedata import normalize

ARGUMENTS = re.compile(r"\([^()]*\)?")
# Short forms that code uses, and what they mean.
SHORT = {"f.": "functional.", "tf.keras.": "keras."}


def fold(text: str) -> str:
    """``text`` in lower case and in characters of normal width: ＲｅＬＵ becomes relu."""
    return normalize("NFKC", text).lower()


def typed(query: str) -> list[str]:
    """The words of a query, folded, without arguments, and with short forms written out.

    ``F.relu(x)`` becomes ``functional.relu``, and ``tf.keras.layers.ReLU`` ``keras.layers.relu``.
    """
    return [_written_out(word) for word in ARGUMENTS.sub(" ", fold(query)).split()]


def _written_out(word: str) -> str:
    for short, full in SHORT.items():
        if word.startswith(short):
            return full + word.removeprefix(short)
    return word
