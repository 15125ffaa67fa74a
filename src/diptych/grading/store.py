"""What has been graded, in SQLite: one row per submission, one transaction per row.

A grader that is stopped, or killed, leaves every finished row behind, and the next one goes on
from there. The file is locked for as long as one grader works with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from diptych.grading.marking import Outcome

SCHEMA = """
CREATE TABLE IF NOT EXISTS batch (seed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submission (
    student TEXT NOT NULL,
    place TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (student, place)
);
"""


class Busy(Exception):
    """Another grader is at work on the same store."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The store, made if there is none; raises :class:`Busy` while another process has it."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # seed and grades are nobody else's
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        try:
            # Held until the connection ends, and with it the process, however it ends.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            for statement in SCHEMA.split(";"):
                db.execute(statement)
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Busy(f"another grader is at work on {path}") from None
            raise
        yield db


def seed(db: sqlite3.Connection, given: str | None) -> str:
    """The batch's secret seed: the one ``given``, else the one kept, else a new one."""
    row = db.execute("SELECT seed FROM batch").fetchone()
    chosen = given or (row[0] if row else secrets.token_hex(16))
    with _transaction(db):
        db.execute("DELETE FROM batch")
        db.execute("INSERT INTO batch VALUES (?)", (chosen,))
    return chosen


def fingerprints(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """What each row was graded from, by student and place."""
    rows = db.execute("SELECT student, place, fingerprint FROM submission")
    return {(student, place): fingerprint for student, place, fingerprint in rows}


def save(db: sqlite3.Connection, fingerprint: str, outcome: Outcome) -> None:
    """Keep one outcome, in the place of any that the same file had before."""
    row = (outcome.student, outcome.place, fingerprint, json.dumps(outcome.plain()))
    with _transaction(db):
        db.execute("INSERT OR REPLACE INTO submission VALUES (?, ?, ?, ?)", row)


def outcomes(db: sqlite3.Connection) -> Iterator[Outcome]:
    """Every outcome that is kept, by student and place."""
    for (text,) in db.execute("SELECT outcome FROM submission ORDER BY student, place"):
        yield Outcome.of(json.loads(text))


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
