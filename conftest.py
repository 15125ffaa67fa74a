"""For every test, the notebooks' among them: quiet frameworks, warm kernels, and no silent skip."""

import os
import signal

import pytest

from diptych.warm.quiet import QUIET

# Before anything imports TensorFlow: nbval compares what is written to stderr, too.
os.environ.update(QUIET)
os.environ.setdefault("JUPYTER_DEFAULT_PROVISIONER_NAME", "diptych-warm")


@pytest.fixture(autouse=True, scope="session")
def _signals_as_in_a_terminal():
    """A background process may have been told to ignore these, and would hand that on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """Name each test that did not run, and why; the run then fails in CI."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"did not run: {report.nodeid}: {reason}")


def pytest_sessionfinish(session):
    """In CI a test that did not run is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter is not None and reporter.stats.get("skipped")
    if skipped and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
