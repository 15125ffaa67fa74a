"""Assignments as ``diptych course`` makes them."""

from diptych import cli
from tests.grading.submissions import CHAPTER

CHAPTERS = (CHAPTER, "losses/binary")
SEED = "seventeen-secret"
WHEEL = "diptych-0.1.0-py3-none-any.whl"


def made(out, *more, frameworks="pytorch"):
    """Make an assignment; returns the exit code."""
    given = [f"--chapters={','.join(CHAPTERS)}", f"--frameworks={frameworks}", f"--out={out}"]
    return cli.main(["course", *given, f"--seed={SEED}", *more])
