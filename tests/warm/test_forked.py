"""A forked child looks like a fresh interpreter."""

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("the warm server needs Linux", allow_module_level=True)

from tests.warm.children import run


def test_a_child_looks_like_a_fresh_interpreter(server):
    code = """
        import __main__, os, signal, sys
        assert not hasattr(__main__, "serve") and not hasattr(sys, "ps1")
        assert not [name for name in sys.modules if name.startswith("diptych")]
        assert type(sys.stdout) is type(sys.stderr) is type(sys.__stdin__), type(sys.stdout)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert "" not in sys.path
        assert os.getsid(0) == os.getpgid(0) == os.getpid()
        assert len(os.listdir("/proc/self/fd")) == 4, "three streams, and the listing's own"
    """
    assert run(server, code) == (0, "", "")


def test_children_do_not_share_their_random_numbers(server):
    code = "import random, numpy; print(random.random(), numpy.random.rand())"
    first, second = (run(server, code)[1].split() for _ in range(2))
    assert not set(first) & set(second)
