"""A child is timed by its clock: what it waits for on a busy machine does not count."""

import contextlib
import os
import subprocess
import sys
import threading
import time

import pytest

from diptych.isolation import process, run, steps

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
end = time.thread_time() + 0.4
"""
IN_A_THREAD = """import threading
end = 0.4
thread = threading.Thread(target=compute)
thread.start()
thread.join()
"""


@contextlib.contextmanager
def busy_machine():
    """Keep all processors busy: several endless loops for each, all of them running.

    Each has a session of its own, as a child has: the kernel shares processors between sessions.
    """
    loop = [sys.executable, "-c", "print(flush=True)\nwhile True: pass"]
    options = {"stdout": subprocess.PIPE, "start_new_session": True}
    loops = [subprocess.Popen(loop, **options) for _ in range(6 * os.cpu_count())]
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
    """The kernel reports that the child waits all the time."""
    monkeypatch.setattr("diptych.isolation.clock._threads", lambda pid: {"": (0.0, time.time())})
    status, seconds = ended("while True: pass", one_server)
    assert status == "timeout"
    assert seconds > LIMITS.step + run.PATIENCE * LIMITS.seconds


def test_a_reply_that_the_grader_is_late_to_read_counts(one_server, monkeypatch):
    """The grader itself stops for a while, after it has asked, before it looks at the clock."""
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
