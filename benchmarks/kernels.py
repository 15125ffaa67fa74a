"""Seconds to a notebook's first output and to its end: cold kernels against warm ones.

    python benchmarks/kernels.py [--rounds N] [NOTEBOOK ...]

Cold and warm alternate, so that both meet the same machine. A cold start that has to read
the frameworks from disk is not counted: one round goes before the others.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import nbformat
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient

from diptych.warm import client
from diptych.warm.quiet import QUIET

os.environ.update(QUIET)  # as the builder and the tests run notebooks
KINDS = {"cold": "local-provisioner", "warm": "diptych-warm"}
OUTPUTS = {"stream", "display_data", "execute_result"}
SAMPLE = """
import tensorflow as tf
import torch
print(torch.ones(2) + 1, tf.ones(2) + 1)
"""


class Timed(NotebookClient):
    """Notes when the first output arrives, in seconds of ``time.perf_counter``."""

    first_output = None

    def process_message(self, message, *args):
        if self.first_output is None and message["msg_type"] in OUTPUTS:
            self.first_output = time.perf_counter()
        return super().process_message(message, *args)


def run(notebook: nbformat.NotebookNode, folder: Path, kind: str) -> tuple[float, float]:
    """Seconds to the first output and to the end, from the kernel's launch."""
    KernelProvisionerFactory.instance().default_provisioner_name = KINDS[kind]
    client = Timed(
        notebook,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    start = time.perf_counter()
    client.execute()
    end = time.perf_counter()
    return (client.first_output or end) - start, end - start


def notebooks(paths: list[Path]) -> Iterator[tuple[str, nbformat.NotebookNode, Path]]:
    """Name, notebook and working directory of each path, or of the sample."""
    for path in paths:
        yield str(path), nbformat.read(path, as_version=4), path.parent
    if not paths:
        cell = nbformat.v4.new_code_cell(SAMPLE.strip())
        yield "sample", nbformat.v4.new_notebook(cells=[cell]), Path.cwd()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()

    start = time.perf_counter()
    client.spawn("builtins:int").wait()
    print(f"the server starts, once, in {time.perf_counter() - start:.1f} s\n")
    print(f"{'notebook':<40} {'to':<12} {'cold':>7} {'warm':>7} {'ratio':>6}")
    for name, notebook, folder in notebooks(arguments.paths):
        seconds = {kind: [] for kind in KINDS}
        for _ in range(1 + arguments.rounds):
            for kind, runs in seconds.items():
                runs.append(run(notebook, folder, kind))
        for moment, index in (("first output", 0), ("end", 1)):
            cold, hot = (median(run[index] for run in seconds[kind][1:]) for kind in KINDS)
            print(f"{name:<40} {moment:<12} {cold:6.2f}s {hot:6.2f}s {cold / hot:5.1f}×")
    print(f"\nmedians of {arguments.rounds} rounds, on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
