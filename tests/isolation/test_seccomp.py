"""The filter of system calls, as the kernel would take it."""

import sys

import pytest

from diptych.isolation import seccomp

if sys.platform != "linux":
    pytest.skip("the sandbox is made of what Linux has", allow_module_level=True)


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
def test_a_filter_fits_into_the_kernel_and_each_call_is_listed_once(machine):
    tables = (seccomp.FREE, seccomp.CHECKED, seccomp.PRETENDED, seccomp.ABSENT)
    numbers = [n for table in tables for n in seccomp._numbers(table, machine).values()]
    assert len(numbers) == len(set(numbers)) > 100
    program = seccomp._program(machine)
    assert len(program) < 4096  # BPF_MAXINSNS
    assert all(0 <= jump < 256 for each in program for jump in each[1:3])


def test_a_machine_whose_system_calls_are_not_listed_is_refused():
    with pytest.raises(OSError, match="no list of system calls for riscv64"):
        seccomp._program("riscv64")
