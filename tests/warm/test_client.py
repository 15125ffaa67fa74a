"""What a client can tell about its children and its server."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm import client, identity
from tests.processes import alive, wait_for
from tests.warm.children import another_client, run


@pytest.mark.parametrize(
    ("code", "status", "last_line"),
    [
        ("pass", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("import sys; sys.exit('no')", 1, "no"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
        ("import os; os.abort()", -signal.SIGABRT, ""),
    ],
)
def test_the_return_code_says_how_a_child_ended(server, code, status, last_line):
    ended, _, errors = run(server, code)
    assert ended == status
    assert errors.rpartition("\n")[2] == last_line


def test_what_a_function_returns_is_the_exit_status(server):
    assert client.spawn("operator:add", [2, 3], server=server).wait() == 5


def test_a_function_that_does_not_exist_is_an_error_of_the_child(server):
    with tempfile.TemporaryFile("w+") as err:
        child = client.spawn("operator:nothing", server=server, fds=[0, 1, err.fileno()])
        assert child.wait() == 1
        err.seek(0)
        assert "has no attribute 'nothing'" in err.read()


def test_a_child_has_the_directory_and_the_environment_of_the_request(server, tmp_path):
    environment = {"ODD": "\udcff é", "PATH": os.environ["PATH"]}
    code = """
        import os
        print(os.getcwd(), ascii(os.environ["ODD"]), len(os.environ))
        print(os.popen("printf %s \\"$ODD\\" | od -An -tx1").read())
    """
    _, printed, _ = run(server, code, cwd=tmp_path, env=environment)
    assert printed.split() == [
        *(str(tmp_path), "'\\udcff", "\\xe9'", str(2 + len(identity.QUIET))),
        *("ff", "20", "c3", "a9"),
    ]


def test_further_descriptors_reach_the_function_as_numbers(server):
    terminal, other = os.openpty()
    assert client.spawn("os:isatty", server=server, fds=[0, 1, 2, terminal]).wait() == 1
    os.close(terminal)
    os.close(other)


def test_a_child_is_waited_for_polled_and_signalled_like_a_process(server):
    child = client.spawn("time:sleep", [600], server=server)
    assert child.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.05)
    child.terminate()
    assert child.wait(30) == child.poll() == -signal.SIGTERM
    child.kill()  # has no effect: the child has ended


def test_a_server_that_cannot_import_says_where_its_log_is(server, tmp_path):
    (tmp_path / "broken.py").write_text("1 / 0")
    environment = {**server.environment, "PYTHONPATH": str(tmp_path)}
    with pytest.raises(ConnectionError, match=r"socket\.log"):
        client.spawn(
            "builtins:int", server=server._replace(environment=environment, modules=["broken"])
        )
    assert "ZeroDivisionError" in Path(f"{server.path}.log").read_text()


def test_an_environment_that_is_too_large_is_an_error_here(server):
    with pytest.raises(OSError, match="too long"):
        client.spawn("builtins:int", server=server, env={"HUGE": "x" * (4 << 20)})


def test_processes_that_start_at_once_share_one_server(server):
    clients = [another_client(server, "import time; time.sleep(600)") for _ in range(4)]
    reports = [c.stdout.readline().split() for c in clients]
    assert len({process for process, _ in reports}) == 4
    assert len({parent for _, parent in reports}) == 1
    for c in clients:
        c.communicate(c.kill())
    wait_for(lambda: not any(alive(pid) for report in reports for pid in report))
