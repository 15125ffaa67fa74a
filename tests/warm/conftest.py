"""A server for each test, which imports almost nothing."""

import os

import pytest


@pytest.fixture
def server(tmp_path):
    """A server that is not started yet; its path is too long for a socket's address."""
    from diptych.warm import client, identity  # imported late: it needs Linux

    folder = tmp_path / ("long" * 30)
    folder.mkdir(mode=0o700)
    private = identity.Server(
        folder / "socket", identity.import_environment(os.environ), modules=()
    )
    yield private
    client.release(private)
