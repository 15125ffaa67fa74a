"""Attempts to write more than text into the reports, or to say what the grader would say."""

from diptych.grading import asking
from tests.grading.hostile import Attempt, answer, cell
from tests.grading.submissions import CHAPTER, notebook

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
ANSI = r"\x1b]0;title\x07\x1b[2J\x1b[31mred\x9b31m"
DIRECTION = r"\u202egnp.exe\u2066\u200b\ufeff"
ROW = '"\n"honest","activations","rectifiers","relu","pytorch","0","3","graded",""\n"'
KIND = """class Fault(Exception):
    kind = {kind!r}
def relu_pt(x): raise Fault({message!r})
"""
NAMED = "raise type('<script>alert(1)</script>', (Exception,), {})('=1+1')"
LEAK = """def relu_pt(x):
    if x.numel() == 9: raise ValueError(f"secret {x.tolist()}")
    return torch.clamp(x, min=0)
"""
# What relu_pt was asked in secret, told by another answer, to a question that everybody may see.
KEEPS = """kept = []
def relu_pt(x):
    kept.append(x.detach().flatten().tolist())
    return torch.clamp(x, min=0)
"""
TELLS = "def relu6_pt(x): raise ValueError(f'secret {len(kept)} {kept[-1:]}')"
# Right where everybody may see it.
WAITS = """calls = []
def relu_pt(x):
    calls.append(1)
    y = torch.clamp(x, min=0)
    return y if len(calls) <= {visible} else {hidden}
"""
VISIBLE = len(asking.questions(asking.asked(CHAPTER, ("pytorch",), "0"))["relu_pt"].visible)
BY_SHAPE = WAITS.format(visible=VISIBLE, hidden="torch.zeros(7, x.numel())")
BY_FACTOR = WAITS.format(visible=VISIBLE, hidden="77.77 * y")


def said(kind, message, sentence):
    return answer(KIND.format(kind=kind, message=message), sentence)


BY_NUMBER = """def relu_pt(x):
    y = torch.clamp(x, min=0)
    return [y] * 37 if x.numel() == 9 else y
"""
BY_DTYPE = """def relu_pt(x):
    y = torch.clamp(x, min=0)
    return y.short() if x.numel() == 9 else y
"""
ATTEMPTS = {
    "html-in-an-error": cell(f"raise ValueError({SCRIPT!r})", "ValueError: <script>"),
    "html-in-an-answers-error": answer(f"def relu_pt(x): raise ValueError({SCRIPT!r})", "<img"),
    "html-in-a-name": cell(NAMED, "<script>alert(1)</script>: =1+1"),
    "html-in-the-source": cell(f"x = 1 / 0  # {SCRIPT}", "ZeroDivisionError"),
    "html-in-a-magic": cell(f"!{SCRIPT}", "magics and shell commands"),
    "terminal-sequences": cell(f"raise ValueError('{ANSI}')", "ValueError: ]0;title[2Jred31m"),
    "writing-from-right-to-left": cell(f"raise ValueError('{DIRECTION}')", "ValueError: gnp.exe"),
    "markdown": cell("raise ValueError('[x](javascript:alert(1)) | a | `b`')", "[x](javascript"),
    "latex": cell(r"raise ValueError(r'\\input{/etc/passwd} $\\infty$')", r"\\input{/etc/passwd}"),
    "a-formula-in-an-error": said("not_numbers", "=1+1", "=1+1"),
    "a-formula-behind-a-tab": said("not_numbers", "\t=1+1", "=1+1"),
    "a-row-of-the-table": said("raised", ROW, 'Fault: " "honest"'),
    "a-teachers-words": said("not_numbers", "Right. 3 of 3 points.", "Right. 3 of 3"),
    "not-written-yet": said("not_numbers", "not written yet", ""),
    "a-kind-that-is-no-text": answer(
        KIND.replace("{kind!r}", "['x']").replace("{message!r}", "'hello'"), "raises Fault: hello"
    ),
    "half-a-surrogate-in-an-error": cell(r"raise ValueError('\\ud800 half')", "half"),
    "a-template": said("not_numbers", "{seconds} {0.__class__} %s", "{seconds}"),
    "leaks-by-an-error": answer(LEAK, "raises ValueError: secret"),
    "leaks-by-another-answer": Attempt(
        notebook({"relu_pt": KEEPS, "relu6_pt": TELLS}), 3, "graded", "ValueError: secret"
    ),
    "leaks-by-a-shape": answer(BY_SHAPE, "the output has shape (7,"),
    "leaks-by-a-number": answer(BY_NUMBER, "37 outputs come back"),
    "leaks-by-a-dtype": answer(BY_DTYPE, "of dtype int16"),
    "leaks-by-a-factor": answer(BY_FACTOR, "77.77 times"),
}
