"""Makes and updates the learner's own copy of the book, in ``work/``.

It copies chapters, exercises and the first page of JupyterLab if they are missing. It never
overwrites a notebook that the learner has changed, but puts the newer version beside it, as
``<stem>.new.ipynb``.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from diptych.warm.quiet import QUIET

FOLDERS = ("chapters", "exercises")
START = "start_here.ipynb"
RECORD = ".copied.json"
ENVIRONMENT = {
    "JUPYTER_DEFAULT_PROVISIONER_NAME": "diptych-warm",
    **QUIET,  # no log messages of TensorFlow below the cell that imports it
}
SAYS = {
    "added": "added {}",
    "updated": "updated {}, which you had not changed",
    "beside": "put a newer version beside yours: {}",
}


def find_book(folder: Path) -> Path | None:
    """The folder with the notebooks of the book; ``None`` if there is none.

    It is ``folder``, unless that is a learner's copy, else the repository or the installed package.
    """
    package = Path(__file__).parents[1]
    places = (folder, package.parents[1], package)
    return next((p for p in places if (p / "exercises").is_dir() and not is_copy(p)), None)


def is_copy(folder: Path) -> bool:
    """Whether a folder is a learner's copy of the book."""
    return (folder / RECORD).is_file()


def copy_book(
    book: Path, work: Path, *, notebooks: str = "*/*/*", start_page: bytes = b""
) -> list[tuple[str, str]]:
    """Copy the notebooks of ``book`` into ``work``; returns what was done, and with which file.

    ``notebooks`` is a pattern for some of them, such as ``exercises/activations/rectifiers``. If
    there is a ``start_page``, it becomes ``start_here.ipynb``.

    What was done is ``added`` (the notebook was missing), ``updated`` (the learner had an older
    version, and had not changed it) or ``beside`` (the learner had changed the older version, so it
    stays). The file ``.copied.json`` in ``work`` records which versions the learner has.
    """
    record = work / RECORD
    copied = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    originals = [path.relative_to(book) for path in sorted(book.glob(f"{notebooks}.ipynb"))]
    contents = {p: (book / p).read_bytes() for p in originals if p.parts[0] in FOLDERS}
    if start_page:
        contents[Path(START)] = start_page
    news = [_copy(original, place, work, copied) for place, original in contents.items()]
    work.mkdir(exist_ok=True)
    record.write_text(json.dumps(copied, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return [done for done in news if done]


def _copy(original: bytes, place: Path, work: Path, copied: dict) -> tuple[str, str] | None:
    version = _version(original)
    for name in _names(place):
        copy = work / name
        theirs = _version(copy.read_bytes()) if copy.exists() else None
        if theirs is None and name == place.as_posix():
            done = "added"
        elif version in (theirs, copied.get(name)):
            # The learner has this version, changed or not, or has had it beside the own one and
            # removed it.
            copied[name] = version
            return None
        elif theirs is None:
            done = "beside"
        elif theirs == copied.get(name):
            done = "updated"
        else:
            continue  # the learner has changed it: try the next name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(original)
        copied[name] = version
        return done, name


def _names(place: Path) -> Iterator[str]:
    yield place.as_posix()
    for number in itertools.count(1):
        yield place.with_suffix(f".new{number if number > 1 else ''}.ipynb").as_posix()


def _version(notebook: bytes) -> str:
    return hashlib.sha256(notebook).hexdigest()
