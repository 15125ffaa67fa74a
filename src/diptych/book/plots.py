"""Draws the figures of the book: one palette, and SVG that is byte-identical on each build."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

from diptych.book.compare import to_numpy

# Mid tones of Okabe and Ito's palette. Their contrast is at least three to one on white and on
# near-black, and colour-blind readers can tell them apart.
PYTORCH, TENSORFLOW = "#d9601a", "#2b88c0"
SIBLING, INK = "#9a9a9a", "#7b7b7b"
PALETTE = (TENSORFLOW, PYTORCH, "#119e78", "#b9669a", "#a8891c", "#7b6fd0")


def use_style() -> None:
    """Set up matplotlib for the book: transparent SVG, with colours for light and dark pages."""
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
            # As wide as the text on a phone, where words have their real size. On wider screens the
            # site enlarges the figure, but not its lines (figures.css).
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
    """Draw thin axes through the origin, behind everything else."""
    ax.axhline(0, color=INK, linewidth=0.6, zorder=0)
    ax.axvline(0, color=INK, linewidth=0.6, zorder=0)


def head(ax, text: str, section: str | None = None, **properties) -> None:
    """Write a panel's title, and make the panel a link to the section with the anchor ``section``.

    The anchor is written as in the source, without parentheses, such as ``"leaky-relu"``; it may be
    in any chapter. On the site the title and the panel's background are links; elsewhere they are
    not.
    """
    properties = {"color": INK} | properties
    ax.set_title(text, **properties)
    if section is not None:
        ax.set_title(text, url=f"#{section}", **properties)
        ax.patch.set_url(f"#{section}")


def value_and_slope(ax, x, y, slope, *, color, title: str, section=None, siblings=()) -> None:
    """Draw a function as a solid line, its derivative dashed, and its siblings in grey.

    ``x``, ``y`` and ``slope`` are arrays of shape ``(n,)``, and so is each of the ``siblings``;
    ``title`` and ``section`` are those of :func:`head`. A curve that jumps has a gap, not a steep
    line.
    """
    for other in siblings:
        ax.plot(*broken(x, other), color=SIBLING, linewidth=1, alpha=0.7, zorder=1)
    ax.plot(*broken(x, y), color=color, zorder=3)
    ax.plot(*broken(x, slope), "--", color=color, zorder=2)
    zero_lines(ax)
    head(ax, title, section)


def coinciding(ax, x, y_pt, y_tf, *, label=None, markers: int = 12) -> None:
    """Draw the same curve from both frameworks so that readers see both.

    PyTorch's curve is a line, TensorFlow's is ``markers`` circles. If the two differ, the circles
    are off the line. ``x``, ``y_pt`` and ``y_tf`` are arrays, tensors or lists of ``n`` numbers.
    ``label`` is the point, in data coordinates, where the legend begins; label one curve of each
    panel.
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
    """Write the legend of :func:`coinciding` at ``place``, in data coordinates."""
    ax.annotate("PyTorch: line", place, ha=ha, color=PYTORCH)
    ax.annotate("TensorFlow: circles", place, (0, -14), textcoords="offset points", ha=ha,
                color=TENSORFLOW)  # fmt: skip


def broken(x, y, jump: float = 0.25) -> tuple[np.ndarray, np.ndarray]:
    """``x`` and ``y`` with a gap where ``y`` changes by more than ``jump`` between neighbours."""
    y = np.array(y, dtype=float)
    places = np.flatnonzero(np.abs(np.diff(y)) > jump) + 1
    return np.insert(x, places, x[places]), np.insert(y, places, np.nan)


def answer_curve(x, right, answer, name: str) -> str:
    """The text of an SVG: a learner's curve, drawn over the right one, which is broad and grey.

    ``x``, ``right`` and ``answer`` have shape ``(n,)``; a ``None`` in the answer is a gap.
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
