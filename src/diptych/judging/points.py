"""What ``check`` returns: :class:`Points`, a number for nbgrader and a page for the learner."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

CODE = re.compile(r"`([^`]+)`")


class Points(float):
    """The points as a number; a notebook displays the sentences with it.

    ``lines`` are these sentences, with code in backticks; ``picture`` is an SVG, or "". ``answer``
    is the name of the answer that was judged, and ``max_points`` is the most that it can earn; they
    are "" and 0 if nothing was judged. ``links`` has addresses by the texts that become links.
    """

    lines: tuple[str, ...] = ()
    picture: str = ""
    answer: str = ""
    max_points: float = 0.0
    links: Mapping[str, str] = {}

    @classmethod
    def of(cls, value: float, *lines: str, **attributes: object) -> Points:
        """Points with these ``lines``, without the empty ones, and these ``attributes``."""
        points = cls(value)
        vars(points).update(attributes, lines=tuple(line for line in lines if line))
        return points

    def __repr__(self) -> str:
        return float.__repr__(self)

    def _repr_html_(self) -> str:
        first, *rest = map(self._html, self.lines)
        body = "".join(f"<div>{line}</div>" for line in rest)
        return f'<div class="diptych-check"><strong>{first}</strong>{body}{self.picture}</div>'

    def _html(self, line: str) -> str:
        line = CODE.sub(r"<code>\1</code>", html.escape(line))
        for text, address in self.links.items():
            link = f'<a href="{html.escape(address)}">{html.escape(text)}</a>'
            line = line.replace(html.escape(text), link)
        return line
