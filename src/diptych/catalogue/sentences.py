"""Sentences about wrong answers that several chapters share; the short form uses their names."""

ASCENT = "the weights climb: the step is subtracted"
OVERFLOWING_EXP = (
    "large numbers become NaN, as when exp overflows and ∞ is divided by ∞: let only bounded "
    "numbers into exp"
)
LAST_AXIS = "this always uses the last axis: use the one that is asked for"
FIRST_AXIS = "this always uses the first axis: use the one that is asked for"
SECOND_AXIS = "this always uses axis 1: use the one that is asked for"
SWAPPED = (
    "prediction and target are swapped: PyTorch's losses take (prediction, target), TensorFlow's "
    "(target, prediction)"
)
