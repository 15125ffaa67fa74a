"""The clock of a step: what a busy machine takes is not held against a submission."""

import sys
import threading
import time

import pytest

from diptych.isolation import process, run

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, and that Linux", allow_module_level=True)

LIMITS = run.Limits(seconds=4.0, memory=300)  # a second for a step


def ended(cell, place, times=1):
    start = time.monotonic()
    done = run.run([cell] * times, {}, place, LIMITS, threading.Event())
    return done.ended.get(("cell", 1)), time.monotonic() - start


def test_a_step_that_had_to_wait_for_a_processor_has_as_much_longer(one_server, monkeypatch):
    sleeps = "import time; time.sleep(2)"
    assert ended(sleeps, one_server)[0] == "timeout"
    monkeypatch.setattr(process, "queued", lambda pid: 3.0)
    assert ended(sleeps, one_server)[0] is None


def test_nobody_waits_for_ever(one_server, monkeypatch):
    monkeypatch.setattr(process, "queued", lambda pid: 1e6)
    status, seconds = ended("while True: pass", one_server)
    assert status == "timeout" and seconds > LIMITS.step + LIMITS.seconds


def test_all_attempts_together_wait_no_longer_than_one(one_server, monkeypatch):
    monkeypatch.setattr(process, "queued", lambda pid: 1e6)
    status, seconds = ended("while True: pass", one_server, times=run.ATTEMPTS)
    assert status == "timeout" and seconds < (1 + run.PATIENCE) * LIMITS.seconds + 6


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
