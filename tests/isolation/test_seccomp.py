"""The filter of system calls fits the kernel, and its numbers are right."""

import ctypes
import sys

import pytest

from diptych.isolation import seccomp

if sys.platform != "linux":
    pytest.skip("the sandbox needs Linux", allow_module_level=True)


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


UNKNOWN = -1  # __NR_SCMP_ERROR; other negative numbers: this architecture has no such call


@pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
def test_every_number_is_the_one_that_libseccomp_knows(machine):
    try:
        libseccomp = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed (on Debian and Ubuntu: apt install libseccomp2)")
    resolve = libseccomp.seccomp_syscall_resolve_name_arch
    resolve.argtypes, resolve.restype = (ctypes.c_uint32, ctypes.c_char_p), ctypes.c_int
    unknown, checked = [], 0
    for table in (seccomp.FREE, seccomp.CHECKED, seccomp.PRETENDED, seccomp.ABSENT):
        ours = seccomp._numbers(table, machine)
        for name in (row.split()[0] for row in table.split(",")):
            number = resolve(seccomp.ARCHITECTURES[machine], name.encode())
            if number == UNKNOWN:
                unknown.append(name)  # a call that is newer than this libseccomp
                continue
            checked += 1
            assert ours.get(name, UNKNOWN) == max(number, UNKNOWN), name
    assert checked > 150
    assert set(unknown) <= {"fchmodat2", "futex_waitv"}
