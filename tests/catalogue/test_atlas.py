"""`diptych atlas` prints all components, and the symbols that are left out, without a framework."""

import argparse
import json
import os
import subprocess
import sys

import pytest
from rich.cells import cell_len

from diptych.catalogue import atlas, ledger
from diptych.catalogue.component import FAMILIES, catalogue, find, load

MAIN = """
import sys
for framework in ("torch", "tensorflow", "keras"):
    sys.modules[framework] = None  # makes its import fail
import argparse
from diptych.catalogue import atlas
parser = argparse.ArgumentParser()
atlas.register(parser.add_subparsers())
args = parser.parse_args()
sys.exit(args.run(args))
"""

KEYS = {
    *("id", "name", "zh", "kind", "family", "chapter"),
    *("pytorch", "keras", "tensorflow", "aliases", "status", "exercise", "calls", "differs"),
}


def command(*options):
    parser = argparse.ArgumentParser()
    atlas.register(parser.add_subparsers())
    args = parser.parse_args(["atlas", *options])
    return args.run(args)


def printed(capsys, *options):
    assert command(*options) == 0
    return capsys.readouterr().out


@pytest.fixture
def from_json(capsys):
    return json.loads(printed(capsys, "--format", "json"))


def test_every_row_has_every_key_and_a_reason_where_it_has_no_section(from_json):
    for row in from_json:
        assert row.keys() >= KEYS
        assert row.keys() - KEYS in ({"reason"}, set())
        assert isinstance(row["exercise"], bool)


def test_written_components_are_rows_without_a_mark(from_json):
    written = [row["id"] for row in from_json if row.keys() == KEYS]
    order = ledger.read().chapters
    book = sorted(catalogue(), key=lambda component: order.index(component.chapter))
    assert written == [component.id for component in book]


def test_rows_follow_the_book_and_end_with_what_is_left_out(from_json):
    chapters = [row["chapter"] for row in from_json]
    order = [*ledger.read().chapters, ""]
    assert chapters == sorted(chapters, key=order.index)
    assert len({row["id"] for row in from_json}) == len(from_json)


def test_a_row_carries_the_names_of_both_frameworks_and_says_that_there_is_an_exercise(from_json):
    (row,) = (row for row in from_json if row["id"] == "leaky_relu")
    assert row["zh"] == "带泄漏修正线性单元"
    assert (row["family"], row["chapter"]) == ("activations", "activations/rectifiers")
    assert "torch.nn.LeakyReLU" in row["pytorch"]
    assert "keras.layers.LeakyReLU" in row["keras"]
    assert row["tensorflow"] == ["tf.nn.leaky_relu"]
    assert row["exercise"] is True


def test_a_symbol_that_is_left_out_is_found_under_its_name_with_the_reason(from_json):
    (row,) = (row for row in from_json if row["id"] == "tf.nn.top_k")
    assert row["reason"]
    assert row["tensorflow"] == ["tf.nn.top_k"]
    assert row["name"] == "top_k"
    assert not row["pytorch"] and not row["keras"] and not row["chapter"]


def test_a_row_carries_second_names_calls_and_what_differs(from_json):
    rows = {row["id"]: row for row in from_json}
    assert "keras.layers.MaxPool2D" in rows["max_pooling"]["aliases"]
    assert "tf.keras.losses.mse" in rows["mean_squared_error"]["aliases"]
    assert rows["leaky_relu"]["calls"] == [vars(call) for call in find("leaky_relu").calls]
    assert rows["leaky_relu"]["differs"] == dict(find("leaky_relu").behaviour)


@pytest.mark.parametrize(
    ("query", "id"),
    [
        ("keras.layers.MaxPool2D", "max_pooling"),
        ("keras.losses.mse", "mean_squared_error"),
        ("tf.nn.lrn", "local_response_norm"),
        ("tf.keras.layers.LeakyReLU", "leaky_relu"),
        ("F.leaky_relu(x, 0.1)", "leaky_relu"),
        ("ＬｅａｋｙＲｅＬＵ", "leaky_relu"),
        ("带泄漏", "leaky_relu"),
        (find("relu").behaviour["dying"], "relu"),
        ("tf.nn.top_k", "tf.nn.top_k"),
    ],
)
def test_words_find_a_name_a_term_or_a_sentence_whatever_their_case_and_width(capsys, query, id):
    found = json.loads(printed(capsys, *query.split(" "), "--format", "json"))
    assert id in [row["id"] for row in found]
    assert len(found) < 10


def test_the_table_prints_the_name_that_was_asked_for(capsys):
    assert "keras.layers.MaxPool2D +5" in printed(capsys, "maxpool2d")
    assert "keras.layers.MaxPooling1D +5" in printed(capsys, "--family", "layers")


def test_a_second_name_of_tf_keras_is_printed_as_a_name_of_keras(capsys):
    row = next(row for row in atlas.rows() if row["id"] == "log_cosh")
    assert "tf.keras.losses.logcosh" in atlas.names(row, "keras")
    assert atlas.names(row, "tensorflow") == []


def test_words_that_nothing_has_are_an_error_that_names_them(capsys):
    assert command("leaky", "nonsense") == 1
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err == "diptych atlas: no entry contains all of: leaky nonsense\n"


@pytest.mark.parametrize("family", FAMILIES)
def test_family_narrows_table_and_json(capsys, family):
    rows = json.loads(printed(capsys, "--format", "json", "--family", family))
    assert {row["family"] for row in rows} == {family}
    lines = printed(capsys, "--family", family).splitlines()
    headings = [line for line in lines if line.startswith(FAMILIES)]
    assert {heading.split("/")[0] for heading in headings} == {family}


def test_json_keeps_chinese_readable_in_any_locale():
    run = subprocess.run(
        [sys.executable, "-c", MAIN, "atlas", "--format", "json"],
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert "带泄漏修正线性单元" in run.stdout.decode("utf-8")


def test_the_atlas_needs_neither_framework():
    run = subprocess.run([sys.executable, "-c", MAIN, "atlas"], capture_output=True, check=True)
    assert b"activations/rectifiers" in run.stdout
    assert not run.stderr


def test_columns_of_the_table_line_up_under_chinese():
    lines = atlas.table(atlas.rows()).splitlines()
    start = lines.index("activations/rectifiers") + 1
    section = lines[start : lines.index("", start)]
    places = {cell_len(line[: line.index(" torch.nn.")]) for line in section}
    assert len(section) == len(load("activations/rectifiers"))
    assert len(places) == 1
