"""The figures of the reports, as SVG in the address of an image, for light and dark pages."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from urllib.parse import quote

import matplotlib
from matplotlib.figure import Figure

from diptych.book import plots
from diptych.catalogue.exercise import Exercise
from diptych.judging import curve

WIDTH = 5.2  # inches, as in the book
LONGEST = 40  # letters of an exercise's name
MARKS = {"PyTorch": (plots.PYTORCH, "o"), "TensorFlow": (plots.TENSORFLOW, "D")}


@functools.lru_cache(maxsize=4096)  # many students give the same wrong answer
def answer_curve(exercise: Exercise, y: tuple[float | None, ...]) -> str:
    """A student's curve (outputs at :data:`diptych.judging.curve.X`) over the right one."""
    with matplotlib.rc_context():
        svg = plots.answer_curve(curve.X, curve.right(exercise), y, exercise.answer)
    return _address(svg)


def distribution(bars: Sequence[tuple[str, int]]) -> str:
    """A bar for each range of points, with the number of students; ``bars`` has both."""

    def draw(ax) -> None:
        shares, counts = zip(*bars, strict=True)
        drawn = ax.bar(shares, counts, color=plots.TENSORFLOW, width=0.9)
        ax.bar_label(drawn, [count or "" for count in counts], color=plots.INK, fontsize=9)
        ax.set(xlabel="points, in percent of all", yticks=[])
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="x", labelsize=8.5, length=0)

    return _drawn(draw, 2.2)


def exercises(means: Sequence[tuple[str, str, float]]) -> str:
    """The mean of each exercise: ``means`` has its name, the framework, and the mean in percent."""
    names = list(dict.fromkeys(name for name, _, _ in means))

    def draw(ax) -> None:
        for framework, (color, marker) in MARKS.items():
            those = [(share, name) for name, of, share in means if of == framework]
            if those:
                x, y = zip(*those, strict=True)
                ax.plot(x, list(map(names.index, y)), marker, color=color, label=framework,
                        clip_on=False, alpha=0.85)  # fmt: skip
        ax.set(xlim=(0, 100), ylim=(len(names) - 0.5, -0.5), xlabel="mean, in percent")
        ax.set_yticks(range(len(names)), [name[:LONGEST] for name in names])
        ax.grid(axis="y", color=plots.INK, alpha=0.3, linewidth=0.6)
        ax.tick_params(axis="y", length=0)
        ax.figure.legend(loc="outside upper right", ncols=2, fontsize=9)

    return _drawn(draw, 1.1 + 0.24 * len(names))


def _drawn(draw, height: float) -> str:
    with matplotlib.rc_context():
        plots.use_style()
        figure = Figure(figsize=(WIDTH, height))
        draw(figure.subplots())
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _address(file.getvalue())


def _address(svg: str) -> str:
    return "data:image/svg+xml," + quote(svg[svg.index("<svg") :], safe=" /:=;,().-_")
