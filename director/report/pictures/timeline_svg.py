"""A task's timeline as a picture: a row for each subject, a bar for each action, the critical path marked.

Takes a Timeline, gives SVG.
"""

from director.model.tasks.action_progress import ProgressState
from director.report.pictures import svg_elements
from director.report.pictures.timelines import Bar, Timeline

_LEFT = 190.0
_WIDTH = 1000.0
_ROW = 24.0
_TOP = 64.0
_MARGIN = 12.0
_LETTERS = 26
_TICKS = 10
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_SHORTEST = 2.0
"""A bar's width at least, so that it is seen."""


def timeline_file(timeline: Timeline, *, title: str) -> str:
    """The picture as a file of its own."""
    rows = {subject: place for place, subject in enumerate(dict.fromkeys(bar.subject for bar in timeline.bars))}
    bottom = _TOP + len(rows) * _ROW
    height = bottom + _MARGIN + _ROW * 2
    root = svg_elements.document(title, _path_words(timeline), width=_LEFT + _WIDTH + 2 * _MARGIN, height=height)
    svg_elements.words(root, title, at=(_MARGIN, 22), most=150)
    _draw_scale(root, timeline, bottom=bottom)
    for subject, place in rows.items():
        name = svg_elements.short_name(subject)
        svg_elements.words(root, name, at=(_MARGIN, _TOP + place * _ROW + 16), most=_LETTERS)
    for bar in timeline.bars:
        _draw_bar(root, bar, timeline, top=_TOP + rows[bar.subject] * _ROW)
    svg_elements.words(root, _path_words(timeline), at=(_MARGIN, bottom + _ROW + 4), most=170, classes="quiet")
    return svg_elements.styled(root)


def _draw_bar(root: svg_elements.Element, bar: Bar, timeline: Timeline, *, top: float) -> None:
    end_s = timeline.total_s if bar.end_s is None else bar.end_s
    took = f"{end_s - bar.begin_s:.1f} s" if bar.end_s is not None else "no end"
    mark = ", on the critical path" if bar.is_critical else ""
    title = f"{bar.subject}: {bar.words}, {took}, from {bar.begin_s:.1f} s ({bar.state.value}{mark})"
    classes = f"{bar.state.value} critical" if bar.is_critical else bar.state.value
    drawn = svg_elements.group(root, classes=classes, title=title)
    left, right = _x(bar.begin_s, timeline), _x(end_s, timeline)
    inset = 3 if bar.is_critical else 6
    size = (max(_SHORTEST, right - left), _ROW - 2 * inset)
    svg_elements.box(drawn, at=(left, top + inset), size=size, radius=2)


def _draw_scale(root: svg_elements.Element, timeline: Timeline, *, bottom: float) -> None:
    step_s = next((step for step in _STEPS_S if timeline.total_s / step <= _TICKS), _STEPS_S[-1])
    for tick in range(int(timeline.total_s // step_s) + 1):
        x = _x(tick * step_s, timeline)
        svg_elements.vertical(root, x=x, top=_TOP - 8, bottom=bottom)
        svg_elements.words(root, f"{tick * step_s} s", at=(x, _TOP - 14), classes="quiet")


def _x(at_s: float, timeline: Timeline) -> float:
    return _LEFT + _MARGIN + at_s / max(timeline.total_s, 0.001) * _WIDTH


def _path_words(timeline: Timeline) -> str:
    """A line about the critical path, with the longest of its bars."""
    path = timeline.critical
    if not path:
        return "Nothing began."
    longest = sorted(path, key=lambda bar: bar.begin_s - (bar.end_s or bar.begin_s))[:3]
    named = ", ".join(f"{bar.subject} {bar.words} {(bar.end_s or bar.begin_s) - bar.begin_s:.1f} s" for bar in longest)
    failed = sum(bar.state is ProgressState.FAILED for bar in timeline.bars)
    ending = f"; {failed} failed" if failed else ""
    return f"Whole: {timeline.total_s:.1f} s. Critical path (bold edges): {len(path)} actions, longest {named}{ending}."
