"""How the book draws: one palette, SVG that is byte-identical when nothing changed."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

from diptych.book.compare import to_numpy

# Mid tones of Okabe and Ito's palette: three to one or better on white and on near-black, and
# told apart by colour-blind readers.
PYTORCH, TENSORFLOW = "#d9601a", "#2b88c0"
SIBLING, INK = "#9a9a9a", "#7b7b7b"
PALETTE = (TENSORFLOW, PYTORCH, "#119e78", "#b9669a", "#a8891c", "#7b6fd0")


def use_style() -> None:
    """Set matplotlib up for the book: SVG, transparent, colours that read on light and dark."""
    plt.rcdefaults()
    plt.rcParams.update(
        {
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.prop_cycle": cycler(color=PALETTE),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            # As wide as a phone's text: there the words are as large as they say, and the site
            # scales a figure to its text and leaves the lines as they are (figures.css).
            "figure.figsize": (5.2, 3.0),
            "font.family": "sans-serif",
            "font.size": 10.5,
            "axes.titlesize": 12,
            "legend.frameon": False,
            "lines.linewidth": 2.0,
            "svg.fonttype": "none",
            "svg.hashsalt": "diptych",
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None})


def zero_lines(ax) -> None:
    """Draw the two axes through the origin, thin and behind everything."""
    ax.axhline(0, color=INK, linewidth=0.6, zorder=0)
    ax.axvline(0, color=INK, linewidth=0.6, zorder=0)


def head(ax, text: str, section: str | None = None, **properties) -> None:
    """Write a panel's title, and make the panel a link to the section whose anchor is ``section``.

    The anchor is that of the source, without its parentheses, such as ``"leaky-relu"``, of any
    chapter. The site makes links of the title and of the panel's ground; elsewhere they do nothing.
    """
    properties = {"color": INK} | properties
    ax.set_title(text, **properties)
    if section is not None:
        ax.set_title(text, url=f"#{section}", **properties)
        ax.patch.set_url(f"#{section}")


def value_and_slope(ax, x, y, slope, *, color, title: str, section=None, siblings=()) -> None:
    """Draw a function solid and its derivative dashed, over its siblings in grey.

    ``x``, ``y`` and ``slope`` are arrays of one shape ``(n,)``; ``siblings`` are arrays like
    ``y``; ``title`` and ``section`` are those of :func:`head`. What jumps is drawn broken, not as a
    steep line.
    """
    for other in siblings:
        ax.plot(*broken(x, other), color=SIBLING, linewidth=1, alpha=0.7, zorder=1)
    ax.plot(*broken(x, y), color=color, zorder=3)
    ax.plot(*broken(x, slope), "--", color=color, zorder=2)
    zero_lines(ax)
    head(ax, title, section)


def coinciding(ax, x, y_pt, y_tf, *, label=None, markers: int = 12) -> None:
    """Draw the same curve from both frameworks so that both are seen.

    PyTorch's is a line, TensorFlow's a row of ``markers`` circles on it: where the two differ, the
    circles leave the line. ``x``, ``y_pt`` and ``y_tf`` are arrays, tensors or lists with ``n``
    numbers each. ``label`` is the point, in data coordinates, at which the words that say which is
    which begin; of several curves in a panel one is labelled.
    """
    x, y_pt, y_tf = map(_numbers, (x, y_pt, y_tf))
    ax.plot(x, y_pt, color=PYTORCH, linewidth=2.4)
    marked = np.unique(np.linspace(0, len(x) - 1, markers).round().astype(int))
    ax.plot(x[marked], y_tf[marked], "o", color=TENSORFLOW, fillstyle="none", markersize=6.5,
            markeredgewidth=1.6)  # fmt: skip
    if label is not None:
        say_which(ax, label)


def _numbers(values) -> np.ndarray:
    if hasattr(values, "shape"):
        return to_numpy(values).ravel()
    return np.array([float(value) for value in values])


def say_which(ax, place, *, ha: str = "left") -> None:
    """Write at ``place``, in data coordinates, which marks of :func:`coinciding` are whose."""
    ax.annotate("PyTorch: line", place, ha=ha, color=PYTORCH)
    ax.annotate("TensorFlow: circles", place, (0, -14), textcoords="offset points", ha=ha,
                color=TENSORFLOW)  # fmt: skip


def broken(x, y, jump: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """``x`` and ``y`` with a gap wherever ``y`` jumps by more than ``jump`` between neighbours."""
    y = np.array(y, dtype=float)
    places = np.flatnonzero(np.abs(np.diff(y)) > jump) + 1
    return np.insert(x, places, x[places]), np.insert(y, places, np.nan)


def answer_curve(x, right, answer, name: str) -> str:
    """An inline SVG, as text: a learner's curve over the right one, which is broad and grey.

    ``x``, ``right`` and ``answer`` have one shape ``(n,)``; ``None`` in the answer is a gap.
    """
    import io

    from matplotlib.figure import Figure

    use_style()
    figure = Figure(figsize=(4.6, 2.2))
    ax = figure.subplots()
    ax.plot(x, right, color=SIBLING, linewidth=5, alpha=0.5)
    ax.plot(x, np.array(answer, float), color=PYTORCH)
    zero_lines(ax)
    ax.set_title(f"yours, over {name} (grey)", fontsize=9)
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
