"""A cell shows the error that it is about, and fails when there is none."""

import pytest

from diptych import show_error

NODE = "{{function_node __wrapped__MatMul_device_/job:localhost/replica:0/task:0/device:CPU:0}}"


def shown(capsys, error):
    with show_error():
        raise error
    return capsys.readouterr().out


def test_an_error_is_printed_with_its_class(capsys):
    assert shown(capsys, ValueError("no such axis")) == "ValueError: no such axis\n"


def test_a_long_message_is_cut_at_its_end_and_fits_a_panel(capsys):
    words = [f"word{n}" for n in range(90)]
    lines = shown(capsys, RuntimeError(" ".join(words))).splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 64
    assert lines[-1].endswith(" …")
    assert " ".join(lines).split()[1:-1] == words[: len(" ".join(lines).split()) - 2]


def test_paragraphs_colours_and_the_device_do_not_hide_the_reason(capsys):
    said = shown(capsys, RuntimeError(f"in Conv2D.call().\n\n\x1b[1m{NODE} only NHWC\x1b[0m\n"))
    assert said == "RuntimeError: in Conv2D.call(). only NHWC\n"


def test_a_block_that_raises_nothing_is_itself_an_error():
    with pytest.raises(AssertionError, match="it raised none"), show_error():
        pass


def test_an_interrupt_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt), show_error():
        raise KeyboardInterrupt
