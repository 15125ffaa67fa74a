"""Servers of each test's own, which import next to nothing."""

import os

import pytest


@pytest.fixture
def server(tmp_path):
    """A private server, not started yet; its path is longer than a socket's may be."""
    from diptych.warm import client, identity  # it needs Linux

    folder = tmp_path / ("long" * 30)
    folder.mkdir(mode=0o700)
    private = identity.Server(
        folder / "socket", identity.import_environment(os.environ), modules=()
    )
    yield private
    client.release(private)
