"""Which warm server a process shares: what it imports, and in which environment."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.metadata
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from diptych.warm.quiet import QUIET

# What a notebook would import, IPython's kernel included. torch._dynamo is what the first
# step of a torch optimizer imports. Not matplotlib_inline's backend: importing it is what
# ties it to the running shell, and only a kernel has one.
MODULES = (
    "numpy",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "torch",
    "torch._dynamo",
    "tensorflow",
    "keras",
)
PACKAGES = (
    *("ipykernel", "ipython", "keras", "matplotlib", "numpy", "pyzmq", "tensorflow"),
    *("tensorflow-cpu", "torch", "tornado"),
)

# Variables that are read when the interpreter starts or a module is imported. A child cannot change
# its mind about them, so clients that differ here get different servers. Whole names: a prefix such
# as TF_ would take in a token of Terraform's, and what a server starts with its children can read.
IMPORT_VARIABLES = frozenset(
    (
        *("CUDA_DEVICE_ORDER", "CUDA_HOME", "CUDA_VISIBLE_DEVICES", "GOMP_CPU_AFFINITY", "HOME"),
        *("KERAS_BACKEND", "KERAS_HOME", "KMP_AFFINITY", "KMP_BLOCKTIME", "KMP_DUPLICATE_LIB_OK"),
        *("LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC"),
        *("LC_TIME", "LD_LIBRARY_PATH", "LD_PRELOAD", "MKL_NUM_THREADS", "MKL_THREADING_LAYER"),
        *("MPLBACKEND", "MPLCONFIGDIR", "NPY_DISABLE_CPU_FEATURES", "NUMEXPR_NUM_THREADS"),
        *("OMP_NUM_THREADS", "OMP_PROC_BIND", "OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS"),
        *("PYTHONHASHSEED", "PYTHONHOME", "PYTHONIOENCODING", "PYTHONMALLOC", "PYTHONNOUSERSITE"),
        *("PYTHONOPTIMIZE", "PYTHONPATH", "PYTHONUTF8", "PYTHONWARNINGS", "PYTORCH_ALLOC_CONF"),
        *("PYTORCH_CUDA_ALLOC_CONF", "TF_CPP_MAX_VLOG_LEVEL", "TF_CPP_MIN_LOG_LEVEL"),
        *("TF_ENABLE_ONEDNN_OPTS", "TF_FORCE_GPU_ALLOW_GROWTH", "TF_NUM_INTEROP_THREADS"),
        *("TF_NUM_INTRAOP_THREADS", "TF_USE_LEGACY_KERAS", "TF_XLA_FLAGS", "TMPDIR"),
        *("TORCHDYNAMO_DISABLE", "TORCH_HOME", "TORCH_LOGS", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
        *("XLA_FLAGS",),
    )
)

START = 180  # seconds in which a server has to answer, its imports included


class Server(NamedTuple):
    """Where a server listens, and what it imports in which environment."""

    path: Path
    environment: Mapping[str, str]
    modules: tuple[str, ...] = MODULES


def import_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The part of ``env`` that imports depend on, quiet unless it says otherwise."""
    chosen = {name: env[name] for name in sorted(IMPORT_VARIABLES & env.keys())}
    return {**QUIET, **chosen}


def shared_server(env: Mapping[str, str] | None = None) -> Server:
    """The server that this user's processes share.

    It goes by the Python environment, the versions of what is installed there, and the
    variables in ``env`` that imports depend on.
    """
    environment = import_environment(os.environ if env is None else env)
    versions = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    # An edited server is another server.
    edited = Path(__file__).with_name("server.py").stat().st_mtime_ns
    identity = [sys.prefix, sys.version, versions, environment, edited]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]
    places = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir())
    place = next(p for p in places if p and os.access(p, os.W_OK))
    return Server(Path(place, f"diptych-{os.getuid()}", key), environment)
