"""The ledger plans nothing that is not written."""

from diptych.catalogue import ledger


def test_every_component_of_the_book_is_written():
    assert ledger.read().planned == ()
