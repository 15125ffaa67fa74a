"""Which clients share a server."""

import os
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm import identity


def test_variables_that_imports_read_make_another_server():
    def path(**env):
        return identity.shared_server({"HOME": "/home/ada", **env}).path

    assert path() == path(PYTEST_CURRENT_TEST="this one") == path(TF_CPP_MIN_LOG_LEVEL="3")
    assert path() != path(OMP_NUM_THREADS="1")
    assert path().parent.name == f"diptych-{os.getuid()}"
