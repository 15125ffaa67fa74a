"""What has been graded, in SQLite: one row per submission, one transaction per row.

A grader that is stopped, or killed, leaves every finished row behind, and the next one goes on
from there. The file is locked for as long as one grader works with it.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from diptych.grading import files
from diptych.grading.outcome import Grade, Outcome
from diptych.judging.curve import X

SCHEMA = """
CREATE TABLE IF NOT EXISTS batch (seed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submission (
    student TEXT NOT NULL,
    place TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (student, place)
);
CREATE TABLE IF NOT EXISTS replaced (
    student TEXT NOT NULL,
    place TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (student, place)
);
"""
TYPES = {"str": str, "float": (int, float), "bool": bool}  # of a grade's fields


class Unusable(Exception):
    """The file is no store of this grader."""


class Busy(Unusable):
    """Another grader is at work on the same store."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The store, made if there is none; raises :class:`Busy` while another process has it, and
    :class:`Unusable` where the file is something else."""
    files.touch(path)
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            # Held until the connection ends, and with it the process, however it ends.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            for statement in SCHEMA.split(";"):
                db.execute(statement)
            db.execute("SELECT seed FROM batch")
            db.execute("SELECT student, place, fingerprint, outcome FROM submission")
            db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise Busy(f"another grader is at work on {path}") from None
            if "not a database" in str(error) or "no such column" in str(error):
                raise Unusable(
                    f"{path} is no store of this grader ({error}): move it away, and everything "
                    "is graded again"
                ) from None
            raise
        yield db


def seed(db: sqlite3.Connection, given: str | None) -> str:
    """The batch's secret seed: the one ``given``, else the one kept, else a new one."""
    chosen = given or kept_seed(db) or secrets.token_hex(16)
    with _transaction(db):
        db.execute("DELETE FROM batch")
        db.execute("INSERT INTO batch VALUES (?)", (chosen,))
    return chosen


def kept_seed(db: sqlite3.Connection) -> str:
    """The seed that the store has, or ""."""
    row = db.execute("SELECT seed FROM batch").fetchone()
    return row[0] if row and isinstance(row[0], str) else ""


def fingerprints(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """What each row that can be read was graded from, by student and place."""
    return {key: fingerprint for key, fingerprint, _ in rows(db)}


def save(db: sqlite3.Connection, fingerprint: str, outcome: Outcome) -> None:
    """Keep one outcome, in the place of any that the same file had before.

    That one is kept, too, until :func:`reported`: a grader that is stopped leaves it behind, and
    the next one can still say what has changed.
    """
    row = (outcome.student, outcome.place, fingerprint, json.dumps(outcome.plain()))
    with _transaction(db):
        db.execute(
            "INSERT OR IGNORE INTO replaced SELECT student, place, outcome FROM submission "
            "WHERE student = ? AND place = ?",
            row[:2],
        )
        db.execute("INSERT OR REPLACE INTO submission VALUES (?, ?, ?, ?)", row)


def reported(db: sqlite3.Connection) -> None:
    """What has changed is told: forget what the outcomes were before."""
    with _transaction(db):
        db.execute("DELETE FROM replaced")


def last_reported(db: sqlite3.Connection) -> list[Outcome]:
    """The outcomes as they were when the last grader was done."""
    kept = db.execute("SELECT student, place, '', outcome FROM replaced").fetchall()
    replaced = {key: outcome for key, _, outcome in _readable(kept)}
    now = {(outcome.student, outcome.place): outcome for outcome in outcomes(db)}
    return [*(now | replaced).values()]


def outcomes(db: sqlite3.Connection) -> Iterator[Outcome]:
    """Every outcome that is kept and can be read, by student and place."""
    for _, _, outcome in rows(db):
        yield outcome


def rows(db: sqlite3.Connection) -> Iterator[tuple[tuple[str, str], str, Outcome]]:
    """Key, fingerprint and outcome of the rows that can be read: what is damaged, or was kept
    by another version, is graded again as if it were not there."""
    # All at once, so that they can be written while they are looked at.
    kept = db.execute(
        "SELECT student, place, fingerprint, outcome FROM submission ORDER BY student, place"
    ).fetchall()
    yield from _readable(kept)


def _readable(kept: list[tuple]) -> Iterator[tuple[tuple[str, str], str, Outcome]]:
    for student, place, fingerprint, text in kept:
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            outcome = Outcome.of(json.loads(text))
            if _is_whole(outcome) and (outcome.student, outcome.place) == (student, place):
                yield (student, place), fingerprint, outcome


def _is_whole(outcome: Outcome) -> bool:
    """Whether each field is of its type, so that no report stumbles over it."""
    texts = (outcome.student, outcome.place, outcome.chapter, outcome.status, outcome.reason)
    texts += (outcome.late,)
    lists = (*outcome.notes, *(part for grade in outcome.grades for part in grade.lost))
    curves = [grade.curve for grade in outcome.grades if grade.curve]
    drawn = all(
        len(curve) == len(X) and all(y is None or isinstance(y, TYPES["float"]) for y in curve)
        for curve in curves
    )
    texts_only = all(isinstance(text, str) for text in texts + lists)
    return (
        drawn
        and texts_only
        and all(
            isinstance(getattr(grade, field.name), TYPES[field.type])
            for grade in outcome.grades
            for field in fields(Grade)
            if field.type in TYPES
        )
    )


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite itself goes back where a disk is full
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
