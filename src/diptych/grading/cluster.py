"""Grades a class with the workers of a Dask cluster, if one machine is not enough.

A worker gets the code of a notebook, its chapter and the options, with the seed. It judges, and
runs the notebook in a sandboxed child of its own warm server. It returns plain data: only this
process writes into the store.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import logging
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import asdict, dataclass, field
from pathlib import Path

from diptych.grading import submission
from diptych.grading.fan_out import Killed
from diptych.grading.outcome import Outcome
from diptych.grading.submission import Job, Options
from diptych.grading.version import version
from diptych.isolation.place import Place, place
from diptych.isolation.steps import PREPARATION, Limits

CONNECT = 5  # seconds in which a scheduler has to answer
AHEAD = 1000  # jobs that are handed out at a time: Dask's adaptive deployments count them
# The function is sent by its name: a scheduler or worker that is sent a function which it cannot
# load drops the connection.
CALL = "__import__('diptych.grading.cluster', fromlist=['graded']).graded(*plain)"
EVERYWHERE = "install the same versions for its workers and for this command"


class ClusterError(Exception):
    """The cluster cannot grade; the message says why."""


@dataclass
class Cluster:
    """A :class:`diptych.grading.fan_out.Workforce`: the workers behind a Dask scheduler."""

    client: object
    executor: Executor
    options: Options
    ahead: int = AHEAD
    found: set[str] = field(default_factory=set)  # the kinds of isolation that workers have used
    warned: bool = False  # that there are no workers

    @property
    def isolation(self) -> str:
        return "; ".join(sorted(self.found)) or self.options.isolation

    def submit(self, job: Job) -> Future:
        plain = asdict(job), asdict(self.options), version(job.chapter)
        return self.executor.submit(eval, CALL, {"plain": plain}, key=f"diptych-{uuid.uuid4()}")

    def result(self, future: Future) -> Outcome:
        from distributed import KilledWorker

        try:
            isolation, plain = future.result()
        except KilledWorker:
            raise Killed from None
        except ClusterError:
            raise
        except CancelledError:
            raise ClusterError("the Dask scheduler is gone; finished grades are kept") from None
        except Exception as error:  # diptych cannot be loaded, on the worker or here
            cause = error.__cause__ or error
            raise ClusterError(f"Dask cannot run diptych ({cause}): {EVERYWHERE}") from None
        self.found.add(isolation)
        return Outcome.of(plain)

    def idle(self) -> None:
        """Warn once if there are no workers: a deployment may still be starting them."""
        try:
            workers = self.client.nthreads()
        except (OSError, RuntimeError) as error:
            raise ClusterError(f"the Dask scheduler does not answer any more ({error})") from None
        if not workers and not self.warned:
            address = self.client.scheduler.address
            logging.getLogger(__name__).warning("%s has no workers yet: waiting for some", address)
        self.warned = not workers


@contextlib.contextmanager
def connected(address: str, options: Options) -> Iterator[Cluster]:
    """The workers of the Dask scheduler at an ``address``, ``tcp://host:8786``.

    Raises :class:`ClusterError` if no scheduler answers there, or Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError("--cluster needs Dask: pip install 'diptych[cluster]'") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # our error says it
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address} ({error})") from None
    with client:
        executor = client.get_executor()
        try:
            yield Cluster(client, executor, options)
        finally:
            executor.shutdown(wait=False)


# What runs on a worker


def graded(job: dict, options: dict, expected: str) -> tuple[str, dict]:
    """Grade a job on this worker; returns the kind of isolation, and the outcome as plain data.

    ``expected`` is the version of the grader for the chapter. Raises :class:`ClusterError` if this
    worker has another version, which might judge otherwise.
    """
    from distributed import get_worker

    worker = get_worker()
    if version(job["chapter"]) != expected:
        raise ClusterError(f"{worker.address} has another diptych or framework: {EVERYWHERE}")
    given = Options(**options | {"limits": Limits(**options["limits"])})
    try:
        with _opening:
            seconds = given.limits.seconds + PREPARATION
            where = _place(worker.local_directory, given.isolation, seconds)
        outcome = submission.graded(Job(**job), given, where, threading.Event())
    except OSError as error:
        raise ClusterError(f"{worker.address}: {error}") from None
    return where.isolation, outcome.plain()


_opening = threading.Lock()
_opened = contextlib.ExitStack()
atexit.register(_opened.close)


@functools.cache
def _place(folder: str, isolation: str, seconds: float) -> Place:
    """The warm server of this worker process, started once; it ends with the process."""
    own = Path(folder, f"{isolation}-{seconds:g}")
    return _opened.enter_context(place(own, isolation=isolation, seconds=seconds))
