"""Every status of an answer or a submission, and the sentence that a student reads.

The sentences of ``graded`` and ``raised`` are empty: there the judge's diagnosis is shown.
"""

SENTENCES = {
    # The answer was called.
    "graded": "",
    "raised": "",
    "not_written": "not written yet",
    "forbidden": "this ran {functions}, which the exercise asks you to write yourself",
    "by_hand": "marked by hand{comment}",
    # There is no answer to call.
    "no_answer": "nothing is called {name} after all cells have run",
    "misnamed": "nothing is called {name}: is {near} meant? Rename it",
    "not_code": "{name} is defined in a {kind} cell: turn it into a code cell",
    "cell_failed": "the cell that defines {name} failed: {why}",
    "unreadable": "the notebook cannot be read: {reason}",
    # The file is listed, and not graded.
    "unknown_chapter": "this notebook belongs to no chapter of the book, by its metadata, its "
    "answers or its name",
    "other_chapter": "this chapter is not graded this time",
    "second": "for this chapter {first} counts: hand in one notebook",
    "no_student": "it lies beside the folders of the students: put it into the folder of the "
    "student who handed it in",
    "not_searched": "{reason}",
    "refused": "this file is not read: {reason}",
    "no_notebook": "a text or a link was handed in, and no notebook",
    "older_attempt": "a later attempt counts",
    "two_readings": "the name of this file can be read in two ways: give the students' ids, as the "
    "course's site has them, with --roster",
    # A limit, or an error that is not the answer's own.
    "slow": "the cells took longer than {total:g} seconds together; from code cell {cell} on, only"
    " the statements that the answers need have run",
    "timeout": "it did not end within {seconds:g} seconds: is there an endless loop?",
    "crashed": "it ended Python itself, so there is no result",
    "out_of_memory": "it took more than {memory} MB of memory",
    "too_many_threads": "it started more than {threads} threads",
    "disk_full": "it wrote more than {disk} MB of files",
    "not_asked": "time was up before this answer was called: a submission has {total:g} seconds, "
    "and the same time again for a last run of what its answers need",
    "malformed": "what came back is not in the grader's form: something has interfered with it",
    "killed": "each worker of the cluster that ran this notebook was killed: please tell your "
    "instructor",
    "failed": "the grader failed here, and that is not your fault: please tell your instructor",
}


def sentence(status: str, **details: object) -> str:
    """The sentence of a status, with the ``details`` that it names; raises ``KeyError`` if the
    status is unknown, or a detail is missing."""
    return SENTENCES[status].format(**details)
