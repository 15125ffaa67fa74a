"""The site, built once as a reader gets it, served on loopback, and opened in Chromium."""

from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from bs4 import BeautifulSoup

from tests import ROOT
from tests.site.building import jupyter_book


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder of the built site."""
    out = tmp_path_factory.mktemp("site")
    built = jupyter_book(ROOT, out)
    assert built.returncode == 0, built.stderr
    return out / "_build" / "html"


@pytest.fixture(scope="session")
def parse(site):
    """Parse a page of the site, once each."""
    parsed = {}

    def parse(name: str) -> BeautifulSoup:
        if name not in parsed:
            parsed[name] = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        return parsed[name]

    return parse


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def url(site) -> str:
    """The address of the served site, with a slash at its end."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def visit(chromium):
    """Make visitors: ``with visit(width=390) as page``, each with a storage of their own.

    Keywords beside ``width`` are those of Playwright's ``new_context``.
    """

    @contextmanager
    def visitor(width=1440, **options):
        with chromium.new_context(viewport={"width": width, "height": 900}, **options) as context:
            yield context.new_page()

    return visitor
