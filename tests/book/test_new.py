"""``diptych new`` and ``diptych doctor``, on a copy of what they read and write."""

import ast
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from diptych.book import doctor, new
from diptych.catalogue.component import Component, chapters

ROOT = Path(__file__).parents[2]
# The files of a chapter that does not exist yet.
PLANNED = """
[[planned]]
id = "first_novelty"
name = "First novelty"
zh = "新层一"
chapter = "layers/novelties"
pytorch = ["torch.nn.First"]
keras = ["keras.layers.First"]
aliases = ["keras.layers.FirstOne"]

[[planned]]
id = "second_novelty"
name = "Second novelty"
zh = "新层二"
chapter = "layers/novelties"
status = "removed"
pytorch = ["torch.nn.Second"]
"""
FIRST, SECOND = [Component(**row) for row in tomllib.loads(PLANNED)["planned"]]


@pytest.fixture
def book(tmp_path):
    """A copy of the parts of the repository that are edited by hand."""
    for part in ("chapters", "solutions", "src/diptych/components", "src/diptych/catalogue"):
        shutil.copytree(
            ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__")
        )
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    with (tmp_path / new.LEDGER).open("a", encoding="utf-8") as file:
        file.write(PLANNED)
    return tmp_path


def test_a_component_of_a_new_chapter_is_begun_in_all_files(book):
    written = new.new(book, FIRST.chapter, FIRST.id)
    names = [path.relative_to(book).as_posix() for path in written]
    assert names == [
        f"src/diptych/components/{FIRST.chapter}.py",
        f"chapters/{FIRST.chapter}.py",
        f"solutions/{FIRST.chapter}.py",
        new.LEDGER,
        "_toc.yml",
    ]
    left = {row["id"] for row in tomllib.loads((book / new.LEDGER).read_text())["planned"]}
    assert FIRST.id not in left and SECOND.id in left
    module = written[0].read_text()
    assert f'zh="{FIRST.zh}"' in module and f'"{FIRST.pytorch[0]}"' in module
    assert f"<!-- head: {FIRST.id} -->" in written[1].read_text()
    assert f"def {FIRST.id}_tf(" in written[2].read_text()
    for path in written[:3]:
        ast.parse(path.read_text())


def test_second_names_go_from_the_ledger_into_the_component(book):
    module = new.new(book, FIRST.chapter, FIRST.id)[0].read_text()
    assert '"keras.layers.FirstOne"' in module


def test_what_does_not_follow_from_family_and_names_goes_into_the_component(book):
    module = new.new(book, SECOND.chapter, SECOND.id)[0].read_text()
    assert 'status="removed"' in module and "kind=" not in module
    usage = replace(FIRST, kind="usage")
    assert 'kind="usage"' in new._words(usage)["names"]


def test_the_table_of_contents_has_the_new_chapter_its_exercises_and_solutions(book):
    new.new(book, FIRST.chapter, FIRST.id)
    parts = {
        part["caption"]: part["chapters"]
        for part in yaml.safe_load((book / "_toc.yml").read_text())["parts"]
    }
    family = FIRST.chapter.split("/")[0].capitalize()
    (entry,) = [e for e in parts[family] if e["file"] == f"chapters/{FIRST.chapter}"]
    assert entry["sections"][0]["file"] == f"exercises/{FIRST.chapter}"
    last = parts["Reference"][-1]
    assert last["file"] == "solutions"
    assert last["sections"][-1]["file"] == f"solutions/{FIRST.chapter}"


def test_a_second_component_joins_the_first(book):
    for row in (FIRST, SECOND):
        new.new(book, row.chapter, row.id)
    module = (book / f"src/diptych/components/{FIRST.chapter}.py").read_text()
    assert f"COMPONENTS = ({FIRST.id.upper()}, {SECOND.id.upper()})" in module


def test_a_section_stands_in_front_of_the_choice(book):
    new.new(book, FIRST.chapter, FIRST.id)
    page = (book / f"chapters/{FIRST.chapter}.py").read_text()
    assert page.index(f"({FIRST.anchor})=") < page.index("## Which one to choose")


@pytest.mark.parametrize(
    ("chapter", "id", "said"),
    [
        (FIRST.chapter, "nothing", "plans no 'nothing'; for .* it plans: "),
        ("activations/gates", FIRST.id, f"plans {FIRST.id} for {FIRST.chapter}, not for"),
    ],
)
def test_what_is_not_planned_is_refused_and_nothing_written(book, chapter, id, said):
    before = {path: path.read_bytes() for path in book.rglob("*") if path.is_file()}
    with pytest.raises(new.NewError, match=said):
        new.new(book, chapter, id)
    assert {path: path.read_bytes() for path in book.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("chapter", chapters())
def test_no_chapter_lacks_anything(chapter):
    assert [*doctor.lacks(ROOT, chapter)] == []


def test_the_doctor_lists_what_a_stub_leaves_to_write(book):
    new.new(book, FIRST.chapter, FIRST.id)
    said = [*doctor.lacks(book, FIRST.chapter)]
    assert any(f"chapters/{FIRST.chapter}.py:" in each and new.MARK in each for each in said)
    assert any(f"solutions/{FIRST.chapter}.py:" in each for each in said)


def test_the_doctor_names_files_that_are_missing(tmp_path):
    said = [*doctor.lacks(tmp_path, "layers/dense")]
    assert said == [
        "src/diptych/components/layers/dense.py is missing",
        "chapters/layers/dense.py is missing",
        "solutions/layers/dense.py is missing",
    ]
