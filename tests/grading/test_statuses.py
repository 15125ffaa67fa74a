"""Every status can be told to a student."""

from diptych.grading.statuses import SENTENCES, sentence


def test_every_status_has_a_sentence_whose_places_are_filled():
    names = ("functions", "cell", "line", "name", "reason", "memory", "near", "kind")
    details = dict.fromkeys((*names, "threads", "disk", "first", "why", "comment"), "…")
    for status in SENTENCES:
        assert "{" not in sentence(status, seconds=1.0, total=4.0, **details)
