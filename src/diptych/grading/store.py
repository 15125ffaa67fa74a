"""The outcomes that are already graded, in SQLite: one row and one transaction for each submission.

A grader that is stopped or killed leaves every finished row, and the next grader continues from
there. The file is locked while a grader works with it.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from diptych.grading import files
from diptych.grading.outcome import Outcome

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


class StoreError(Exception):
    """The file is no store of this grader; the message says what to do."""


class StoreInUse(StoreError):
    """Another grader works with the same store."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The store, which is made if there is none. Raises :class:`StoreInUse` while another process
    has it open, and :class:`StoreError` if the file is something else."""
    files.touch(path)
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            # The lock ends with the connection, and so with the process, even if it is killed.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            for statement in SCHEMA.split(";"):
                db.execute(statement)
            db.execute("SELECT seed FROM batch")
            db.execute("SELECT student, place, fingerprint, outcome FROM submission")
            db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise StoreInUse(f"another grader is at work on {path}") from None
            if "not a database" in str(error) or "no such column" in str(error):
                raise StoreError(
                    f"{path} is no store of this grader ({error}): move it away, and everything "
                    "is graded again"
                ) from None
            raise
        yield db


def seed(db: sqlite3.Connection, given: str | None) -> str:
    """The secret seed of the batch: the one that is ``given``, or the kept one, or a new one."""
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
    """The fingerprint of each row that can be read, by student and place."""
    return {key: fingerprint for key, fingerprint, _ in rows(db)}


def save(db: sqlite3.Connection, fingerprint: str, outcome: Outcome) -> None:
    """Keep an outcome instead of an earlier one of the same file.

    The earlier one is kept apart until :func:`reported`, so that the next grader can still list the
    changes if this one is stopped.
    """
    row = (outcome.student, outcome.place, fingerprint, json.dumps(outcome.plain()))
    with _transaction(db):
        db.execute(
            "INSERT OR IGNORE INTO replaced SELECT student, place, outcome FROM submission "
            "WHERE student = ? AND place = ?",
            row[:2],
        )
        db.execute("INSERT OR REPLACE INTO submission VALUES (?, ?, ?, ?)", row)


def update_late(db: sqlite3.Connection, late: Mapping[tuple[str, str], str]) -> None:
    """Keep how late work was, by student and place: nothing is graded again for that."""
    for key, fingerprint, outcome in rows(db):
        if outcome.late != late.get(key, outcome.late):
            save(db, fingerprint, replace(outcome, late=late[key]))


def reported(db: sqlite3.Connection) -> None:
    """Forget the earlier outcomes, because the changes are now in the reports."""
    with _transaction(db):
        db.execute("DELETE FROM replaced")


def last_reported(db: sqlite3.Connection) -> list[Outcome]:
    """The outcomes as they were in the last reports."""
    kept = db.execute("SELECT student, place, '', outcome FROM replaced").fetchall()
    replaced = {key: outcome for key, _, outcome in _readable(kept)}
    now = {(outcome.student, outcome.place): outcome for outcome in outcomes(db)}
    return [*(now | replaced).values()]


def outcomes(db: sqlite3.Connection) -> Iterator[Outcome]:
    """Every outcome that can be read, sorted by student and place."""
    for _, _, outcome in rows(db):
        yield outcome


def rows(db: sqlite3.Connection) -> Iterator[tuple[tuple[str, str], str, Outcome]]:
    """Student and place, fingerprint, and outcome of the rows that can be read.

    A row that is damaged, or that another version kept, is left out: the file is graded again.
    """
    # All rows are fetched first, so that the caller can save while it iterates.
    kept = db.execute(
        "SELECT student, place, fingerprint, outcome FROM submission ORDER BY student, place"
    ).fetchall()
    yield from _readable(kept)


def _readable(kept: list[tuple]) -> Iterator[tuple[tuple[str, str], str, Outcome]]:
    for student, place, fingerprint, text in kept:
        with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
            outcome = Outcome.of(json.loads(text))
            if outcome.is_valid() and (outcome.student, outcome.place) == (student, place):
                yield (student, place), fingerprint, outcome


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite has rolled back itself on a full disk
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
