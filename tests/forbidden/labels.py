"""A helper: the labels of what the witness sees in one call."""

from diptych.forbidden import witness


def labels(call, symbols=None):
    with witness.watching(symbols) as seen:
        call()
    return seen
