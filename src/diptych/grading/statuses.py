"""Every way in which an answer or a submission can end, and the sentence that a student reads.

``graded`` and ``raised`` have none of their own: there the judge's diagnosis says it.
"""

SENTENCES = {
    # the answer was put to the question
    "graded": "",
    "raised": "",
    "not_written": "not written yet",
    "forbidden": "this ran {functions}, which the exercise asks you to write yourself",
    "by_hand": "marked by hand{comment}",
    # there is nothing to ask
    "no_answer": "nothing is called {name} after all cells have run",
    "misnamed": "nothing is called {name}: is {near} meant? Rename it",
    "not_code": "{name} is defined in a {kind} cell: turn it into a code cell",
    "cell_failed": "the cell that defines {name} did not go through: {why}",
    "unreadable": "the notebook cannot be read: {reason}",
    # a file that is listed, and not graded
    "unknown_chapter": "no chapter of the book goes with this notebook: neither what it says of "
    "itself, nor its answers, nor its name",
    "other_chapter": "this chapter is not graded this time",
    "second": "for this chapter {first} counts: hand in one notebook",
    "no_student": "it lies beside the folders of the students: put it into the folder of whoever "
    "handed it in",
    "not_searched": "{reason}",
    "refused": "this file is not read: {reason}",
    "no_notebook": "a text or a link was handed in, and no notebook",
    "older_attempt": "a later attempt was handed in, which counts",
    "two_readings": "the name of this file can be read in two ways: name the students with "
    "--roster, by the ids that the course's site has",
    # asking did not go well
    "slow": "the cells took longer than {total:g} seconds together; from code cell {cell} on, only"
    " what the answers are made of has run",
    "timeout": "it did not end within {seconds:g} seconds: is there an endless loop?",
    "crashed": "it ended Python itself, so that nothing could come back",
    "out_of_memory": "it took more than {memory} MB of memory",
    "too_many_threads": "it started more than {threads} threads",
    "disk_full": "it wrote more than {disk} MB of files",
    "not_asked": "time was up before this answer came: a submission has {total:g} seconds, and as"
    " many once more for what its answers are made of",
    "malformed": "what came back is not in the grader's form: something has interfered with it",
    "killed": "each worker of the cluster that ran this notebook was killed: please tell your "
    "instructor",
    "failed": "the grader failed here, which is no fault of yours: please tell your instructor",
}


def sentence(status: str, **details: object) -> str:
    """The sentence of a status; ``details`` fill its places. Raises ``KeyError`` for others."""
    return SENTENCES[status].format(**details)
