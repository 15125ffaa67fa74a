"""What a child finds, and when the server and its children end."""

import os
import signal
import sys
import time

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm import client
from diptych.warm.server import _LateStream
from tests.processes import alive, parent, wait_for
from tests.warm.children import WITH_A_GRANDCHILD, another_client, run, start


def test_a_child_looks_like_a_fresh_interpreter(server):
    code = """
        import __main__, os, signal, sys
        assert not hasattr(__main__, "serve") and not hasattr(sys, "ps1")
        assert not [name for name in sys.modules if name.startswith("diptych")]
        assert type(sys.stdout) is type(sys.stderr) is type(sys.__stdin__), type(sys.stdout)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert "" not in sys.path
        assert os.getsid(0) == os.getpgid(0) == os.getpid()
        assert len(os.listdir("/proc/self/fd")) == 4, "three streams, and the listing's own"
    """
    assert run(server, code) == (0, "", "")


def test_a_child_finds_what_imports_put_in_the_environment_but_its_own_temporary_folder(
    server, tmp_path
):
    (tmp_path / "eager.py").write_text(
        "import os, tempfile; tempfile.gettempdir(); os.environ['IMPORTED'] = 'yes'"
    )
    server = server._replace(
        environment={**server.environment, "PYTHONPATH": str(tmp_path)},
        modules=("nothing.of.the.sort", "eager"),
    )
    code = """
        import os, sys, tempfile
        print("eager" in sys.modules, tempfile.gettempdir(), os.environ["IMPORTED"])
    """
    _, printed, _ = run(server, code, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert printed == f"True {tmp_path} yes"


def test_children_do_not_share_their_random_numbers(server):
    code = "import random, numpy; print(random.random(), numpy.random.rand())"
    first, second = (run(server, code)[1].split() for _ in range(2))
    assert not set(first) & set(second)


def test_what_a_child_has_started_ends_with_it(server):
    child, grandchild = start(server, WITH_A_GRANDCHILD)
    assert alive(grandchild)
    child.kill()
    child.wait(30)
    wait_for(lambda: not alive(grandchild))


def test_a_killed_client_takes_its_children_and_then_the_server_with_it(server):
    with another_client(server, WITH_A_GRANDCHILD) as process:
        # The client's line and its child's, whichever is first.
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


def test_log_handlers_made_on_import_write_to_the_later_stream(monkeypatch, capsys):
    stream = _LateStream("stderr")
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "__stderr__", sys.stdout)
    stream.write("early ")
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    stream.write("late")
    stream.close()
    stream.write(" and later")
    assert capsys.readouterr().out == "early late and later"
