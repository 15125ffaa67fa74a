"""A class that is graded by a Dask cluster: a scheduler and two workers, each its own process."""

import signal
import socket
import subprocess
import sys

import pytest

from diptych import cli
from diptych.grading import batch, cluster, fan_out
from tests.grading.submissions import NO_LEAK, RIGHT, notebook, only, write
from tests.processes import wait_for

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, which needs Linux", allow_module_level=True)

OPTIONS = {"seed": "seventeen", "frameworks": ("pytorch",)}
CLASS = {f"s{n}": notebook(only("relu_pt"), first=f"n = {n}") for n in range(8)} | {
    "all": notebook(RIGHT),
    "wrong": notebook({"leaky_relu_pt": NO_LEAK}),
    "dies": notebook(only("relu_pt"), first="import os; os._exit(0)"),
    "broken": b"[",
}
# What comes before a worker that is not like the others.
STRANGER = "import sys; sys.modules['diptych.grading'] = None"
OTHER = "from diptych.grading import cluster; cluster.version = lambda chapter: 'another'"


def program(name, *options, before=""):
    """A program of Dask's, after some lines of Python."""
    code = f"{before}\nimport sys; from distributed.cli.dask_{name} import main; sys.exit(main())"
    call = [sys.executable, "-c", code, "--no-dashboard", *options]
    return subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Its address, a client that looks on, and a function that starts a worker."""
    from distributed import Client

    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    started = [program("scheduler", "--host=127.0.0.1", "--port=0", f"--scheduler-file={file}")]

    def worker(name, before=""):
        options = ("--no-nanny", "--nthreads=1", f"--name={name}", f"--local-directory={folder}")
        started.append(program("worker", f"--scheduler-file={file}", *options, before=before))
        wait_for(lambda: name in {each["name"] for each in workers().values()}, seconds=60)
        return started[-1]

    def workers():
        return client.scheduler_info(n_workers=-1)["workers"]

    wait_for(file.exists, seconds=60)
    with Client(scheduler_file=str(file), set_as_default=False) as client:
        yield client.scheduler.address, client, worker
    for process in started:
        process.kill()
        process.wait()


def grades(folder):
    return [(folder / name).read_text() for name in ("grades.csv", "students.csv")]


def test_two_workers_grade_like_one_machine_and_a_lost_worker_loses_nothing(
    scheduler, one_server, tmp_path
):
    address, client, start = scheduler
    write(tmp_path / "in", CLASS)
    batch.grade(tmp_path / "in", tmp_path / "alone", workers=2, **OPTIONS)
    first, second = start("first"), start("second")
    client.get_task_stream()  # from now on, the scheduler notes who does what
    here = {"scheduler": address, **OPTIONS}
    told = []

    def progress(done, total, status):
        told.append(status)
        if done == 6:
            first.send_signal(signal.SIGKILL)

    two = {name: CLASS[name] for name in ("s0", "s1")}
    write(tmp_path / "two", two)
    batch.grade(tmp_path / "two", tmp_path / "out", **here)
    assert {task["worker"] for task in client.get_task_stream()} == set(client.nthreads())
    assert len(client.nthreads()) == 2
    batch.grade(tmp_path / "in", tmp_path / "out", progress=progress, **here)
    assert grades(tmp_path / "out") == grades(tmp_path / "alone")
    assert "Isolation: sandbox" in (tmp_path / "out/report.html").read_text()
    assert told.count(fan_out.KNOWN) == 2 and len(told) == 1 + len(CLASS)
    # Each worker has started one warm server, whatever it has graded; the first one is no more.
    (info,) = client.run(cluster._place.cache_info).values()
    assert info.misses == 1 and info.hits > 2
    second.kill()


@pytest.mark.parametrize("before, said", [(STRANGER, "cannot run diptych"), (OTHER, "has another")])
def test_a_worker_with_another_diptych_or_none_is_refused(
    before, said, scheduler, tmp_path, capsys
):
    address, client, start = scheduler
    wait_for(lambda: not client.nthreads())
    worker = start("stranger", before)
    write(tmp_path / "in", {"a": notebook()})
    options = ["--out", f"{tmp_path}/out", f"--cluster={address}"]
    assert cli.main(["grade", f"{tmp_path}/in", *options]) == 2
    worker.kill()
    told = capsys.readouterr().err
    assert said in told and cluster.EVERYWHERE in told and told.count("\n") == 1


def test_a_cluster_that_is_not_there_is_an_error_that_says_so(tmp_path, capsys, monkeypatch):
    write(tmp_path / "in", {"a": notebook()})
    call = ["grade", f"{tmp_path}/in", "--out", f"{tmp_path}/out", "--cluster"]
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setattr(cluster, "CONNECT", 0.5)
        assert cli.main([*call, address]) == 2
    assert f"no Dask scheduler answers at {address}" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert cli.main([*call, address]) == 2
    assert "pip install 'diptych[cluster]'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        cli.main([*call, "host"])
    assert ended.value.code == 2 and "tcp://host:8786" in capsys.readouterr().err
