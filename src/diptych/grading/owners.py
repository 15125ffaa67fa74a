"""Which student each file of a download belongs to.

The names of the files say so (:mod:`diptych.grading.downloads`), or the first folder. Blackboard
and Gradescope add files that have the students' names.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

import yaml

from diptych.catalogue.component import FAMILIES
from diptych.grading import downloads, files, folders
from diptych.grading.downloads import Upload

ATTEMPT = re.compile(r"_\d{4}(-\d\d){5}\.txt$")  # Blackboard: one for each attempt
PERSON = re.compile(r"^Name: (?P<name>.*) \((?P<id>[^()]+)\)\s*$", re.M)  # in such a file
METADATA = re.compile(r"(^|/)submission_metadata\.yml$")  # Gradescope: one for all students

# The upload that a file's name describes, or None with the status under which the file is listed.
Owner = Callable[[str], tuple[Upload | None, str]]
# Student and name, by the beginning of file names (Blackboard) or the key of a submission.
People = Mapping[str, tuple[str, str]]


def has_people(name: str) -> bool:
    """Whether the file of this name has names of students for :func:`people`."""
    return bool(ATTEMPT.search(name) or METADATA.search(name))


def people(contents: Mapping[str, bytes]) -> People:
    """The students in the files of which :func:`has_people` is true; ``contents`` are these files
    by name. What cannot be read is left out."""
    found = {}
    for name, content in contents.items():
        if METADATA.search(name):
            with contextlib.suppress(yaml.YAMLError, AttributeError, TypeError, KeyError):
                for number, row in yaml.safe_load(content).items():
                    who = [{k.strip(":"): v for k, v in p.items()} for p in row[":submitters"]]
                    key = str(who[0].get("sid") or who[0].get("email") or number)
                    shown = ", ".join(str(person.get("name") or "") for person in who)
                    found[number] = files.as_text(key.replace("/", "_")), shown
        elif match := PERSON.search(content.decode("utf-8", "replace")):
            found[name.removesuffix(".txt")] = match["id"].replace("/", "_"), match["name"]
    return found


def top_and_site(names: list[str]) -> tuple[str, str]:
    """The folder, with a slash, that holds all files, or "", and the course's site, or ""."""
    tops = {name.partition("/")[0] + "/" for name in names if "/" in name}
    alone = tops.pop() if len(tops) == 1 and all("/" in name for name in names) else ""
    for top in dict.fromkeys(("", alone)):
        if site := downloads.site([name.removeprefix(top) for name in names]):
            return top, site
    inside = {PurePosixPath(name).parts[1:-1] for name in names}
    # If folders of families lie in it, it is itself the folder of one student.
    of_students = all(inside) and not {parts[0] for parts in inside} & set(FAMILIES)
    return (alone if alone and of_students else ""), ""


def owner(top: str, site: str, ids: Collection[str], known: People) -> Owner:
    """A function that finds the owner of a file by its name in the download.

    ``top`` and ``site`` come from :func:`top_and_site`, ``known`` from :func:`people`; ``ids`` are
    the students on the roster.
    """

    def of(name: str) -> tuple[Upload | None, str]:
        path = name.removeprefix(top)
        if site:
            found = downloads.upload(site, path, ids)
            status = "two_readings" if downloads.SITES[site](path) else "no_student"
        else:  # the first folder is the student's
            student, _, file = path.partition("/")
            found, status = (Upload(student, file) if file else None), "no_student"
        if found is None or folders.IGNORED.match(found.student):
            return None, status
        return _with_name(found, path, known), ""

    return of


def _with_name(upload: Upload, path: str, known: People) -> Upload:
    for beginning, (student, name) in known.items():
        if path.startswith(beginning) or upload.student == beginning:
            return replace(upload, student=student, name=name)
    return upload
