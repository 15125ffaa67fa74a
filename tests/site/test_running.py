"""A page of exercises has a link to Colab if the book's repository is on GitHub."""

import json
import zipfile
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from diptych.site import running
from tests import ROOT
from tests.site.building import jupyter_book
from tests.site.every import every, pages

PAGE = "exercises/activations/easy"
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Easy\n\nOne.\n\nTwo."}
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
REPOSITORY = "https://github.com/a/b"
COLAB = "https://colab.research.google.com/github/a/b/blob"


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("", None),
        ("repository:", None),
        ("repository: {branch: main}", None),
        ("repository: {url: https://gitlab.com/a/b}", None),
        (f"repository: {{url: {REPOSITORY}}}", f"{COLAB}/main/x.ipynb"),
        (f"repository: {{url: {REPOSITORY}.git}}", f"{COLAB}/main/x.ipynb"),
        (
            f"repository: {{url: {REPOSITORY}/, branch: v1, path_to_book: /book/}}",
            f"{COLAB}/v1/book/x.ipynb",
        ),
    ],
)
def test_the_address_at_colab_is_made_from_the_repositorys(tmp_path, repository, address):
    (tmp_path / "_config.yml").write_text(f"title: Book\n{repository}\n")
    made = {"repository": REPOSITORY, "colab": address} if address else {}
    assert running.colab(SimpleNamespace(srcdir=tmp_path), "x.ipynb") == made


def test_a_page_of_a_book_with_a_repository_leads_to_colab(tmp_path):
    config = (ROOT / "_config.yml").read_text().replace("src/", f"{ROOT}/src/")
    (tmp_path / "_config.yml").write_text(f"{config}\nrepository:\n  url: {REPOSITORY}\n")
    (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: {PAGE}\n")
    (tmp_path / "references.bib").write_text("")
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / f"{PAGE}.ipynb").write_text(json.dumps(NOTEBOOK))
    built = jupyter_book(tmp_path, tmp_path / "out")
    assert built.returncode == 0, built.stderr
    text = (tmp_path / f"out/_build/html/{PAGE}.html").read_text()
    box = BeautifulSoup(text, "html.parser").select_one(".running")
    assert box.select_one("a.colab")["href"] == f"{COLAB}/main/{PAGE}.ipynb"
    assert box("pre")[-1].get_text() == f"%pip install git+{REPOSITORY}\n"


@every(page for page in pages() if page.startswith("exercises/"))
def test_a_page_of_exercises_serves_its_notebook_and_the_package_to_run_it(parse, site, name):
    box = parse(name).select_one("p + .running")
    notebook, wheel = ((site / name / ".." / a["href"]).resolve() for a in box("a"))
    assert notebook.read_bytes() == (ROOT / name).with_suffix(".ipynb").read_bytes()
    assert box.pre.get_text().splitlines() == [
        f'pip install "{wheel.name}[torch]" jupyterlab',
        f"jupyter lab {notebook.name}",
    ]
    assert zipfile.is_zipfile(wheel)
    # _config.yml has no repository, and the box must not link to Jupyter Book's own one.
    assert "github" not in str(box) and "Colab" not in str(box)
