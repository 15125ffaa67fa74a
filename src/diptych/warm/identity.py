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

# What a notebook would import, IPython's kernel included. The first step of a PyTorch optimizer
# imports torch._dynamo. matplotlib_inline's backend is missing: it connects itself to the running
# shell when it is imported, and only a kernel has a shell.
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

# Variables that are read when the interpreter starts or a module is imported. A change in a child
# would have no effect, so clients with other values get another server. These are whole names: a
# prefix such as TF_ would include Terraform's token, and a child can read the server's environment.
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

START = 180  # seconds that a client waits for the server's answer, the imports included


class Server(NamedTuple):
    """Where a server listens, in which environment it is started, and which modules it imports."""

    path: Path
    environment: Mapping[str, str]
    modules: tuple[str, ...] = MODULES


def import_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The variables of ``env`` that imports depend on, and the quiet defaults of the others."""
    chosen = {name: env[name] for name in sorted(IMPORT_VARIABLES & env.keys())}
    return {**QUIET, **chosen}


def shared_server(env: Mapping[str, str] | None = None) -> Server:
    """The server that this user's processes share.

    Its path depends on the Python environment, the versions of the packages there, the
    variables in ``env`` that imports depend on, and the server's own source. Nothing is started.
    """
    environment = import_environment(os.environ if env is None else env)
    versions = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    # After an edit of this room, a new server is started.
    edited = max(file.stat().st_mtime_ns for file in Path(__file__).parent.glob("*.py"))
    identity = [sys.prefix, sys.version, versions, environment, edited]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]
    places = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir())
    place = next(p for p in places if p and os.access(p, os.W_OK))
    return Server(Path(place, f"diptych-{os.getuid()}", key), environment)
