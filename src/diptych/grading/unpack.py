"""Makes a folder for each student from the download of a course's site, packed or unpacked."""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from diptych.grading import archive, clones, downloads, files, folders, owners, sources
from diptych.grading.archive import Entry
from diptych.grading.chapter import NOTEBOOK
from diptych.grading.downloads import Upload
from diptych.grading.find import Submission
from diptych.grading.owners import Owner
from diptych.grading.sources import Source
from diptych.grading.statuses import sentence

UNPACKED = ".unpacked-"  # how the names of temporary folders begin
# A text or a link that was handed in without a file.
TEXT = re.compile(r"(_(text|link)|_onlinetext[/_]onlinetext)\.html$")


@dataclass
class Download:
    """The ``folder`` that holds the students' folders, and what the download says about them.

    ``clones`` has the student of a folder with another name, ``names`` the name of each student,
    ``late`` and ``order`` those of files (:class:`diptych.grading.downloads.Upload`), and
    ``listed`` the files that are not graded.
    """

    folder: Path
    clones: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    late: dict[Path, str] = field(default_factory=dict)
    order: dict[Path, float] = field(default_factory=dict)
    listed: list[Submission] = field(default_factory=list)

    def student_of(self, folder: str) -> str:
        """The student whose folder has this name."""
        return self.clones.get(folder, folder)


@contextlib.contextmanager
def opened(submitted: Path, out: Path, ids: Collection[str] = ()) -> Iterator[Download]:
    """The students' folders in ``submitted``, as they are, or made from a download.

    They are made from a ZIP archive, and from a folder whose files have the names of a course's
    site, in a folder in ``out`` that exists until the context ends. ``ids`` are the students on the
    roster. Raises :class:`diptych.grading.folders.NothingToGrade` if the archive cannot be read or
    the download has too many files, and ``OSError``.
    """
    paths = sources.paths(submitted) if submitted.is_dir() else []
    if submitted.is_dir():
        source = sources.of_folder(submitted, paths)
    else:
        source = sources.of_archive(submitted)
    names, contents = _first_look(source)
    top, site = owners.top_and_site([name for name in names if _is_work(name)])
    if submitted.is_dir() and not site:
        folder = folders.class_folder(submitted)
        yield Download(folder, clones.owners(folder, ids))
        return
    if len(paths) > archive.ENTRIES:
        raise folders.NothingToGrade(
            f"{submitted} holds more than {archive.ENTRIES:,} files of a course's site: grade it "
            "in parts"
        )
    files.folder(out)
    folder = Path(tempfile.mkdtemp(prefix=UNPACKED, dir=out))
    try:
        owner = owners.owner(top, site, ids, owners.people(contents))
        yield _download(folder, source, owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(out: Path, download: Download) -> None:
    """Remove the folders that killed graders left in ``out``. Call it only while you hold the
    store of ``out``: no other grader is at work then."""
    for left in out.glob(f"{UNPACKED}*"):
        if left != download.folder:
            shutil.rmtree(left, ignore_errors=True)


def _is_work(name: str) -> bool:
    return bool(NOTEBOOK.search(name) or TEXT.search(name))


def _first_look(source: Source) -> tuple[list[str], dict[str, bytes]]:
    """The names of all files, and the contents of those that have names of students."""
    names: list[str] = []

    def wanted(name: str) -> bool:
        names.append(name)
        return owners.has_people(name)

    found = {entry.name: entry for entry in source(wanted)}
    names += [n for n, entry in found.items() if entry.refused and not archive.bad_name(n)]
    return names, {name: entry.content for name, entry in found.items()}


def _download(folder: Path, source: Source, owner: Owner) -> Download:
    """Write the notebooks of each student's last attempt into ``folder``, and list other files."""
    download = Download(folder)
    found: list[tuple[Upload, Entry]] = []
    for entry in source(_is_work):
        upload, status = owner(entry.name)
        if upload is None:
            _list(download, entry, "refused" if entry.refused else status, reason=entry.refused)
            continue
        download.names.setdefault(files.as_text(upload.student), upload.name)
        if entry.refused:
            _list(download, entry, "refused", upload.student, entry.refused)
        elif NOTEBOOK.search(entry.name):
            found.append((upload, entry))
        else:
            _list(download, entry, "no_notebook", upload.student)
    last = set(map(id, downloads.newest([upload for upload, _ in found])))
    for upload, entry in found:
        path = folder / upload.student / upload.file
        if id(upload) not in last:
            _list(download, entry, "older_attempt", upload.student)
        elif problem := _write(path, entry.content):
            _list(download, entry, "refused", upload.student, problem)
        else:
            download.late[path], download.order[path] = upload.late, upload.order
    for student in download.names:  # a student of whom nothing is graded needs a folder, too
        with contextlib.suppress(OSError):
            (folder / student).mkdir(exist_ok=True)
    return download


def _list(download: Download, entry: Entry, status: str, student="", reason="") -> None:
    place, said = files.as_text(entry.name), sentence(status, reason=reason)
    name = files.as_text(student)
    download.listed.append(Submission(name, download.folder, place, "", status, said))


def _write(path: Path, content: bytes) -> str:
    """Write a new file; returns "", or what is wrong with its name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            file.write(content)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return archive.SAME_NAME
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            raise
        return "this system does not allow its name"
    return ""
