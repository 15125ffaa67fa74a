"""A finding says which output is wrong, and at which place."""

import torch

from diptych import check
from tests.judging.answers import said, written


def test_where_numbers_depend_on_each_other_the_whole_input_is_shown():
    def softmax_pt(x, dim):
        return torch.sigmoid(x)

    shown = "softmax([[1.0, 2.0, 4.0], [-1.0, 0.5, 0.0], [0.2, 0.1, 0.4]], axis=-1) at place (0, 1)"
    assert shown in said(check(softmax_pt))


BACKWARD = """
def repaired_gradients_pt(x, y, w, b, v):
    weights = [a.clone().requires_grad_() for a in (w, b, v)]
    u = x @ weights[0] + weights[1]
    logits = (u * torch.sigmoid(u)) @ weights[2]
    loss = F.binary_cross_entropy_with_logits(logits, y)
    dw, db, dv = torch.autograd.grad(loss, weights)
    return dw, {db}, {dv}
"""


def test_of_several_outputs_the_wrong_one_is_told_by_its_number():
    source = BACKWARD.format(db="db", dv="2 * dv")
    checked = said(check(written(source, "repaired_gradients_pt")))
    assert "every number of output 3 of 3 is 2 times what it should be" in checked
    assert "at place 0 of output 3 of 3: expected" in checked


def test_shapes_are_right_already_only_where_those_of_all_outputs_are():
    source = BACKWARD.format(db="db[:1]", dv="dv")
    checked = said(check(written(source, "repaired_gradients_pt")))
    assert "output 2 of 3 has shape (1,), where (3,) is right" in checked
    assert "Right already" not in checked


def test_one_number_has_no_place():
    source = "def penalized_fit_pt(a, y, w, l2):\n    return w.sum()"
    assert "l2=0.1): expected" in said(check(written(source, "penalized_fit_pt")))
