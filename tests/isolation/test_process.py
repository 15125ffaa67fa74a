"""A child is timed by its clock, and gets nothing of the instructor's environment."""

import contextlib
import os
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.isolation import process, run, steps
from diptych.warm import identity

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, which needs Linux", allow_module_level=True)

LIMITS = steps.Limits(seconds=4.0, memory=300)  # a second for a step


def ended(cell, place, limits=LIMITS):
    start = time.monotonic()
    done = run.run([cell], {}, place, limits, threading.Event())
    return done.ended.get(("cell", 1)), time.monotonic() - start


COMPUTES = """import time
def compute():
    while time.thread_time() < end: pass
end = time.thread_time() + 0.6
"""
IN_A_THREAD = """import threading
end = 0.6
thread = threading.Thread(target=compute)
thread.start()
thread.join()
"""


@contextlib.contextmanager
def busy_machine():
    """Several loops for each processor, which have all begun.

    Each has a session of its own, as a child has: the kernel shares processors between sessions.
    """
    loop = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    options = {"stdout": subprocess.PIPE, "start_new_session": True}
    loops = [subprocess.Popen(loop, **options) for _ in range(4 * os.cpu_count())]
    try:
        for each in loops:
            each.stdout.readline()
        yield
    finally:
        for each in loops:
            each.kill()
            each.communicate()


@pytest.mark.parametrize("how", ["compute()", IN_A_THREAD], ids=["itself", "in a thread"])
def test_what_a_busy_machine_takes_is_not_held_against_a_cell(how, one_server):
    with busy_machine():
        status, seconds = ended(COMPUTES + how, one_server)
    assert status is None and seconds > LIMITS.step


@pytest.mark.parametrize("cell", ["import time; time.sleep(1e6)", "while True: pass"])
def test_what_sleeps_or_computes_without_end_is_ended(cell, one_server):
    assert ended(cell, one_server)[0] == "timeout"


def test_nobody_waits_for_ever(one_server, monkeypatch):
    """A child of which the kernel says that it waits all the time."""
    monkeypatch.setattr("diptych.isolation.clock._threads", lambda pid: {"": (0.0, time.time())})
    status, seconds = ended("while True: pass", one_server)
    assert status == "timeout"
    assert seconds > LIMITS.step + run.PATIENCE * LIMITS.seconds


def test_a_reply_that_the_grader_is_late_to_read_counts(one_server, monkeypatch):
    """A stall of the grader itself, after it has asked, and before it looks at the clock."""
    poll = process.select.poll

    class Late:
        def __init__(self):
            self.poll_, self.calls = poll(), 0
            self.register, self.unregister = self.poll_.register, self.poll_.unregister

        def poll(self, timeout):
            self.calls += 1
            time.sleep(1.5 if self.calls == 2 else 0)
            return self.poll_.poll(timeout)

    monkeypatch.setattr(process.select, "poll", Late)
    assert ended("x = 1", one_server)[0] is None


SECRET = "a-token-of-the-instructor"
LOOKS = f"""import os
seen = open('/proc/self/environ').read() + str(dict(os.environ))
assert {SECRET!r} not in seen, seen
"""
NAMES = (
    *("HOMEBREW_GITHUB_API_TOKEN", "TF_TOKEN_app_terraform_io", "TF_VAR_password", "CUDA_TOKEN"),
    *("PYTHON_KEYRING_PASSWORD", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN", "USER"),
    *("SSH_AUTH_SOCK", "JPY_API_TOKEN", "DIPTYCH_SEED", "KERAS_HOME", "TORCH_HOME", "HOME"),
    *(f"{name}_TOKEN" for name in sorted(identity.IMPORT_VARIABLES | {*process.KEPT})),
)


def test_a_child_sees_no_secret_of_the_environment(monkeypatch, tmp_path):
    for name in NAMES:
        monkeypatch.setenv(name, SECRET)
    with process.place(tmp_path, isolation="none", seconds=100) as place:
        done = run.run([LOOKS], {}, place, LIMITS, threading.Event())
    assert done.notes == {1: []} and not done.ended


names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcd0123456789", min_size=1)
shared = st.sampled_from(sorted(identity.IMPORT_VARIABLES | {*process.KEPT}))


@given(names | st.tuples(shared, names).map("".join) | st.tuples(names, shared).map("".join))
def test_no_name_but_those_of_the_list_is_kept(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, SECRET)
        kept = process._kept()
        assert identity.import_environment(os.environ).keys() <= (
            identity.IMPORT_VARIABLES | identity.QUIET.keys()
        )
    assert kept.keys() <= {*process.KEPT}
    assert name in process.KEPT or SECRET not in kept.values()
