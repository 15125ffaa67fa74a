"""When the server and its children end."""

import os
import signal
import sys
import time

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm import client
from tests.processes import alive, parent, wait_for
from tests.warm.children import WITH_A_GRANDCHILD, another_client, start


def test_what_a_child_has_started_ends_with_it(server):
    child, grandchild = start(server, WITH_A_GRANDCHILD)
    assert alive(grandchild)
    child.kill()
    child.wait(30)
    wait_for(lambda: not alive(grandchild))


def test_a_killed_client_takes_its_children_and_then_the_server_with_it(server):
    with another_client(server, WITH_A_GRANDCHILD) as process:
        # One line is the client's, one its child's; either may come first.
        lines = [process.stdout.readline().split() for _ in range(2)]
        (grandchild,), (child, server_pid) = sorted(lines, key=len)
        assert alive(child) and alive(grandchild) and alive(server_pid)
        process.kill()
    wait_for(lambda: not alive(child) and not alive(grandchild) and not alive(server_pid))
    assert not server.path.exists()


def test_the_server_outlives_a_client_while_another_holds_a_lease(server):
    assert client.spawn("builtins:int", server=server).wait() == 0
    child, _ = start(server, "print(flush=True); import time; time.sleep(600)")
    server_pid = parent(child.pid)
    with another_client(server, "import time; time.sleep(600)") as process:
        process.stdout.readline()
        process.kill()
    child.kill()
    child.wait(30)
    time.sleep(client.GRACE + 0.5)
    assert alive(server_pid)
    client.release(server)
    wait_for(lambda: not alive(server_pid))


def test_a_killed_server_takes_its_children_with_it_and_is_replaced(server):
    child, grandchild = start(server, WITH_A_GRANDCHILD)
    killed = parent(child.pid)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: not alive(child.pid))
    assert child.wait(30) == -signal.SIGKILL
    wait_for(lambda: not alive(grandchild))
    assert server.path.exists(), "a stale socket, to be replaced"

    child, _ = start(server, "print(flush=True); import time; time.sleep(600)")
    parent_pid = parent(child.pid)
    assert parent_pid != killed
    child.kill()
    child.wait(30)
    time.sleep(client.GRACE + 0.5)
    assert alive(parent_pid), "this process holds a lease of the new server"
