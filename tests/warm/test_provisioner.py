"""Kernels from the warm server, as notebooks see them."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from diptych.warm import provisioner

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm import client, identity
from tests.processes import alive

COLD, WARM = "local-provisioner", "diptych-warm"


@pytest.fixture(autouse=True)
def chosen(monkeypatch):
    """Choose the warm provisioner as a user would."""
    monkeypatch.setenv(KernelProvisionerFactory.default_provisioner_name_env, WARM)
    KernelProvisionerFactory.clear_instance()
    provisioner._say_once.cache_clear()
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A server for this test, which imports only a kernel, and no framework."""

    def shared_server(env):
        folder = tmp_path / "server"
        return identity.Server(
            folder / "socket", identity.import_environment(env), ("ipykernel.kernelapp",)
        )

    monkeypatch.setattr(client, "shared_server", shared_server)
    yield
    client.release(shared_server({}))


def execute(*cells, folder=".", allow_errors=False):
    """Run a notebook of these cells in ``folder``; return the outputs of each cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=60,
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return [cell.outputs for cell in notebook.cells]


@contextlib.contextmanager
def kernel(**options):
    """A kernel of this environment: its manager, and a function that runs code in it.

    The function returns what is printed, or the name of the error.
    """
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(**options)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    started = manager.provisioner.process.pid

    def run(code, on_output=lambda: None):
        printed = []

        def note(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])
                on_output()

        if manager.provisioner.process.pid != started:
            client.wait_for_ready(timeout=60)  # it was restarted
        reply = client.execute_interactive(code, timeout=60, output_hook=note)
        return reply["content"].get("ename") or "".join(printed).strip()

    try:
        yield manager, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def members(group):
    """The processes of a process group."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(int(path.name)) == group:
                found.append(int(path.name))
    return found


def forked(manager):
    return isinstance(manager.provisioner.process, client.Child)


def test_both_frameworks_compute_and_differentiate():
    (outputs,) = execute(
        """
        import tensorflow as tf
        import torch

        x_pt = torch.full((400, 400), 0.01, requires_grad=True)
        (x_pt @ x_pt).sum().backward()
        x_tf = tf.Variable(tf.fill((400, 400), 0.01))
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(x_tf @ x_tf)
        print(x_pt.grad[0, 0].item(), tape.gradient(y, x_tf)[0, 0].numpy())

        layer = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
        layer(torch.ones(3, 2)).sum().backward()
        optimizer.step()
        """
    )
    values = [float(value) for value in outputs[0].text.split()]
    assert values == pytest.approx([8, 8], rel=1e-5)


def test_figures_are_drawn_in_the_format_that_the_notebook_asks_for():
    plot = "plt.plot([0, 1])\nplt.show()"
    _, figure, _, another = execute(
        "import matplotlib.pyplot as plt\nfrom matplotlib_inline.backend_inline import *",
        plot,
        "set_matplotlib_formats('svg')",
        plot,
    )
    assert [output.output_type for output in figure] == ["display_data"]
    assert set(figure[0].data) == {"text/plain", "image/png"}
    assert set(another[0].data) == {"text/plain", "image/svg+xml"}
    assert another[0].data["image/svg+xml"].startswith("<?xml")


def test_errors_and_the_output_of_subprocesses_reach_the_notebook(monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # else kernels capture only Python's own output
    # A thread of the kernel reads the output of subprocesses, and needs some time.
    says = "import os, time\n_ = os.system('echo from a subprocess')\ntime.sleep(2)"
    cells = ["1 / 0", "input()", says]
    outputs = execute(*cells, allow_errors=True)
    assert outputs[0][0].ename == "ZeroDivisionError"
    assert outputs[1][0].ename == "StdinNotImplementedError"
    assert outputs[2][0].text == "from a subprocess\n"


def test_tensorflow_logs_to_stdout_as_it_does_where_a_notebook_imported_it():
    (outputs,) = execute("import tensorflow as tf\ntf.get_logger().warning('mind the gap')")
    assert [outputs[0].name, outputs[0].text] == ["stdout", "WARNING:tensorflow:mind the gap\n"]


STATE = """
import torch, torch._dynamo, tensorflow as tf, keras, matplotlib.pyplot as plt
import json, logging, os, signal, sys, tempfile, threading, warnings
import __main__

figure = plt.figure()
plt.close(figure)
shell = get_ipython()
loggers = logging.root.manager.loggerDict.items()
print(json.dumps({
    "argv": [*sys.argv[:2], *sys.argv[3:]],
    "original argv": [*sys.orig_argv[:4], *sys.orig_argv[5:]],
    "path": sys.path,
    "directories": [os.getcwd(), tempfile.gettempdir()],
    "environment": dict(os.environ),
    "__main__": [__name__, *sorted(vars(__main__))],
    "warnings": sorted(str(f) for f in warnings.filters),
    "signals": {str(s): str(signal.getsignal(s)) for s in signal.valid_signals()},
    "settings": {name: str(value) for name, value in plt.rcParams.items()},
    "hooks": {e: [f.__qualname__ for f in fs] for e, fs in shell.events.callbacks.items()},
    "interactive": [plt.isinteractive(), str(plt._REPL_DISPLAYHOOK)],
    "streams": [type(s).__qualname__ for s in (sys.stdin, sys.stdout, sys.stderr, sys.displayhook)],
    "loggers": {n: str(log.handlers) for n, log in loggers if getattr(log, "handlers", None)},
    "threads": sorted(type(thread).__name__ for thread in threading.enumerate()),
    "processors": [torch.get_num_threads(), tf.config.threading.get_inter_op_parallelism_threads()],
    "leader": [os.getpgid(0) == os.getpid() == os.getsid(0)],
    "modules": sorted(sys.modules),
}))
"""


def test_a_notebook_cannot_tell_a_warm_kernel_from_a_cold_one(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    states = []
    for name in (COLD, WARM):
        KernelProvisionerFactory.instance().default_provisioner_name = name
        (outputs,) = execute(STATE, folder=tmp_path)
        states.append(json.loads(outputs[0].text))
    cold, hot = states
    assert not set(cold.pop("modules")) - set(hot.pop("modules"))
    for aspect in cold:
        assert hot[aspect] == cold[aspect], aspect


def test_kernels_do_not_share_their_random_numbers():
    cell = """
    import random, keras, numpy as np, tensorflow as tf, torch
    print(random.random(), np.random.rand(), torch.rand(1).item())
    print(float(tf.random.uniform(())), float(keras.random.uniform(())))
    """
    # The output of one cell may arrive in several pieces.
    first, second = ("".join(output.text for output in execute(cell)[0]).split() for _ in range(2))
    assert len(first) == 5
    assert not set(first) & set(second)


def test_the_server_has_imported_the_frameworks_but_not_the_answers():
    code = """
import sys
assert {"torch", "torch._dynamo", "tensorflow", "keras", "ipykernel"} <= set(sys.modules)
assert not [name for name in sys.modules if name.startswith("diptych")]
from tensorflow.python.eager import context
assert context._context is None, "TensorFlow has computed"
"""
    assert client.spawn("builtins:exec", [code, {}]).wait(60) == 0


def test_an_endless_loop_can_be_interrupted(small):
    with kernel() as (manager, run):
        assert forked(manager)
        run("x = 1")
        endless = "print('looping', flush=True)\nwhile True: pass"
        assert run(endless, on_output=manager.interrupt_kernel) == "KeyboardInterrupt"
        assert run("print(x)") == "1"


def test_a_restart_gives_a_fresh_namespace_in_another_process(small):
    with kernel() as (manager, run):
        first = manager.provisioner.process.pid
        run("x = 1")
        manager.restart_kernel()
        assert run("print(x)") == "NameError"
        assert forked(manager) and manager.provisioner.process.pid != first
        assert not alive(first)


def test_a_kernel_that_shuts_down_runs_its_exit_handlers(small, tmp_path):
    path = tmp_path / "said goodbye"
    with kernel() as (manager, run):
        run(f"import atexit, pathlib\natexit.register(pathlib.Path({str(path)!r}).touch)")
        manager.shutdown_kernel()
    assert path.exists()


def test_the_standard_streams_of_a_kernel_can_be_redirected(small, tmp_path):
    with (
        open(tmp_path / "log", "w") as log,
        kernel(stdout=subprocess.DEVNULL, stderr=log, cwd=tmp_path) as (manager, run),
    ):
        run("import os, sys\nprint('hello', file=sys.__stderr__, flush=True)")
        assert run("print(os.getcwd())") == str(tmp_path)
        assert forked(manager)
        paths = [os.readlink(f"/proc/{manager.provisioner.process.pid}/fd/{fd}") for fd in range(2)]
        assert paths == [os.devnull] * 2


def test_eight_kernels_at_once_leave_no_process_behind():
    async def compute():
        manager = AsyncKernelManager(kernel_name="python3")
        await manager.start_kernel()
        pid = manager.provisioner.process.pid
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        code = "import torch, tensorflow as tf; print(tf.ones(2) + torch.ones(9, 9).sum().item())"
        code += "; import subprocess; _ = subprocess.Popen(['sleep', '600'])"
        reply = await client.execute_interactive(code, timeout=60, output_hook=lambda message: None)
        group = members(pid)
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        return reply["content"]["status"], group

    async def together():
        return await asyncio.gather(*(compute() for _ in range(8)))

    results = asyncio.run(together())
    assert [status for status, _ in results] == ["ok"] * 8
    assert [len(group) for _, group in results] == [2] * 8
    assert not any(alive(pid) for _, group in results for pid in group)


def test_a_killed_server_is_a_dead_kernel_and_the_next_start_brings_another(small):
    with kernel() as (manager, run):
        server = int(run("import os; print(os.getppid())"))
        os.kill(server, signal.SIGKILL)
        while manager.is_alive():
            time.sleep(0.05)
        assert manager.provisioner.process.returncode == -signal.SIGKILL
    with kernel() as (manager, run):
        assert forked(manager)
        assert int(run("import os; print(os.getppid())")) != server


def test_nbclient_reports_the_death_of_a_kernel(small):
    with pytest.raises(DeadKernelError):
        execute("import os\nos.kill(os.getppid(), 9)\nwhile True: pass")


def warnings_of(caplog):
    return [r.getMessage() for r in caplog.records if r.name == provisioner.__name__]


def test_without_fork_an_ordinary_kernel_takes_over_and_says_so_once(monkeypatch, caplog):
    monkeypatch.setattr(provisioner, "sys", SimpleNamespace(platform="darwin"))
    with kernel() as (manager, run):
        assert not forked(manager)
        assert run("print(1 + 1)") == "2"
        manager.restart_kernel(now=True)
        assert not forked(manager)
    (message,) = warnings_of(caplog)
    assert "without the warm server" in message and "darwin" in message


def test_without_a_private_directory_an_ordinary_kernel_takes_over(monkeypatch, caplog, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / f"diptych-{os.getuid()}").mkdir(mode=0o755)
    with kernel() as (manager, run):
        assert not forked(manager)
        assert run("print(1 + 1)") == "2"
    assert "other users must not" in warnings_of(caplog)[0]


@pytest.mark.parametrize(
    ("command", "options", "reason"),
    [
        (["ir", "-e", "IRkernel::main()"], {}, "not an ordinary Python kernel"),
        ([sys.executable, "-m", "bash_kernel"], {}, "not an ordinary Python kernel"),
        (["/usr/bin/python3", "-m", "ipykernel_launcher"], {}, "another Python"),
        ([sys.executable, "-m", "ipykernel_launcher"], {"stdout": subprocess.PIPE}, "pipes"),
        ([sys.executable, "-m", "ipykernel_launcher"], {"independent": True}, "independent"),
    ],
)
def test_what_cannot_be_forked_starts_cold(command, options, reason):
    assert reason in provisioner._why_cold(command, options)
