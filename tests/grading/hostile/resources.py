"""Attempts to take the machine: time, memory, threads, processes, disk, and Python itself."""

from tests.grading.hostile import HONEST, Attempt, answer, cell
from tests.grading.submissions import notebook

SLOW = "it did not end within 3 seconds"
CRASHED = "it ended Python itself"
FULL = "it wrote more than 256 MB of files"
FORBIDDEN = "Operation not permitted"


def endless(source):
    return cell(source, SLOW, "timeout")


SWALLOW = """while True:
    try:
        while True: pass
    except BaseException:
        pass
"""
SIGNALS = """import signal
for number in signal.valid_signals():
    try:
        signal.signal(number, lambda *args: None)
        signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    except (OSError, ValueError):
        pass
while True: pass
"""
FORKS = "import os\nwhile True:\n    if os.fork() == 0: continue"
LEFT = """import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1e6)"], start_new_session=True)
"""
THREADS = """import threading, time
while True:
    threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()
"""
# Not without end: thousands take a busy machine seconds to end.
C_THREADS = """import ctypes, time
libc = ctypes.CDLL(None)
for _ in range(700):
    libc.pthread_create(ctypes.byref(ctypes.c_ulong()), None, libc.pause, None)
time.sleep(1e6)
"""
BUSY_THREADS = """import threading, time
def spin():
    while True: time.sleep(0.001)
for _ in range(3):
    threading.Thread(target=spin, daemon=False).start()
"""
MEMORY = "kept = []\nwhile True: kept.append(b'x' * 20_000_000)"
# A process is called what it likes, in 15 bytes, in front of what the kernel says of it.
CALLED = """import ctypes
ctypes.CDLL(None).prctl(15, {name!r}.encode(), 0, 0, 0)
"""
LESS = "kept = [b'x' * 20_000_000 for _ in range(30)]\nimport time; time.sleep(1e6)"
FORM_FEED = CALLED.format(name="\fVmRSS: -999999") + LESS
RETURN = CALLED.format(name="\rVmRSS: -999999") + LESS
NO_NUMBER = CALLED.format(name="\x85VmRSS:") + "import time; time.sleep(0.3)"
SHARED = """import mmap
kept = []
while True:
    kept.append(mmap.mmap(-1, 20_000_000))
    kept[-1].write(b"x" * 20_000_000)
"""
TENSORS = "kept = []\nwhile True: kept.append(torch.ones(5_000_000))"
# The first thread ends, and with it what /proc tells of the process by that thread's number.
HEADLESS = """import ctypes, threading, time
def work():
    time.sleep(0.2)
    exec({!r}, {{}})
threading.Thread(target=work).start()
ctypes.CDLL(None).syscall({{"x86_64": 60, "aarch64": 93}}[__import__("platform").machine()], 0)
"""
DISK = "while True:\n    with open('big', 'ab') as f: f.write(bytes(1 << 20))"
DISKS = """import itertools
for i in itertools.count():
    with open(str(i), "wb") as f: f.write(bytes(1 << 20))
"""
FILES = "import itertools\nfor i in itertools.count(): open(str(i), 'w').close()"
UNLINKED = """import os
kept = []
while True:
    kept.append(open("big", "wb", buffering=0))
    os.unlink("big")
    for _ in range(60): kept[-1].write(bytes(1 << 20))
"""
MAPPED = """import mmap, os
kept = []
while True:
    with open("big", "w+b") as f:
        for _ in range(60): f.write(bytes(1 << 20))
        f.flush()
        kept.append(mmap.mmap(f.fileno(), 0))
    os.unlink("big")
"""
A_PAGE_OF_EACH = """import ctypes, mmap, os
libc = ctypes.CDLL(None)
for _ in range(12):
    with open("big", "wb+", buffering=0) as f:
        for _ in range(60): f.write(bytes(1 << 20))
        libc.mmap(None, 4096, mmap.PROT_READ, mmap.MAP_SHARED, f.fileno(), 0)
    os.unlink("big")
import time; time.sleep(1e6)
"""
# What is left of the line in /proc does not end as it should, the rest is of another folder.
BEHIND_A_NAME = A_PAGE_OF_EACH.replace('"big"', r'"a\f0-0 r 0 0:0 0 x"')
IN_DISGUISE = "import os\nos.mkdir('dev')\n" + A_PAGE_OF_EACH.replace('"big"', '"dev/zero"')
# A folder becomes a file, and a folder again, while the grader looks at what is in it.
SWAPS = """import ctypes, os, time
libc = ctypes.CDLL(None)
os.mkdir("d")
for name in ("f", *(f"d/{i}" for i in range(300))): open(name, "w").close()
end = time.monotonic() + 1.5
while time.monotonic() < end: libc.renameat2(-100, b"d", -100, b"f", 2)
"""
LEASES = """import fcntl, this
file = open(this.__file__)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
"""
PIPES = """import fcntl, os
for _ in range(100): fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 1 << 20)
"""
DEEP = """import os
for _ in range(1200):
    os.mkdir("deep")
    os.chdir("deep")
"""
LOCKED = "import os\nos.mkdir('d', 0o300)\nfor i in range(100): open(f'd/{i}', 'w').write('x')"
PRINTS = "while True: print('endless')"
LINE = "import sys\nfor stream in (sys.stdout, sys.stderr): stream.write('x' * 60_000_000)"
IN_C = "import ctypes\nctypes.PyDLL(None).sleep(1000)  # holds the GIL"
LOUD = "class Loud(Exception):\n    def __str__(self):\n        while True: pass\nraise Loud"
MESSAGE = "raise ValueError('long ' * 10_000_000)"
CHAIN = "\n".join(f"v{i} = v{i + 1}" for i in range(25_000))
CALLS = "x = 0\nrelu_pt = relu6_pt = leaky_relu_pt = threshold_pt = " + "v0"
MAGICS = "%x\n" * 400 + "a = 1\n" * 80_000  # read again for each magic
LARGE = "def relu_pt(x): return torch.ones(5_000_000)"
MANY = "def relu_pt(x): return [torch.ones(3)] * 1000"
THINKS = "import time\ndef relu_pt(x):\n    time.sleep(1)\n    return torch.clamp(x, min=0)"
SPIN = {
    "relu6_pt": "def relu6_pt(x):\n    while True: pass",
    "threshold_pt": "def threshold_pt(*args):\n    while True: pass",
}

ATTEMPTS = {
    "endless-loop": endless("while True: pass"),
    "swallows-every-exception": endless(SWALLOW),
    "ignores-every-signal": endless(SIGNALS),
    "sleeps": endless("import time; time.sleep(1e6)"),
    "sleeps-in-c": endless(IN_C),
    "endless-regular-expression": endless("import re; re.match('(a*)*b', 'a' * 100)"),
    "endless-arithmetic": endless("x = 9 ** 9 ** 9"),
    "endless-text-of-an-error": endless(LOUD),
    "stops-itself": endless("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"),
    "endless-answers": Attempt(notebook(HONEST | SPIN), 3, "timeout", SLOW),
    "thinks-long": answer(THINKS, SLOW, "timeout"),
    "exits": cell("import os; os._exit(0)", CRASHED, "crashed"),
    "exits-as-if-refused": cell("import os; os._exit(97)", CRASHED, "crashed"),
    "exits-politely": cell("import sys; sys.exit()", "SystemExit"),
    "segmentation-fault": cell("import ctypes; ctypes.string_at(0)", CRASHED, "crashed"),
    "aborts": cell("import os; os.abort()", CRASHED, "crashed"),
    "kills-itself": cell("import os; os.kill(os.getpid(), 9)", CRASHED, "crashed"),
    "smashes-its-stack": cell(
        "import ctypes; ctypes.memset(id(0), 255, 1 << 40)", CRASHED, "crashed"
    ),
    "recursion-without-end": cell("def f(): f()\nf()", "RecursionError"),
    "fork-bomb": cell(FORKS, FORBIDDEN, floor=True),
    "leaves-a-child-behind": cell(LEFT, FORBIDDEN, floor=True),
    "makes-others-wait-for-a-library": cell(LEASES, FORBIDDEN, floor=True),
    "takes-the-pipes-of-others": cell(PIPES, FORBIDDEN, floor=True),
    "thread-bomb": cell(THREADS, "more than 500 threads", "too_many_threads"),
    "thread-bomb-in-c": cell(C_THREADS, "more than 500 threads", "too_many_threads"),
    "leaves-threads-behind": cell(BUSY_THREADS),
    "memory-bomb": cell(MEMORY, "more than 300 MB of memory", "out_of_memory"),
    "memory-bomb-behind-a-name": cell(FORM_FEED, "more than 300 MB of memory", "out_of_memory"),
    "memory-bomb-behind-another-name": cell(RETURN, "more than 300 MB of memory", "out_of_memory"),
    "a-name-without-a-number": cell(NO_NUMBER),
    "a-folder-that-becomes-a-file": cell(SWAPS, floor=True),
    "memory-bomb-that-is-shared": cell(SHARED, FORBIDDEN, floor=True),
    "memory-bomb-of-tensors": cell(TENSORS, "more than 300 MB of memory", "out_of_memory"),
    "memory-bomb-behind-a-thread-that-ended": cell(
        HEADLESS.format(MEMORY), "more than 300 MB of memory", "out_of_memory"
    ),
    "fills-the-disk-with-one-file": cell(DISK, "File too large", floor=True),
    "prints-without-end": endless(PRINTS),
    "a-line-of-60-megabytes": cell(LINE),
    "asks-for-input": cell("input('password: ')", "EOFError"),
    "an-error-of-50-megabytes": cell(MESSAGE, "ValueError: long long"),
    "returns-20-megabytes": answer(LARGE, "20 MB of numbers came back"),
    "returns-too-many-tensors": answer(MANY, "not in the grader's form", "malformed"),
    "source-that-makes-reading-slow": cell(CHAIN + "\n" + CALLS, "name 'v1' is not defined"),
    # It takes a parser gigabytes: not the grader's, which reads what a child has read.
    "a-name-that-takes-gigabytes-to-read": cell(
        f"import a{'.b' * 80_000}", "cannot be turned into Python", "unreadable", 0
    ),
    "magics-that-make-reading-slow": cell(MAGICS, "too long to read", "no_answer", 0),
    "a-line-that-is-many-statements": cell(";".join(["relu_pt = 1"] * 40_000)),
    "parentheses-without-end": cell("(" * 20_000, "SyntaxError"),
    "signs-without-end": cell("-" * 100_000 + "1", "Error"),
}

# Where the folder is in memory, the kernel ends these; on a disk, the grader does.
FILLS = {
    "fills-the-disk-with-many-files": DISKS,
    "fills-the-disk-with-names": FILES,
    "fills-the-disk-with-unlinked-files": UNLINKED,
    "fills-the-disk-with-mapped-files": MAPPED,
    "fills-the-disk-behind-single-pages": A_PAGE_OF_EACH,
    "fills-the-disk-with-a-false-device": IN_DISGUISE,
    "fills-the-disk-behind-a-name": BEHIND_A_NAME,
}
NO_SPACE = "No space left on device"
for name, source in FILLS.items():
    ATTEMPTS[name] = cell(source, NO_SPACE)
ON_DISK = {name: cell(source, FULL, "disk_full") for name, source in FILLS.items()}
ON_DISK["fills-the-disk-behind-a-thread-that-ended"] = cell(
    HEADLESS.format(UNLINKED), FULL, "disk_full"
)
HIDES = {"folders-deeper-than-a-path-is-long": DEEP, "a-folder-that-cannot-be-listed": LOCKED}
for name, source in HIDES.items():
    ATTEMPTS[name] = cell(source)
    ON_DISK[name] = cell(source + "\nimport time; time.sleep(1e6)", FULL, "disk_full")
