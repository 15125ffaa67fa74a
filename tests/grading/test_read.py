"""The code is taken out of a notebook, whatever it looks like."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.grading import read
from diptych.isolation import outline, reading
from tests.grading import submissions
from tests.grading.submissions import code
from tests.mutations import QUICK, as_bytes, damaged, rebuilt


def v3(source):
    cell = {"cell_type": "code", "input": source, "language": "python", "outputs": []}
    sheet = {"cells": [cell | {"metadata": {}}], "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}


@pytest.mark.parametrize(
    "notebook",
    [
        {"nbformat": 4, "cells": [code("x = 1\ny = 2")]},
        {"nbformat": 4, "cells": [code(["x = 1\n", "y = 2"]), {"cell_type": "raw"}, None]},
        v3("x = 1\ny = 2"),
    ],
    ids=["text", "lines", "format 3"],
)
def test_code_is_read_however_it_is_written(notebook):
    assert read.code_cells(read.notebook(json.dumps(notebook).encode())) == ["x = 1\ny = 2"]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"[" * 100_000,
        b"\xff\xfe\xfa",
        b"[]",
        b"{}",
        b'{"nbformat": true, "cells": []}',
        b'{"nbformat": 4}',
        b'{"nbformat": 3, "worksheets": 5}',
        json.dumps({"nbformat": 4, "cells": [None] * (read.CELLS + 1)}).encode(),
        json.dumps({"nbformat": 4, "cells": [code({"a": 1})]}).encode(),
        json.dumps({"nbformat": 4, "cells": [code(["a", 1])]}).encode(),
        json.dumps({"nbformat": 4, "cells": [code("#" * (read.CODE + 1))]}).encode(),
        b'{"nbformat": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_notebook_is_unreadable(data):
    with pytest.raises(read.Unreadable):
        read.code_cells(read.notebook(data))


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "large"
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(read.Unreadable, match="larger"):
        read.content(path)


def test_half_a_surrogate_pair_does_not_stop_anything():
    notebook = {"nbformat": 4, "cells": [code("x = '\ud800'")]}
    assert read.code_cells(read.notebook(json.dumps(notebook).encode())) == ["x = '?'"]


NOTEBOOK = submissions.notebook(submissions.only("relu_pt"))
WHOLE = json.dumps(NOTEBOOK).encode()
OLD = json.dumps(
    {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
).encode()


@QUICK
@given(st.binary() | damaged(WHOLE) | damaged(OLD) | rebuilt(WHOLE).map(as_bytes))
def test_a_damaged_notebook_is_read_or_refused(data):
    try:
        cells = read.code_cells(read.notebook(data))
    except read.Unreadable as error:
        assert str(error)
    else:
        assert all(type(cell) is str for cell in cells)
        outline.outline([*map(reading.read, cells)], {"relu_pt": ["relu"]})


@QUICK
@given(rebuilt(OLD).map(as_bytes))
def test_a_damaged_notebook_of_an_old_format_is_read_or_refused(data):
    test_a_damaged_notebook_is_read_or_refused.hypothesis.inner_test(data)
