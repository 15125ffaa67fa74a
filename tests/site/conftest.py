"""The site, built once as a reader gets it, served on loopback, and opened in Chromium."""

import json
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


@pytest.fixture(scope="session")
def index(site) -> dict:
    """The index of the search."""
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("const searchIndex = ").removesuffix(";\n"))


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
    """Open pages as new visitors with a storage of their own: ``with visit(width=390) as page``.

    Other keywords are those of Playwright's ``new_context``.
    """

    @contextmanager
    def visitor(width=1440, **options):
        with chromium.new_context(viewport={"width": width, "height": 900}, **options) as context:
            yield context.new_page()

    return visitor


# Finish all animations at once, and those that begin when others end.
SETTLE = """async () => {
    let frame = 0;
    do {
        await new Promise(requestAnimationFrame);
        document.getAnimations().forEach(each => each.finish());
    } while (++frame < 2 || document.getAnimations().length);
}"""
# Without this, a colour may still change when all animations are finished.
STILL = "* { transition: none !important }"
# The page changes its theme a moment after the browser does.
HAS_THEME = "theme => document.documentElement.dataset.theme === theme"
# Change the choice as another tab would.
CHOOSE = """framework => {
    localStorage.setItem("diptych-framework", framework);
    dispatchEvent(new StorageEvent("storage"));
}"""


class Opened:
    """A page of the site that was opened once, at 1440 pixels.

    ``responses`` are those of a first visit, by address; ``problems`` are errors in the console,
    and requests to other hosts.
    """

    def __init__(self, page, url: str, name: str) -> None:
        self.page, self.responses, self.problems = page, {}, []
        page.on("response", lambda r: self.responses.setdefault(r.url, r))
        page.on("console", lambda m: m.type == "error" and self.problems.append(m.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("response", lambda r: r.ok or self.problems.append(f"{r.status} {r.url}"))
        page.on(
            "request",
            lambda r: r.url.startswith((url, "data:")) or self.problems.append(r.url),
        )
        page.goto(url + name)
        page.add_style_tag(content=STILL)
        page.evaluate("document.fonts.ready")

    def look(self, width: int = 1440, framework: str = "both", theme: str = "light"):
        """The page as it is at this width, with these panels, in this theme."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=theme)
        self.page.wait_for_function(HAS_THEME, arg=theme)
        self.page.evaluate(CHOOSE, framework)
        self.page.evaluate(SETTLE)
        return self.page


@pytest.fixture(scope="module")
def opened(chromium, url, name):
    """The page ``name``, opened once for all tests that do not change it: opening takes longest."""
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        yield Opened(context.new_page(), url, name)
