"""Where the children of a batch come from: their warm server, their folders, their sandbox."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.isolation import sandbox
from diptych.isolation.folders import own_folder, remove
from diptych.warm import client, identity
from diptych.warm.child import Child

PACKAGE = Path(__file__).parents[1]
CHILD = "diptych.isolation.child"
# The only variables of the instructor's environment that a child gets: where programs and libraries
# are, and the language. Any other may hold a secret.
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
# Two runs must give the same results, so there is one thread, and sets have one order. Keras's
# settings file could choose another backend. Compiling needs a compiler, which the sandbox forbids.
SETTINGS = {
    **{"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"},
    **{"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
    **{"KERAS_BACKEND": "tensorflow", "TORCHDYNAMO_DISABLE": "1"},
}


@dataclass(frozen=True)
class Place:
    """Where the children of a batch come from.

    ``server`` forks them, each gets a folder of its own in ``folder``, and ``rules`` are those of
    their sandbox; ``None`` if they run without one.
    """

    server: identity.Server
    folder: Path
    rules: sandbox.Rules | None

    @property
    def isolation(self) -> str:
        """How the children are isolated, for the report."""
        if not self.rules:
            return "none"
        return "sandbox, with namespaces" if self.rules.namespaces else "sandbox"


class NoSandbox(OSError):
    """The kernel lacks something that the sandbox needs."""


@contextlib.contextmanager
def place(
    store: Path, *, isolation: str, seconds: float, closed: Sequence[Path] = ()
) -> Iterator[Place]:
    """The place of one ``store``; its server and its folder end with the block.

    With the ``isolation`` "sandbox", a child gets ``seconds`` of processor time and cannot see the
    ``closed`` folders. Raises :class:`NoSandbox` if the kernel cannot do this. With "none" there is
    no sandbox.
    """
    shared = identity.shared_server(_kept() | SETTINGS)
    key = hashlib.sha256(os.fsencode(store.resolve())).hexdigest()[:16]
    name = f"{shared.path.name}-{key}"
    folder = shared.path.with_name(f"{name}.children")
    # The server also imports what children run, so after an edit of the package a new one starts.
    edited = max(file.stat().st_mtime_ns for file in PACKAGE.rglob("*.py"))
    path = shared.path.with_name(f"{name}-{edited:x}")
    server = shared._replace(path=path, modules=(*shared.modules, CHILD))
    remove(folder)  # a grader that was killed may have left it
    server.path.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        rules = None
        if isolation != "none":
            hidden = (*sandbox.closed(), *(os.path.realpath(each) for each in closed))
            rules = sandbox.Rules(seconds, _namespaces(server, folder), hidden)
        yield Place(server, folder, rules)
    finally:
        client.release(server)
        remove(folder)


def _namespaces(server: identity.Server, folder: Path) -> bool:
    """Whether the sandbox can use namespaces; raises :class:`NoSandbox` if there is no sandbox."""
    for namespaces in (True, False):
        with own_folder(folder) as home, open(f"{home}/why", "w+b") as why:
            streams = (why.fileno(),) * 3
            entry, args, status = "diptych.isolation.sandbox:probe", [namespaces], -1
            for _ in range(5):
                if status < 0:  # a signal killed the child, which tells nothing about the kernel
                    status = spawn(server, entry, args, home, streams).wait(identity.START)
            if status == 0:
                return namespaces
            why.seek(0)
            reason = why.read(500).decode("utf-8", "replace").strip()
    raise NoSandbox(
        f"there is no sandbox here ({reason}). It needs Linux 5.13 with Landlock and seccomp: use "
        "the container (see grading.md), or --isolation none for notebooks that you trust"
    )


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def spawn(server: identity.Server, entry: str, args: list, home: str, fds: Sequence[int]) -> Child:
    """A child of the ``server`` that works in ``home`` and has none of the instructor's secrets.

    The other arguments are those of :func:`diptych.warm.client.spawn`. Tries for seven seconds if
    the server has been killed or cannot fork; then raises :class:`ConnectionError`.
    """
    env = {**_kept(), **server.environment, "HOME": home, "TMPDIR": home}
    for wait in (0, 1, 2, 4, None):
        try:
            return client.spawn(entry, args, cwd=home, env=env, fds=fds, server=server)
        except ConnectionError:
            if wait is None:
                raise
            time.sleep(wait)  # the next call starts a new server, or finds more free memory
