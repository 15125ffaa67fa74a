"""Statements, nesting and foreign names of a program are counted."""

from diptych.book.measure import measure, measure_source

LOOP = """
class Net(nn.Module):
    def forward(self, x):
        self.hidden = x
        return self.out(x)

def train(net, optimizer):
    losses = []
    for x in batches():
        with torch.no_grad():
            if net.mode == "eval":
                losses.append(optimizer.step(x, closure=None))
    return losses

train(Net(), lr=1)
"""


def test_statements_are_counted_with_the_ones_inside():
    assert measure_source("x = 1").statements == 1
    assert measure_source(LOOP).statements == 12


def test_nesting_is_the_depth_of_loops_branches_and_contexts():
    assert measure_source("def f():\n    return 1").nesting == 0
    assert measure_source(LOOP).nesting == 3


def test_foreign_names_are_those_that_the_program_neither_defines_nor_shares_with_lists():
    # Not train, which is defined here, with its argument lr; not hidden, which is stored here; not
    # append, which lists have.
    names = ["Module", "closure", "eval", "forward", "mode", "no_grad", "out", "step"]
    assert measure_source(LOOP).names == names


def test_an_imported_name_counts_only_where_it_is_used():
    assert measure_source("Estimator(f)", imported=("Estimator", "Spec")).names == ["Estimator"]
    assert measure_source("Estimator(f)").names == []


def test_a_function_stands_for_all_that_is_defined_beside_it():
    here = measure(test_a_function_stands_for_all_that_is_defined_beside_it)
    assert here.statements > 10
    assert here == measure(test_an_imported_name_counts_only_where_it_is_used)
