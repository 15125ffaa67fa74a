"""The examples in the package's docstrings run, and show what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

import diptych

PACKAGE = Path(diptych.__file__).parent
WITH_EXAMPLES = [
    ".".join(("diptych", *file.relative_to(PACKAGE).with_suffix("").parts))
    for file in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_docstring_run(name):
    found = doctest.testmod(importlib.import_module(name), verbose=False)
    assert found.attempted > 0
    assert found.failed == 0
