"""The recorded operations are those that run, and the use of every public name is seen."""

import pytest

from diptych.catalogue import ledger
from diptych.catalogue.component import catalogue
from diptych.forbidden import operations, record

pytestmark = pytest.mark.filterwarnings("ignore")

SHIPPED = [
    (symbol, component)
    for component in catalogue()
    if component.kind != "usage" and component.exercises
    for symbol in component.symbols
    # The witness does not look for what an exercise allows, such as mean and variance.
    if operations.plain(symbol) not in map(operations.plain, component.exercises[0].allow)
]


def test_the_table_is_what_the_installed_frameworks_run():
    assert record.record() == operations.table()


@pytest.mark.parametrize(("symbol", "component"), SHIPPED, ids=[s for s, _ in SHIPPED])
def test_a_component_is_seen_by_each_of_its_public_names(symbol, component):
    exercise = component.exercises[0]
    calls = list(record.attempts(symbol, operations.symbols(exercise)))
    assert calls, "no arguments fit"
    assert all(operations.seen(labels, exercise) for labels in calls)


def test_no_operation_is_the_own_one_of_two_components():
    owners, shared = {}, ledger.read().shared  # F.pad belongs to each kind of padding
    for component in (c for c in catalogue() if c.kind != "usage"):
        for symbol in set(component.symbols) - set(shared):
            for label in operations.table().get(symbol, ()):
                if operations.plain(label) not in map(operations.plain, shared):
                    owners.setdefault(label, set()).add(component.name)
    assert {label: names for label, names in owners.items() if len(names) > 1} == {}


def test_a_name_that_two_components_share_is_the_own_one_of_each():
    table = operations.table()  # nn.Linear and activations.linear share a name
    assert table["torch.nn.functional.linear"] == ["torch.linear"]
    assert table["keras.activations.linear"] == []
