"""The sandbox, tried from within: what is listed works, everything else is refused."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)

LEVELS = {"floor": False, "namespaces": True}

# An expression, and what must come of it: True, or the name of the error that it must raise.
ATTEMPTS = {
    "reads_another_file": ("open(secret).read()", "PermissionError"),
    "reads_the_components": ("open(components).read()", "PermissionError"),
    "reads_etc_passwd": ("open('/etc/passwd').read()", "PermissionError"),
    "lists_the_root": ("os.listdir('/')", "PermissionError"),
    "lists_processes": ("os.listdir('/proc')", "PermissionError"),
    "looks_into_its_parent": ("open(f'/proc/{os.getppid()}/environ').read()", "PermissionError"),
    "follows_a_descriptor_of_its_parent": (
        "os.readlink(f'/proc/{os.getppid()}/fd/0')",
        "PermissionError",
    ),
    "writes_elsewhere": ("open('/tmp/diptych-was-here', 'w')", "PermissionError"),
    "writes_to_the_shared_memory": ("open('/dev/shm/diptych', 'w')", "PermissionError"),
    "truncates_what_it_may_read": ("os.open(os.__file__, os.O_TRUNC)", "PermissionError"),
    "truncates_by_name": ("os.truncate(secret, 0)", "PermissionError"),
    "removes_another_file": ("os.unlink(secret)", "PermissionError"),
    "changes_the_library": ("open(os.__file__, 'a')", "PermissionError"),
    "links_to_another_file": ("os.link(secret, 'mine')", "PermissionError"),
    "changes_its_root": ("os.chroot('.')", "PermissionError"),
    "forks": ("os.fork()", "PermissionError"),
    "starts_a_program": ("subprocess.run(['/bin/true'])", "PermissionError"),
    "becomes_a_program": ("os.execv('/bin/true', ['true'])", "PermissionError"),
    "opens_a_socket": ("socket.create_connection(('127.0.0.1', port), 1)", "PermissionError"),
    "writes_to_a_socket_of_another": (
        "socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', log)",
        "PermissionError",
    ),
    "writes_a_message_to_a_socket_of_another": (
        "socket.socketpair(type=socket.SOCK_DGRAM)[0].sendmsg([b'x'], [], 0, log)",
        "PermissionError",
    ),
    "opens_a_unix_socket": ("socket.socket(socket.AF_UNIX)", "PermissionError"),
    "signals_its_parent": ("os.kill(os.getppid(), 0)", "PermissionError"),
    "signals_its_group": ("os.killpg(0, 0)", "PermissionError"),
    "leaves_its_session": ("os.setsid()", "PermissionError"),
    "becomes_another_user": ("os.setuid(0)", "PermissionError"),
    "makes_a_namespace": ("check(libc.unshare(0x10000000))", "PermissionError"),
    "mounts": ("check(libc.mount(b'x', b'/mnt', b'tmpfs', 0, None))", "PermissionError"),
    "traces_its_parent": ("check(libc.ptrace(16, os.getppid(), 0, 0))", "PermissionError"),
    "survives_its_parent": ("check(libc.prctl(1, 0, 0, 0, 0))", "PermissionError"),
    "hides_from_the_grader": ("check(libc.prctl(4, 0, 0, 0, 0))", "PermissionError"),
    "raises_its_limits": (
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))",
        "ValueError",
    ),
    "slows_others_down": ("os.sched_setaffinity(os.getppid(), {0})", "PermissionError"),
    "asks_what_others_have_read": (
        "check(libc.mincore(None, 0, None))",
        "PermissionError",
    ),
    "reads_what_others_have_read": (
        "os.preadv(os.open(os.__file__, os.O_RDONLY), [bytearray(9)], 0, os.RWF_NOWAIT)",
        "OSError",
    ),
    "keeps_memory_out_of_sight": ("os.memfd_create('x')", "OSError"),
    "shares_memory_with_nobody": ("mmap.mmap(-1, 4096)", "PermissionError"),
    "shares_the_memory_of_a_device": ("open('/dev/zero', 'rb')", "PermissionError"),
    "has_memory_of_its_own": ("mmap.mmap(-1, 4096, mmap.MAP_PRIVATE).write(b'x') == 1", True),
    "has_open_files_that_only_a_thread_sees": (
        "check(libc.clone(libc.pause, STACK, 0x10900, None))",
        "PermissionError",
    ),
    "writes_a_huge_file": ("open('big', 'wb').write(bytes(65 << 20))", "OSError"),
    "opens_many_files": ("[open('/dev/null') for _ in range(300)]", "OSError"),
    "opens_the_folder_of_another": ("os.listdir(other)", "PermissionError"),
    # The mode is not changed, but no error is raised, so that shutil.copy works.
    "changes_a_mode": ("os.chmod(secret, 0o777) or os.stat(secret).st_mode & 0o777 == 0o600", True),
    "computes": ("sum(numpy.ones(3)) == 3", True),
    "imports_what_is_installed": ("__import__('sqlite3').connect(':memory:') is not None", True),
    "has_a_folder": ("open('mine', 'w').write('yes') and open('mine').read() == 'yes'", True),
    "copies": ("shutil.copy('mine', 'copy') == 'copy'", True),
    "has_threads": ("threading.Thread(target=int).start() is None", True),
    "draws_at_random": ("len(os.urandom(8)) == 8", True),
    "talks_to_itself": ("(lambda a, b: a.send(b'x'))(*socket.socketpair()) == 1", True),
    "goes_first_where_memory_ends": ("open('/proc/self/oom_score_adj').read() == '1000\\n'", True),
    "stays_first": ("open('/proc/self/oom_score_adj', 'w')", "PermissionError"),
    "raises_a_signal": ("signal.raise_signal(signal.SIGCHLD) is None", True),
}

PROGRAM = """
import ctypes, json, mmap, os, resource, shutil, signal, socket, subprocess, sys, threading
import numpy
from diptych.isolation import sandbox

given = json.loads(sys.argv[1])
attempts = given.pop("attempts")
libc = ctypes.CDLL(None, use_errno=True)

STACK_MEMORY = ctypes.create_string_buffer(1 << 16)
STACK = ctypes.c_void_p(ctypes.addressof(STACK_MEMORY) + 0xFF00 & ~15)

def check(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "")

status = sandbox.guarded(sandbox.Rules(60, given["namespaces"], sandbox.closed()), (0, 1, 2))
found = {}
for name, attempt in attempts.items() if status == 0 else ():
    try:
        found[name] = bool(eval(attempt, globals() | given))
    except BaseException as error:
        found[name] = type(error).__name__
print(json.dumps([status, found]))
"""


@pytest.fixture(scope="module", params=LEVELS)
def found(request, tmp_path_factory):
    """The result of each attempt, on each level of the sandbox."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "home").mkdir()
    (folder / "other").mkdir()
    (folder / "secret").write_text("grades")
    (folder / "secret").chmod(0o600)
    import diptych

    given = {
        "namespaces": LEVELS[request.param],
        "secret": str(folder / "secret"),
        "other": str(folder / "other"),
        "components": str(Path(diptych.__file__).parent / "components/activations/rectifiers.py"),
        "log": str(folder / "log"),
        "attempts": {name: attempt for name, (attempt, _) in ATTEMPTS.items()},
    }
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log,
    ):
        log.bind(given["log"])
        given["port"] = server.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, json.dumps(given)],
            cwd=folder / "home",
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    status, found = json.loads(done.stdout.splitlines()[-1])
    assert status == 0, done.stderr
    assert (folder / "secret").read_text() == "grades"
    return found


@pytest.mark.parametrize("name", ATTEMPTS)
def test_what_is_listed_works_and_everything_else_is_refused(name, found):
    assert found[name] == ATTEMPTS[name][1]


def test_every_attempt_would_work_without_the_sandbox(tmp_path):
    """Otherwise a refusal would prove nothing. Only harmless attempts are tried."""
    for name in ("reads_etc_passwd", "lists_processes", "signals_its_parent", "forks"):
        attempt, error = ATTEMPTS[name]
        call = [sys.executable, "-c", f"import os; {attempt}"]
        assert error == "PermissionError" and subprocess.run(call).returncode == 0


def test_temporary_files_are_the_sandboxs_own():
    assert not Path(tempfile.gettempdir(), "diptych-was-here").exists()
