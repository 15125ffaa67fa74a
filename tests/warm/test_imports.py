"""What imports in the server leave for its children: log handlers and the environment."""

import os
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from diptych.warm.imports import LateStream
from tests.warm.children import run


def test_a_child_finds_what_imports_put_in_the_environment_but_its_own_temporary_folder(
    server, tmp_path
):
    (tmp_path / "eager.py").write_text(
        "import os, tempfile; tempfile.gettempdir(); os.environ['IMPORTED'] = 'yes'"
    )
    server = server._replace(
        environment={**server.environment, "PYTHONPATH": str(tmp_path)},
        modules=("nothing.of.the.sort", "eager"),
    )
    code = """
        import os, sys, tempfile
        print("eager" in sys.modules, tempfile.gettempdir(), os.environ["IMPORTED"])
    """
    _, printed, _ = run(server, code, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert printed == f"True {tmp_path} yes"


def test_log_handlers_made_on_import_write_to_the_later_stream(monkeypatch, capsys):
    stream = LateStream("stderr")
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "__stderr__", sys.stdout)
    stream.write("early ")
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    stream.write("late")
    stream.close()
    stream.write(" and later")
    assert capsys.readouterr().out == "early late and later"
