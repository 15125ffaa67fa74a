"""The warm server in small: servers of each test's own, which import next to nothing."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm import client
from diptych.warm.server import _LateStream


@pytest.fixture
def server(tmp_path):
    """A private server, not started yet; its path is longer than a socket's may be."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir(mode=0o700)
    private = client.Server(folder / "socket", client.import_environment(os.environ), modules=())
    yield private
    client.release(private)


def run(server, code, **options):
    """Run Python ``code`` in a child: its exit status, what it printed, and its errors."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        args = [textwrap.dedent(code), {}]
        fds = (0, out.fileno(), err.fileno())
        status = client.spawn("builtins:exec", args, server=server, fds=fds, **options).wait(30)
        out.seek(0)
        err.seek(0)
        return status, out.read().strip(), err.read().strip()


def start(server, code):
    """Start Python ``code`` in a child: the child, and the first line that it prints."""
    reading, writing = os.pipe()
    with open(reading) as lines:
        child = client.spawn(
            "builtins:exec", [textwrap.dedent(code), {}], server=server, fds=(0, writing, 2)
        )
        os.close(writing)
        return child, lines.readline().strip()


WITH_A_GRANDCHILD = """
    import subprocess, time
    print(subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(600)
"""


def stat(pid):
    """State and parent of a process."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]


def parent(pid):
    return int(stat(pid)[1])


def alive(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return stat(pid)[0] not in "ZX"
    return False


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "this did not come true"
        time.sleep(0.02)


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
        *(str(tmp_path), "'\\udcff", "\\xe9'", str(2 + len(client.QUIET))),
        *("ff", "20", "c3", "a9"),
    ]


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
    child.kill()  # too late, and harmless


def test_what_a_child_has_started_ends_with_it(server):
    child, grandchild = start(server, WITH_A_GRANDCHILD)
    assert alive(grandchild)
    child.kill()
    child.wait(30)
    wait_until(lambda: not alive(grandchild))


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


CLIENT = """
import os, sys
from diptych.warm import client
server = client.Server(client.Path(sys.argv[1]), client.import_environment(os.environ), ())
child = client.spawn("builtins:exec", [sys.argv[2], {}], server=server)
print(child.pid, open(f"/proc/{child.pid}/stat").read().rpartition(")")[2].split()[1], flush=True)
child.wait()
"""


class Client(subprocess.Popen):
    """Another process that uses the server; at the latest, it ends with the test."""

    def __exit__(self, *error):
        self.kill()
        super().__exit__(*error)


def another_client(server, code):
    command = [sys.executable, "-c", CLIENT, str(server.path), textwrap.dedent(code)]
    return Client(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_start_at_once_share_one_server(server):
    clients = [another_client(server, "import time; time.sleep(600)") for _ in range(4)]
    reports = [c.stdout.readline().split() for c in clients]
    assert len({process for process, _ in reports}) == 4
    assert len({parent for _, parent in reports}) == 1
    for c in clients:
        c.communicate(c.kill())
    wait_until(lambda: not any(alive(pid) for report in reports for pid in report))


def test_two_clients_do_not_start_servers_at_the_same_time(server):
    with client.locked(server.path):
        process = another_client(server, "pass")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        assert not server.path.exists()
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_killed_client_takes_its_children_and_then_the_server_with_it(server):
    with another_client(server, WITH_A_GRANDCHILD) as process:
        # The client's line and its child's, whichever is first.
        lines = [process.stdout.readline().split() for _ in range(2)]
        (grandchild,), (child, server_pid) = sorted(lines, key=len)
        assert alive(child) and alive(grandchild) and alive(server_pid)
        process.kill()
    wait_until(lambda: not alive(child) and not alive(grandchild) and not alive(server_pid))
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
    wait_until(lambda: not alive(server_pid))


def test_a_killed_server_takes_its_children_with_it_and_is_replaced(server):
    child, grandchild = start(server, WITH_A_GRANDCHILD)
    killed = parent(child.pid)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not alive(child.pid))
    assert child.wait(30) == -signal.SIGKILL
    wait_until(lambda: not alive(grandchild))
    assert server.path.exists(), "a stale socket, to be replaced"

    child, _ = start(server, "print(flush=True); import time; time.sleep(600)")
    parent_pid = parent(child.pid)
    assert parent_pid != killed
    child.kill()
    child.wait(30)
    time.sleep(client.GRACE + 0.5)
    assert alive(parent_pid), "this process holds a lease of the new server"


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_directory_that_others_can_enter_is_refused(server, mode):
    server.path.parent.chmod(mode)
    with pytest.raises(PermissionError, match="nobody else"):
        client.spawn("builtins:int", server=server)


def test_a_directory_behind_a_link_is_refused(server, tmp_path):
    (tmp_path / "link").symlink_to(server.path.parent)
    with pytest.raises(OSError):
        client.spawn("builtins:int", server=server._replace(path=tmp_path / "link" / "socket"))


def test_another_users_connection_is_refused(monkeypatch):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        client.refuse_strangers(ours)
        uid = os.getuid()
        monkeypatch.setattr(client.os, "getuid", lambda: uid + 1)
        with pytest.raises(PermissionError):
            client.refuse_strangers(ours)


def test_variables_that_imports_read_make_another_server():
    def path(**env):
        return client.shared_server({"HOME": "/home/ada", **env}).path

    assert path() == path(PYTEST_CURRENT_TEST="this one") == path(TF_CPP_MIN_LOG_LEVEL="3")
    assert path() != path(OMP_NUM_THREADS="1")
    assert path().parent.name == f"diptych-{os.getuid()}"


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
