"""Makes folders of students from what a course's site hands out, packed or unpacked."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import yaml

from diptych.catalogue.component import FAMILIES
from diptych.grading import archive, downloads, files, find, read
from diptych.grading.archive import Entry
from diptych.grading.downloads import Handed
from diptych.grading.find import NOTEBOOK, Submission
from diptych.grading.statuses import sentence

UNPACKED = ".unpacked-"  # how the folders begin that are made for the time of a batch
TEXT = re.compile(r"(_(text|link)|_onlinetext[/_]onlinetext)\.html$")  # handed in without a file
ATTEMPT = re.compile(r"_\d{4}(-\d\d){5}\.txt$")  # what Blackboard says of an attempt
METADATA = re.compile(r"(^|/)submission_metadata\.yml$")  # what Gradescope says of all
PERSON = re.compile(r"^Name: (?P<name>.*) \((?P<id>[^()]+)\)\s*$", re.M)

Source = Callable[[Callable[[str], bool]], Iterator[Entry]]


@dataclass
class Download:
    """The folder that holds a folder for each student, and what was told of them and of files.
    ``clones`` has the students whose folder is not called like them, by its name."""

    folder: Path
    clones: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    late: dict[Path, str] = field(default_factory=dict)
    order: dict[Path, float] = field(default_factory=dict)
    listed: list[Submission] = field(default_factory=list)

    def whose(self, folder: str) -> str:
        """The student whose folder has this name."""
        return self.clones.get(folder, folder)


@contextlib.contextmanager
def opened(submitted: Path, out: Path, ids: Collection[str] = ()) -> Iterator[Download]:
    """What was handed in: a folder of students' folders as it is, else one that is made from it.

    That is the case for a ZIP archive, and for a folder in which files have the names of a course's
    site; ``ids`` are the students on the roster. It lies in ``out`` until it is closed. Raises
    :class:`diptych.grading.find.Nothing` for an archive of which nothing can be read, or a download
    with more files than are read, and :class:`OSError`.
    """
    paths = []
    if submitted.is_dir():  # no further than an archive is read: a folder may hold anything
        paths = list(itertools.islice(_paths(submitted), archive.ENTRIES + 1))
    source = _of_folder(submitted, paths) if submitted.is_dir() else _of_archive(submitted)
    names, told = _first_look(source)
    top, known = _top([name for name in names if NOTEBOOK.search(name) or TEXT.search(name)])
    if submitted.is_dir() and not known:
        top = find.class_folder(submitted)
        yield Download(top, _clones(top, ids))
        return
    if len(paths) > archive.ENTRIES:
        raise find.Nothing(
            f"{submitted} holds more than {archive.ENTRIES:,} files of a course's site: grade it "
            "in parts"
        )
    files.folder(out)
    folder = Path(tempfile.mkdtemp(prefix=UNPACKED, dir=out))
    try:
        owner = _owner(top, known, ids, _people(told))
        yield _made(folder, source, owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(out: Path, download: Download) -> None:
    """Remove what killed graders have unpacked into ``out``; only who has its store may do that."""
    for left in out.glob(f"{UNPACKED}*"):
        if left != download.folder:
            shutil.rmtree(left, ignore_errors=True)


def _paths(folder: Path) -> Iterator[Path]:
    """What lies below a folder, without what git and Jupyter keep there."""
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not find.PASSED_OVER.match(name)]
        yield from (Path(top, name) for name in folders + names)


def _clones(folder: Path, ids: Collection[str]) -> dict[str, str]:
    """The name of each clone of a repository that ends in ``-`` and the name of one student on the
    roster, and that student. Where two folders would be one student's, neither is."""
    known = {student.casefold(): student for student in ids}
    folders, found = find.students(folder), {}
    for name in folders:
        if name.casefold() in known or not os.path.lexists(folder / name / ".git"):
            continue
        parts = name.casefold().split("-")
        ends = known.keys() & {"-".join(parts[start:]) for start in range(1, len(parts))}
        if len(ends) == 1:
            found[files.as_text(name)] = known[ends.pop()]
    theirs = Counter([*found.values(), *map(files.as_text, folders)])
    return {name: student for name, student in found.items() if theirs[student] == 1}


def _first_look(source: Source) -> tuple[list[str], dict[str, bytes]]:
    """The names of all files, and the contents of those that tell of others."""
    names: list[str] = []

    def tells(name: str) -> bool:
        names.append(name)
        return bool(ATTEMPT.search(name) or METADATA.search(name))

    told = {entry.name: entry for entry in source(tells)}
    names += [n for n, entry in told.items() if entry.refused and not archive.bad_name(n)]
    return names, {name: entry.content for name, entry in told.items()}


def _top(names: list[str]) -> tuple[str, str]:
    """The folder in which everything lies, with a slash, or "", and the course's site."""
    tops = {name.partition("/")[0] + "/" for name in names if "/" in name}
    alone = tops.pop() if len(tops) == 1 and all("/" in name for name in names) else ""
    for top in dict.fromkeys(("", alone)):
        if known := downloads.system([name.removeprefix(top) for name in names]):
            return top, known
    inside = {PurePosixPath(name).parts[1:-1] for name in names}
    # Folders of students lie in it, and not those of one student's chapters.
    of_students = all(inside) and not {parts[0] for parts in inside} & set(FAMILIES)
    return (alone if alone and of_students else ""), ""


Owner = Callable[[str], tuple[Handed | None, str]]


def _owner(top: str, known: str, ids: Collection[str], people: dict) -> Owner:
    """What says whose a file is, or else the status with which it is listed."""

    def owner(name: str) -> tuple[Handed | None, str]:
        path = name.removeprefix(top)
        if known:
            whose = downloads.handed(known, path, ids)
            why = "two_readings" if downloads.SYSTEMS[known](path) else "no_student"
        else:  # of whom its first folder names
            student, _, file = path.partition("/")
            whose, why = (Handed(student, file) if file else None), "no_student"
        if whose is None or find.PASSED_OVER.match(whose.student):
            return None, why
        return _known_as(whose, path, people), ""

    return owner


def _made(folder: Path, source: Source, owner: Owner) -> Download:
    download = Download(folder)
    found: list[tuple[Handed, Entry]] = []

    def listed(entry: Entry, status: str, student: str = "", reason: str = "") -> None:
        place, said = files.as_text(entry.name), sentence(status, reason=reason)
        whose = files.as_text(student)
        download.listed.append(Submission(whose, folder, place, "", status, said))

    for entry in source(lambda name: bool(NOTEBOOK.search(name) or TEXT.search(name))):
        whose, why = owner(entry.name)
        if whose is None:
            listed(entry, "refused" if entry.refused else why, reason=entry.refused)
            continue
        download.names.setdefault(files.as_text(whose.student), whose.name)
        if entry.refused:
            listed(entry, "refused", whose.student, entry.refused)
        elif NOTEBOOK.search(entry.name):
            found.append((whose, entry))
        else:
            listed(entry, "no_notebook", whose.student)
    last = set(map(id, downloads.newest([whose for whose, _ in found])))
    for whose, entry in found:
        path = folder / whose.student / whose.file
        if id(whose) not in last:
            listed(entry, "older_attempt", whose.student)
        elif problem := _written(path, entry.content):
            listed(entry, "refused", whose.student, problem)
        else:
            download.late[path], download.order[path] = whose.late, whose.order
    for student in download.names:  # whoever has handed in something has a row
        with contextlib.suppress(OSError):
            (folder / student).mkdir(exist_ok=True)
    return download


def _written(path: Path, content: bytes) -> str:
    """Write a file that is not there yet; "" or what is wrong with its name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            file.write(content)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return "its name is there twice"
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            raise
        return "its name is none that a file here may have"
    return ""


def _known_as(whose: Handed, path: str, people: dict[str, tuple[str, str]]) -> Handed:
    """Under the key and with the name that the download tells elsewhere, if it does."""
    for beginning, (student, name) in people.items():
        if path.startswith(beginning) or whose.student == beginning:
            return replace(whose, student=student, name=name)
    return whose


def _people(told: dict[str, bytes]) -> dict[str, tuple[str, str]]:
    """How names of files begin, or Gradescope's numbers, and whose they are: key and name."""
    people = {}
    for name, content in told.items():
        if METADATA.search(name):
            with contextlib.suppress(yaml.YAMLError, AttributeError, TypeError, KeyError):
                for number, row in yaml.safe_load(content).items():
                    who = [{k.strip(":"): v for k, v in p.items()} for p in row[":submitters"]]
                    key = str(who[0].get("sid") or who[0].get("email") or number)
                    shown = ", ".join(str(person.get("name") or "") for person in who)
                    people[number] = files.as_text(key.replace("/", "_")), shown
        elif match := PERSON.search(content.decode("utf-8", "replace")):
            people[name.removesuffix(".txt")] = match["id"].replace("/", "_"), match["name"]
    return people


def _of_archive(path: Path) -> Source:
    def entries(wanted: Callable[[str], bool]) -> Iterator[Entry]:
        try:
            with open(path, "rb") as file:
                yield from archive.entries(file, wanted)
        except archive.Refused as error:
            raise find.Nothing(f"{path}: {error}") from None

    return entries


def _of_folder(folder: Path, paths: Iterable[Path]) -> Source:
    def entries(wanted: Callable[[str], bool]) -> Iterator[Entry]:
        for path in sorted(paths):
            name = path.relative_to(folder).as_posix()
            if archive.PASSED_OVER.search(name):
                continue
            if path.is_dir():
                if path.is_symlink():
                    yield Entry(name, refused="this folder is a link: put the folder itself there")
            elif wanted(name):
                try:
                    yield Entry(name, read.content(path))
                except read.Unreadable as error:
                    yield Entry(name, refused=str(error))

    return entries
