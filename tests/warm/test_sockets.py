"""The socket's directory and lock, and who may be at the other end."""

import os
import socket
import subprocess
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm import client, sockets
from tests.warm.children import another_client


def test_two_clients_do_not_start_servers_at_the_same_time(server):
    with sockets.locked(server.path):
        process = another_client(server, "pass")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        assert not server.path.exists()
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_directory_that_others_can_enter_is_refused(server, mode):
    server.path.parent.chmod(mode)
    with pytest.raises(PermissionError, match="other users must not"):
        client.spawn("builtins:int", server=server)


def test_a_directory_behind_a_link_is_refused(server, tmp_path):
    (tmp_path / "link").symlink_to(server.path.parent)
    with pytest.raises(OSError):
        client.spawn("builtins:int", server=server._replace(path=tmp_path / "link" / "socket"))


def test_another_users_connection_is_refused(monkeypatch):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        sockets.refuse_strangers(ours)
        uid = os.getuid()
        monkeypatch.setattr(sockets.os, "getuid", lambda: uid + 1)
        with pytest.raises(PermissionError):
            sockets.refuse_strangers(ours)
