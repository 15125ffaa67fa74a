"""What tests share: one warm server, which takes seconds to start, and a browser."""

import contextlib
import dataclasses
import shutil
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def one_server(tmp_path_factory):
    """The place from which all batches of a module get their children."""
    if sys.platform != "linux":
        pytest.skip("grading needs the warm server, which needs Linux")
    from diptych.grading import classroom50, threads
    from diptych.isolation import place

    with (
        place.place(tmp_path_factory.mktemp("place"), isolation="sandbox", seconds=100) as shared,
        pytest.MonkeyPatch.context() as patch,
    ):

        def as_asked(store, *, isolation, **rules):
            given = shared if isolation == "sandbox" else dataclasses.replace(shared, rules=None)
            return contextlib.nullcontext(given)

        for module in (classroom50, threads):
            patch.setattr(module, "place", as_asked)
        yield shared


# Not for the whole session: while Playwright runs, no test after it can run an event loop.
@pytest.fixture(scope="module")
def chromium():
    """A running Chromium; the test is skipped where there is none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
        path = path or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("Chromium is missing: the tests in a browser did not run")
        quiet = ("background-networking", "sync", "component-update", "gpu")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", *(f"--disable-{part}" for part in quiet)]
        )
        yield browser
        browser.close()
