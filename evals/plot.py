"""Bars in a plain SVG: figures beside what they may be. No plotting library for a dozen rectangles."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _ROW, _LABEL, _TOP = 860, 34, 330, 48
_KEPT, _MISSED, _LINE = "#1b7f5c", "#b3402a", "#333333"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """share: of the budget, 1.0 being exactly it. told: the figure as people read it."""

    label: str
    share: float
    told: str
    kept: bool


def draw(title: str, bars: Sequence[Bar]) -> str:
    """One bar a figure, as a share of its budget; the line is the budget."""
    widest = max([1.25, *(bar.share for bar in bars)])
    scale = (_WIDTH - _LABEL - 150) / widest
    rows = "".join(_row(at, bar, scale) for at, bar in enumerate(bars))
    height = _TOP + _ROW * len(bars) + 20
    budget = _LABEL + scale
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="14"><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="16" y="28" font-size="17" font-weight="bold">{escape(title)}</text>{rows}'
        f'<line x1="{budget:.1f}" x2="{budget:.1f}" y1="{_TOP - 8}" y2="{height - 12}" stroke="{_LINE}" '
        f'stroke-dasharray="4 3"/><text x="{budget + 4:.1f}" y="{height - 2}" font-size="11">budget</text></svg>\n'
    )


def _row(at: int, bar: Bar, scale: float) -> str:
    top = _TOP + at * _ROW
    colour = _KEPT if bar.kept else _MISSED
    end = _LABEL + max(bar.share * scale, 1)
    return (
        f'<text x="{_LABEL - 10}" y="{top + 18}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect x="{_LABEL}" y="{top + 4}" width="{end - _LABEL:.1f}" height="20" rx="2" fill="{colour}"/>'
        f'<text x="{end + 6:.1f}" y="{top + 19}">{escape(bar.told)}</text>'
    )
