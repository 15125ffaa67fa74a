"""What tests of the grader share: one warm server, which takes seconds to start."""

import contextlib
import dataclasses
import sys

import pytest


@pytest.fixture(scope="module")
def one_server(tmp_path_factory):
    """The place from which all batches of a module get their children."""
    if sys.platform != "linux":
        pytest.skip("grading needs the warm server, and that Linux")
    from diptych.grading import batch
    from diptych.isolation import process

    with (
        process.place(tmp_path_factory.mktemp("place"), isolation="sandbox", seconds=100) as place,
        pytest.MonkeyPatch.context() as patch,
    ):

        def as_asked(store, *, isolation, **rules):
            given = place if isolation == "sandbox" else dataclasses.replace(place, rules=None)
            return contextlib.nullcontext(given)

        patch.setattr(batch, "place", as_asked)
        yield place
