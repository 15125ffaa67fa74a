"""Files that are not what they should be, and names that are not what names should be."""

import gzip
import json
import os
import socket

from tests.grading.hostile import HONEST, Attempt
from tests.grading.submissions import CHAPTER, code, notebook

HEALTHY = json.dumps(notebook(HONEST)).encode()


def unreadable(handed_in, said):
    return Attempt(handed_in, 0, "unreadable", said)


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)


def bound(path):
    # By a short path, relative to an open folder: a socket's name has at most 108 bytes.
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def twice(path):
    path.write_bytes(HEALTHY)
    (path.parents[1] / "rectifiers.ipynb").write_bytes(HEALTHY)


def old(cells):
    sheet = {"cells": cells, "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}


def old_code(source):
    cell = {"cell_type": "code", "input": source, "language": "python", "outputs": []}
    return cell | {"metadata": {}}


OF_FORMAT_3 = old(
    [old_code("".join(c["source"])) for c in notebook(HONEST)["cells"] if c["cell_type"] == "code"]
)
NESTED = b"[" * 90_000 + b"]" * 90_000
FAKE_BOMB = b"PK\x03\x04" + bytes(10_000)


def says(chapter, made):
    return made | {"metadata": {"diptych": {"chapter": chapter}}}


ATTEMPTS = {
    "an-empty-file": unreadable(b"", "the file is empty"),
    "white-space": unreadable(b" \n\t" * 100, "the file is empty"),
    "cut-off": unreadable(HEALTHY[: len(HEALTHY) // 2], "it is not JSON"),
    "nested-without-end": unreadable(b"[" * 1_000_000, "it is not JSON"),
    "nested-deeply": unreadable(NESTED, "it is not JSON"),
    "nested-in-an-output": unreadable(
        HEALTHY.replace(b'"outputs": []', b'"outputs": ' + NESTED, 1), "it is not JSON"
    ),
    "latin-1": unreadable("café".encode("latin-1"), "it is not JSON"),
    "utf-16": Attempt(HEALTHY.decode().encode("utf-16")),
    "byte-order-mark": Attempt(b"\xef\xbb\xbf" + HEALTHY),
    "nul-bytes": unreadable(bytes(1000), "it is not JSON"),
    "format-3": Attempt(OF_FORMAT_3),
    "format-3-with-a-million-cells": unreadable(
        json.dumps(old([0] * 1_000_000)).encode(), "of an old format"
    ),
    "format-3-with-heavy-cells": unreadable(
        old([old_code("x = 1")] * 50_000), "at most 1000 cells"
    ),
    "format-2": unreadable({"nbformat": 2, "worksheets": [{"cells": [7]}]}, "of an old format"),
    "a-format-below-zero": unreadable({"nbformat": -4, "cells": []}, "of an old format"),
    "format-4000-digits": unreadable(
        b'{"nbformat": -' + b"9" * 4000 + b', "cells": []}', "of an old format"
    ),
    "a-number-of-a-million-digits": unreadable(b'{"nbformat": ' + b"9" * 10**6, "it is not JSON"),
    "a-terabyte": unreadable(sparse, "larger than 100 MB"),
    "nine-megabytes-of-output": Attempt(
        HEALTHY.replace(b'"outputs": []', b'"outputs": ["' + b"x" * 9_000_000 + b'"]', 1)
    ),
    "three-million-lists": unreadable(b"[" + b"[]," * 3_000_000 + b"[]]", "but not a notebook"),
    "too-many-cells": unreadable(
        {"nbformat": 4, "cells": [code("x = 1")] * 20_000}, "at most 1000 cells"
    ),
    "too-much-code": unreadable(
        {"nbformat": 4, "cells": [code("x = 1\n" * 200_000)]}, "more than 512 kB of code"
    ),
    "zip-in-disguise": unreadable(FAKE_BOMB, "it is not JSON"),
    "gzip-bomb-in-disguise": unreadable(gzip.compress(bytes(50_000_000)), "it is not JSON"),
    "pickle-in-disguise": unreadable(b"cos\nsystem\n(S'true'\ntR.", "it is not JSON"),
    "json-with-the-cells-twice": Attempt(HEALTHY[:-1] + b', "cells": []}', 0, "no_answer", "none"),
    "json-with-infinities": Attempt(HEALTHY[:-1] + b', "x": [NaN, Infinity, 1e999]}'),
    "half-a-surrogate": Attempt(HEALTHY.replace(b"import torch", b"import torch  # \\ud800", 1)),
    "a-link": unreadable(lambda path: path.symlink_to("/etc/passwd"), "it is a link"),
    "a-link-to-another-student": unreadable(
        lambda path: path.symlink_to(f"../../honest/{CHAPTER}.ipynb"), "it is a link"
    ),
    "a-link-to-itself": unreadable(lambda path: path.symlink_to(path.name), "it is a link"),
    "a-fifo": unreadable(os.mkfifo, "it is not an ordinary file"),
    "a-socket": unreadable(bound, "it cannot be opened"),
    "two-notebooks": Attempt(twice),
    # Metadata
    "says-another-chapter": Attempt(says("activations/gates", notebook(HONEST))),
    "says-another-chapter-and-answers-none": Attempt(
        says("activations/gates", {"nbformat": 4, "cells": [code("x = 1")]}), 0, "no_answer", "none"
    ),
    "says-a-path": Attempt(says(f"../../solutions/{CHAPTER}", notebook(HONEST))),
    "says-a-module": Attempt(says("activations/rectifiers.__class__", notebook(HONEST))),
    "says-no-text": Attempt(says([{}], notebook(HONEST))),
    "says-half-a-surrogate": Attempt(says("\ud800", notebook(HONEST))),
    "metadata-that-is-a-list": Attempt(notebook(HONEST) | {"metadata": [[]]}),
    # Names
    '=HYPERLINK("x";"click")': Attempt(notebook(HONEST)),
    "@SUM(1+1)*cmd|' :C!A0": Attempt(b"", 0, "unreadable", "empty"),
    'a\nnew,"line"\r\n=1+1': Attempt(notebook(HONEST)),
    "<script>alert(1)<": Attempt(notebook(HONEST)),
    "\u202etxt.exe": Attempt(b"", 0, "unreadable", "empty"),
    "名" * 84: Attempt(notebook(HONEST)),
    "x" * 255: Attempt(b"", 0, "unreadable", "empty"),
    "…": Attempt(b"", 0, "unreadable", "empty"),
    os.fsdecode(b"\xff"): Attempt(notebook(HONEST)),
    "\\xff": Attempt(b"", 0, "unreadable", "empty"),
    "%s{0}$HOME`id`;": Attempt(b"", 0, "unreadable", "empty"),
}
