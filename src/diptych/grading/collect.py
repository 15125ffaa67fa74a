"""Collects a class: its submissions, the names of its students, and how late each submission is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from diptych.grading import files, find, folders, lateness, roster, shards
from diptych.grading.by_hand import Mark
from diptych.grading.find import Submission
from diptych.grading.unpack import Download


@dataclass(frozen=True)
class Class:
    """The part of a class that is graded.

    ``names`` maps each student to a name, or ""; ``marks`` are those given by hand;
    ``not_in_class`` says who is in the times of late work, but not in the class.
    """

    submissions: list[Submission]
    names: dict[str, str]
    marks: list[Mark]
    not_in_class: tuple[str, ...]


def collect(
    download: Download,
    chapters: Sequence[str],
    listed: Mapping[str, str],
    marks: Sequence[Mark],
    only: Collection[tuple[str, str]],
    late: Mapping[tuple[str, str], str],
    shard: shards.Shard,
) -> Class:
    """The class in a ``download``; the other arguments are those of
    :func:`diptych.grading.batch.grade`.

    Raises :class:`diptych.grading.folders.NothingToGrade`, and
    :class:`diptych.grading.tables.TableError` if a mark or ``only`` names somebody who is not in
    the class.
    """
    found = find.submissions(download.folder, chapters, order=download.order, also=download.listed)
    found = [replace(each, student=download.student_of(each.student)) for each in found]
    found = [
        replace(each, late=lateness.of(each, late, download.late.get(each.path, "")))
        for each in found
        if shards.belongs(each.student, shard)
    ]
    names_of_folders = map(files.as_text, folders.students(download.folder))
    students = [download.student_of(name) for name in names_of_folders]
    names = roster.together(students, listed, download.names)
    roster.check(names, [mark.student for mark in marks] + [student for student, _ in only])
    unknown = dict.fromkeys(student for student, _ in late if student not in names)
    not_in_class = tuple(roster.near(student, names) for student in unknown)
    names = {student: name for student, name in names.items() if shards.belongs(student, shard)}
    marks = [mark for mark in marks if mark.student in names]
    return Class(found, names, marks, not_in_class)
