# SPDX-License-Identifier: MIT
"""The ratios as an SVG picture: a mark for the median of the rounds, a line from the smallest to the largest."""

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

import report

# Okabe and Ito's colours, which colour-blind readers can tell apart; the shapes say the same again.
STYLES = [("#0072B2", "circle"), ("#D55E00", "square"), ("#009E73", "diamond"), ("#CC79A7", "triangle")]
GOAL = 0.05
WIDTH = 960
LEFT = 250
RIGHT = 40
LINE = 13  # pixels from one server to the next
GROUP_GAP = 9
TOP = 76
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100)
SIDE_MIN = math.log(1.3)  # of the axis to either side of 1
SIDE_MAX = math.log(100)
TICK_PIXELS_MIN = 34
SMALLEST = 1e-9  # ratio that has a logarithm


@dataclass
class Axis:
    low: float  # logarithms
    high: float

    def x(self, ratio):
        share = (math.log(ratio) - self.low) / (self.high - self.low)
        return LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT)

    def ticks(self):
        shown = []
        for tick in sorted(TICKS, key=lambda tick: abs(math.log(tick))):  # 1 has a place in any case
            inside = self.low <= math.log(tick) <= self.high
            if inside and all(abs(self.x(tick) - self.x(other)) >= TICK_PIXELS_MIN for other in shown):
                shown.append(tick)
        return sorted(shown)


def _axis(summaries):
    low = min((math.log(max(each["min"], SMALLEST)) for each in summaries), default=0)
    high = max((math.log(max(each["max"], SMALLEST)) for each in summaries), default=0)
    return Axis(-min(max(-low * 1.05, SIDE_MIN), SIDE_MAX), min(max(high * 1.05, SIDE_MIN), SIDE_MAX))


def _mark(x, y, style):
    colour, shape = style
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    points = {
        "square": [(-3.6, -3.6), (3.6, -3.6), (3.6, 3.6), (-3.6, 3.6)],
        "diamond": [(0, -5), (5, 0), (0, 5), (-5, 0)],
        "triangle": [(0, -4.8), (4.6, 3.8), (-4.6, 3.8)],
    }[shape]
    text = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in points)
    return f'<polygon points="{text}" fill="{colour}"/>'


def _line(x1, y1, x2, y2, colour, width=1):
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x, y, words, attributes=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(words)}</text>'


def _legend(names, y):
    shapes, x = [], LEFT
    for index, name in enumerate(names):
        shapes += [_mark(x, y - 4, STYLES[index]), _text(x + 10, y, name)]
        x += 30 + 8 * len(name)
    return shapes


def _grid(axis, top, bottom):
    goal = axis.x(1 + GOAL) - axis.x(1 - GOAL)
    shapes = [
        f'<rect x="{axis.x(1 - GOAL):.1f}" y="{top}" width="{goal:.1f}" height="{bottom - top}" fill="#e8e8e8"/>'
    ]
    for tick in axis.ticks():
        shapes.append(_line(axis.x(tick), top, axis.x(tick), bottom, "#000" if tick == 1 else "#ccc"))
        shapes.append(_text(axis.x(tick), bottom + 15, f"{tick:g}", 'text-anchor="middle"'))
    return shapes


def _server(axis, y, summary, style):
    low, median, high = (axis.x(max(summary[key], SMALLEST)) for key in ("min", "median", "max"))
    return [_line(low, y, high, y, style[0], 2), _mark(median, y, style)]


def _panel(title, results, key, top):
    """Shapes, and where the panel ends."""
    rows = {
        result: {name: row[key] for name, row in list(servers.items())[1:] if row.get(key) is not None}
        for result, servers in results.items()
    }
    rows = {result: servers for result, servers in rows.items() if servers}
    if not rows:
        return [], top
    names = list(dict.fromkeys(name for servers in rows.values() for name in servers))
    axis = _axis([summary for servers in rows.values() for summary in servers.values()])
    shapes, y = [], top + TOP
    for result, servers in rows.items():
        middle = y + (len(names) - 1) * LINE / 2
        if y > top + TOP:
            above = y - (LINE + GROUP_GAP) / 2
            shapes.append(_line(20, above, WIDTH - RIGHT, above, "#eee"))
        shapes.append(_text(LEFT - 14, middle + 4, result, 'text-anchor="end"'))
        for index, name in enumerate(names):
            if name in servers:
                shapes += _server(axis, y + index * LINE, servers[name], STYLES[index])
        y += len(names) * LINE + GROUP_GAP
    head = [_text(20, top + 28, title, 'font-size="15" font-weight="bold"'), *_legend(names, top + 50)]
    return head + _grid(axis, top + TOP - 10, y - GROUP_GAP) + shapes, y + 30


def svg(measured):
    """`measured`: as bench/run --json writes it."""
    results = report.summarise(measured["rounds"])
    counted = {result: servers for result, servers in results.items() if result.startswith("instructions_")}
    speed, gates = report.speed_results(results), report.gate_results(results)
    cpu = report.cpu_results(speed)
    rivals = report.rival_results(results)
    panels = [
        ("Speed, ratio to the plain epoll server: right of 1 is faster", speed, "ratio"),
        ("CPU time for each operation, ratio to the plain server: right of 1 is more work", cpu, "cpu_ratio"),
        ("Connecting, a proxy, datagrams, ratio to the plain program: right of 1 is faster", rivals, "ratio"),
        ("CPU time of these, ratio to the plain program: right of 1 is more work", report.cpu_results(rivals),
         "cpu_ratio"),
        ("Conditional accept, ratio to echo_event without a gate: right of 1 is faster", gates, "ratio"),
        ("Instructions for each operation, ratio to the plain server: right of 1 is more", counted, "ratio"),
    ]
    shapes, bottom = [], 0
    for title, some, key in panels:
        more, bottom = _panel(title, some, key, bottom)
        shapes += more
    about = measured["machine"]
    says = (
        f"Marks: median of {len(measured['rounds'])} rounds; lines: smallest to largest; grey: within 5 %. "
        f"{about['cores']} cores, {about['processor']}, Linux {about['kernel']}."
    )
    shapes.append(_text(20, bottom + 16, says, 'fill="#444"'))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 34:.0f}" width="{WIDTH}" '
        'font-family="sans-serif" font-size="12" role="img"><title>Ratios to plain servers</title>'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *shapes, "</svg>"]) + "\n"
