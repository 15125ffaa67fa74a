"""Attempts to read what is right, what others handed in, or anything else; and to send it away."""

import json
import os
import socket
from pathlib import Path

import diptych
from tests.grading.hostile import HONEST, Attempt
from tests.grading.submissions import CHAPTER, ROOT, notebook

PACKAGE = Path(diptych.__file__).parent
TRIED = """def tried(attempt):
    try:
        return attempt()
    except (OSError, ImportError, LookupError, TypeError, ValueError, sqlite3.Error):
        return None
"""
# Each is an expression, which must find nothing: None, or something empty.
CODE = "importlib.machinery.SourceFileLoader('c', {components!r}).get_code('c')"
EXPRESSIONS = {
    "components": "open({components!r}).read()",
    "compiled-components": "open({compiled!r}, 'rb').read()",
    "components-through-its-own-root": "open('/proc/self/root' + {components!r}).read()",
    "components-through-a-folder": "os.open({package!r}, os.O_PATH) and open({components!r})",
    "components-by-linecache": "linecache.getlines({components!r})",
    "components-by-a-loader": CODE,
    "components-by-import": "importlib.import_module('diptych.components')",
    "oracle-by-import": "importlib.import_module('diptych.judging.oracle')",
    "solutions": "open({solutions!r}).read()",
    "store": "open({scratch!r} + '/out/grades.sqlite', 'rb').read()",
    "store-by-sqlite": "sqlite3.connect({scratch!r} + '/out/grades.sqlite').execute('SELECT 1')",
    "other-students": "os.listdir({scratch!r} + '/submitted')",
    "the-honest-student": "open({scratch!r} + '/submitted/honest/{chapter}.ipynb').read()",
    "the-folders-of-others": "os.listdir('..')",
    "the-home-of-the-grader": "os.listdir({home!r})",
    "processes": "[n for n in os.listdir('/proc') if n.isdigit()]",
    "the-graders-memory": "open(f'/proc/{{os.getppid()}}/mem', 'rb')",
    "the-graders-environment": "open(f'/proc/{{os.getppid()}}/environ').read()",
    "what-the-parent-has-open": "os.listdir(f'/proc/{{os.getppid()}}/fd')",
    "root-of-the-parent": "os.listdir(f'/proc/{{os.getppid()}}/root')",
    "temporary-files": "os.listdir('/tmp')",
    "passwords": "open('/etc/passwd').read()",
    "shared-memory": "os.listdir('/dev/shm')",
    "the-network": "socket.create_connection(('127.0.0.1', {port}), 1)",
    "the-network-by-datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "names-on-the-network": "socket.getaddrinfo('localhost', 80)",
    "a-socket-of-the-machine": "socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', {log!r})",
    "a-socket-by-message": "socket.socketpair()[0].sendmsg([b'x'], [], 0, {log!r})",
    "a-program": "subprocess.run(['/bin/cat', '/etc/passwd'], capture_output=True).stdout",
    "expected-arrays-in-memory": "[o for o in gc.get_objects() if 'oracle' in str(type(o))]",
    "exercises-in-memory": "[o for o in gc.get_objects() if type(o).__name__ == 'Exercise']",
    "modules-that-know": "[n for n in sys.modules if n.startswith(KNOWING)]",
    "frames-that-know": "[n for f in FRAMES() for n in f.f_locals if n in ('questions', 'seed')]",
    "secrets-of-the-environment": "[n for n in os.environ if n.startswith(('SECRET', 'DIPTYCH'))]",
}
IMPORTS = """import gc, importlib.machinery, linecache, os, socket, sqlite3, subprocess, sys
KNOWING = tuple("diptych." + n for n in "components catalogue judging.oracle judging.judge".split())
def FRAMES():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back
"""
# Without what keeps modules of the package from being imported.
UNHOOKED = "sys.meta_path[:] = [f for f in sys.meta_path if hasattr(f, '__module__')]\n"


PLACES = {
    "components": f"{PACKAGE}/components/{CHAPTER}.py",
    "compiled": next(map(str, PACKAGE.glob("components/**/*.pyc")), f"{PACKAGE}/x.pyc"),
    "package": str(PACKAGE),
    "solutions": f"{ROOT}/solutions/{CHAPTER}.ipynb",
    "chapter": CHAPTER,
    "home": os.path.expanduser("~"),
    # Known when the test runs: see Scratch.
    **{"scratch": "@SCRATCH@", "log": "@SCRATCH@/log", "port": "@PORT@"},
}


def read(expression):
    source = IMPORTS + UNHOOKED + TRIED
    source += f"found = tried(lambda: {expression.format(**PLACES)})\nassert not found, found"
    return Attempt(notebook(HONEST, first=source), floor=True)


ATTEMPTS = {f"reads-{name}": read(expression) for name, expression in EXPRESSIONS.items()}


class Scratch:
    """A folder, and on its machine a log and a service, to which anybody may talk."""

    def __init__(self, folder):
        self.folder = folder
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.log.bind(f"{folder}/log")
        os.chmod(f"{folder}/log", 0o777)
        self.network = socket.create_server(("127.0.0.1", 0))

    def close(self):
        self.log.close()
        self.network.close()

    def located(self, handed_in):
        """A notebook that knows where these are."""
        if not isinstance(handed_in, dict):
            return handed_in
        port = str(self.network.getsockname()[1])
        text = json.dumps(handed_in).replace("@SCRATCH@", str(self.folder))
        return text.replace("@PORT@", port).encode()
