"""The reports as HTML: self-contained, without a script, everything in them escaped."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable

from diptych.catalogue.component import FRAMEWORK_NAMES
from diptych.grading.marking import Grade, Outcome

HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; margin: 1rem 0; }}
th, td {{ border-bottom: 1px solid #8888; padding: .4rem .8rem .4rem 0; text-align: left;
  vertical-align: top; overflow-wrap: break-word; }}
td:last-child {{ overflow-wrap: anywhere; }}
.n {{ text-align: right; white-space: nowrap; }}
code {{ font-family: ui-monospace, monospace; font-size: .9em; white-space: pre-wrap; }}
</style>
<h1>{title}</h1>
"""


def feedback(student: str, outcomes: list[Outcome], *, show_hidden: bool = False) -> str:
    """The page of one student; without ``show_hidden`` nothing of hidden cases is on it."""
    parts = [HEAD.format(title=_text(f"Feedback for {student}"))]
    for outcome in outcomes:
        parts.append(f"<h2>{_text(outcome.chapter or outcome.place)}</h2>\n")
        if outcome.reason:
            parts.append(f"<p>{_sentence(outcome.reason)}</p>\n")
        if outcome.grades:
            points = sum(grade.points for grade in outcome.grades)
            most = sum(grade.max_points for grade in outcome.grades)
            parts.append(f"<p><strong>{points:g} of {most:g} points</strong></p>\n")
        if outcome.grades and outcome.status != "unreadable":
            rows = [_answer(grade, show_hidden) for grade in outcome.grades]
            parts.append(_table(("Exercise", "Framework", "Points", "What to know"), rows))
        if outcome.notes:
            notes = "".join(f"<li><code>{_text(note)}</code></li>\n" for note in outcome.notes)
            parts.append(f"<h3>Cells that did not go through</h3>\n<ul>\n{notes}</ul>\n")
    return "".join(parts)


def _answer(grade: Grade, show_hidden: bool) -> tuple[str, ...]:
    said, evidence = grade.told, grade.shown
    if show_hidden:
        said, evidence = grade.diagnosis, grade.evidence
    told = _sentence(said) if said else "Right."
    if grade.lost and grade.points:
        told += f" It costs the points for {_text(' and '.join(grade.lost))}."
    if evidence:
        told += f"<br><code>{_text(evidence)}</code>"
    points = f"{grade.points:g} of {grade.max_points:g}"
    return _text(grade.exercise), FRAMEWORK_NAMES[grade.framework], points, told


def class_report(outcomes: list[Outcome], missing: list[str], isolation: str) -> str:
    """How the class did: what was reached, the most frequent mistakes, what did not go through."""
    submissions = Counter(outcome.status for outcome in outcomes)
    grades = [grade for outcome in outcomes for grade in outcome.grades]
    trouble = [
        (_text(o.student), _text(o.place), _text(o.status), _sentence(o.reason))
        for o in outcomes
        if o.status != "graded"
    ]
    mistakes = Counter((grade.exercise, grade.diagnosis) for grade in grades if grade.misconception)
    frequent = sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))[:20]
    return "".join(
        [
            HEAD.format(title="Report on the class"),
            f"<p>{len(outcomes)} notebooks; isolation: {_text(isolation)}.</p>\n",
            _counted("Notebooks", submissions),
            "<h2>What was reached</h2>\n",
            _table(("Exercise", "Framework", "Answers", "Full points", "Mean"), _reached(grades)),
            "<h2>Most frequent misconceptions</h2>\n",
            _table(
                ("Exercise", "Misconception", "How many"),
                [(_text(e), _sentence(said), str(count)) for (e, said), count in frequent],
            ),
            _counted("Answers", Counter(grade.status for grade in grades)),
            "<h2>Worth a look: builtins that were used</h2>\n",
            _table(("Student", "Exercise", "Framework", "What was seen"), _advice(outcomes)),
            "<h2>What did not go through</h2>\n",
            _table(("Student", "File", "Status", "Why"), trouble),
            f"<p>Folders without a notebook: {_text(', '.join(missing) or 'none')}.</p>\n",
        ]
    )


def _reached(grades: list[Grade]) -> list[tuple[str, ...]]:
    rows = []
    for key in dict.fromkeys((g.exercise, g.framework) for g in grades):
        those = [g for g in grades if (g.exercise, g.framework) == key]
        full = sum(g.points == g.max_points for g in those)
        mean = sum(g.points for g in those) / len(those)
        exercise, framework = key
        numbers = (str(len(those)), str(full), f"{mean:.2f} of {those[0].max_points:g}")
        rows.append((_text(exercise), FRAMEWORK_NAMES[framework], *numbers))
    return rows


def _advice(outcomes: list[Outcome]) -> list[tuple[str, ...]]:
    return [
        (_text(o.student), _text(g.exercise), FRAMEWORK_NAMES[g.framework], _sentence(g.advice))
        for o in outcomes
        for g in o.grades
        if g.advice
    ]


def _counted(what: str, counter: Counter) -> str:
    rows = [(_text(status), str(count)) for status, count in sorted(counter.items())]
    return f"<h2>{what} by status</h2>\n" + _table(("Status", "How many"), rows)


NUMBERS = {"Points", "Answers", "Full points", "Mean", "How many"}


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells that are HTML already."""
    classes = [' class="n"' if title in NUMBERS else "" for title in head]

    def line(tag: str, cells: Iterable[str]) -> str:
        pairs = zip(classes, cells, strict=True)
        return "<tr>" + "".join(f"<{tag}{c}>{cell}</{tag}>" for c, cell in pairs) + "</tr>\n"

    body = "".join(line("td", row) for row in rows)
    return f"<table>\n{line('th', head)}{body}</table>\n" if body else "<p>None.</p>\n"


def _text(text: str) -> str:
    # Control characters and marks that turn the direction of writing would deceive a reader.
    return html.escape("".join(c if c.isprintable() else " " for c in text))


def _sentence(text: str) -> str:
    return _text(text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else "."))
