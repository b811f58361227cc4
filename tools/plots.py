#!/usr/bin/env python3
"""plots.py [FOLDER] - draws the curves that docs/functions.md shows, into docs/plots.

The program (SCORED, default build/scored) says which operations are curves and gives their values
and derivatives. Parameters have their defaults; those without one, that of the operation's first
example. The same values always give the same bytes."""
import os
import re
import subprocess
import sys

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
from server import PROGRAM, Server  # noqa: E402

POINTS = 2001
WIDTH, HEIGHT = 480, 320  # of the picture
LEFT, TOP, RIGHT, BOTTOM = 44, 54, 464, 284  # of the frame
TALLEST = 7  # no curve is followed further than this
STYLE = """
.back{fill:#fff}.grid{stroke:#e3e6ea}.axis{stroke:#8b939c}.frame{fill:none;stroke:#c5cbd2}
text{fill:#2b3138;font:12px sans-serif}.title{font-size:14px;font-weight:bold}.small{font-size:11px}
.value,.slope{fill:none;stroke-width:2}.value{stroke:#1f6fc4}.slope{stroke:#d1641b;stroke-dasharray:6 3}
@media(prefers-color-scheme:dark){.back{fill:#15191e}.grid{stroke:#2a3037}.axis{stroke:#7d8791}
.frame{stroke:#454d56}text{fill:#d5dae0}.value{stroke:#5aa7f2}.slope{stroke:#f0925a}}
"""


# ---- what is drawn ----

def curves():
    """The names of the operations with a picture in the page."""
    page = subprocess.run([PROGRAM, "functions"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"^### (\S+)$(?:(?!^### ).)*?\(plots/", page, re.M | re.S)


def span(operation):
    """Where the first input runs from and to."""
    values = operation["inputs"][0]["values"]
    if values == "0 to 1":
        return 0, 1
    if values == "0 or more":
        return 0, 5
    return (-7, 7) if operation["family"] == "activations" else (-3, 3)


def fixed(operation):
    """A number for each further input: 0, or 1 where 0 may not be."""
    return {i["name"]: 1 if i["values"] else 0 for i in operation["inputs"][1:] if i["required"]}


def chosen(operation, examples):
    """The parameters that have no default but need a value."""
    first = next(iter(examples[f"{operation['family']}/{operation['name']}"].values()))
    return {p["name"]: first["params"][p["name"]] for p in operation["params"] if p["required"]}


def shown(operation, params, others):
    """The second line of the title: everything that shapes the curve."""
    preset = {p["name"]: p["default"] for p in operation["params"]
              if p["default"] is not None and p["name"] not in ("grad", "reduction")}
    return ", ".join(f"{name} = {label(value)}" for name, value in {**others, **preset, **params}.items())


def label(value):
    return str(value).lower() if isinstance(value, (bool, str)) else f"{value:.6g}"


def ask(server, operation, params, others):
    """x, values, derivatives; None where there is no finite one."""
    name, first = f"{operation['family']}/{operation['name']}", operation["inputs"][0]["name"]
    low, high = span(operation)
    x = [low + (high - low) * i / (POINTS - 1) for i in range(POINTS)]
    body = {first: x, **{name: [value] * POINTS for name, value in others.items()}}
    given = {**params, "grad": True}
    if operation["family"] == "losses":
        given["reduction"] = "none"
    reply = server.post(f"/v1/{name}", {**body, "params": given})
    if reply.status != 200:
        raise SystemExit(f"plots.py: {name}: {reply.json()['error']}")
    report = reply.json()
    y = report["loss" if operation["family"] == "losses" else "y"]
    return x, y["data"], report["grad"][first]["data"]


# ---- how ----

def ticks(low, high):
    """Five or so round numbers."""
    step = next(s for s in (0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10) if (high - low) / s <= 8)
    first = -int(-low / step // 1)
    return [i * step for i in range(first, int(high / step // 1) + 1)]


def number(value):
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class Frame:
    def __init__(self, x, *curves):
        every = [v for curve in curves for v in curve if v is not None]
        self.left, self.right = x[0], x[-1]
        self.low = max(min(every + [0]), -TALLEST)
        self.high = min(max(every + [0]), TALLEST)
        margin = (self.high - self.low) * 0.06
        self.low, self.high = self.low - margin, self.high + margin

    def x(self, value):
        return LEFT + (RIGHT - LEFT) * (value - self.left) / (self.right - self.left)

    def y(self, value):
        far = max(min(value, self.high + 9 * TALLEST), self.low - 9 * TALLEST)
        return BOTTOM - (BOTTOM - TOP) * (far - self.low) / (self.high - self.low)


def jumps(steps, i):
    """Is a step of the curve far larger than those beside it?"""
    beside = steps[max(i - 1, 0)] + steps[min(i + 1, len(steps) - 1)]
    return steps[i] > 2 + 4 * beside


def runs(frame, x, values):
    """Points of the picture, in runs that have no gap and no jump."""
    points = [None if value is None else (frame.x(at), frame.y(value))
              for at, value in zip(x, values)]
    steps = [abs(a[1] - b[1]) if a and b else 0 for a, b in zip(points, points[1:])]
    run = []
    for i, point in enumerate(points):
        if run and (point is None or jumps(steps, i - 1)):
            yield run
            run = []
        if point is not None:
            run.append(point)
    if run:
        yield run


def thinned(run, tolerance=0.15):
    """The points that are needed to stay within the tolerance, as Douglas and Peucker."""
    keep, todo = {0, len(run) - 1}, [(0, len(run) - 1)]
    while todo:
        a, b = todo.pop()
        (x0, y0), (x1, y1) = run[a], run[b]
        slope = (y1 - y0) / (x1 - x0) if x1 != x0 else 0
        far, at = max(((abs(run[i][1] - y0 - slope * (run[i][0] - x0)), i)
                       for i in range(a + 1, b)), default=(0, 0))
        if far > tolerance:
            keep.add(at)
            todo += [(a, at), (at, b)]
    return [run[i] for i in sorted(keep)]


def path(kind, frame, x, values):
    steps = " ".join("M" + "L".join(f"{number(a)},{number(b)}" for a, b in thinned(run))
                     for run in runs(frame, x, values))
    return f'<path class="{kind}" clip-path="url(#frame)" d="{steps}"/>'


def axes(frame, first):
    for at in ticks(frame.left, frame.right):
        kind, x = "axis" if at == 0 else "grid", number(frame.x(at))
        yield f'<path class="{kind}" d="M{x},{TOP}V{BOTTOM}"/>'
        yield f'<text class="small" x="{x}" y="{BOTTOM + 14}" text-anchor="middle">{label(at)}</text>'
    for at in ticks(frame.low, frame.high):
        kind, y = "axis" if at == 0 else "grid", number(frame.y(at))
        yield f'<path class="{kind}" d="M{LEFT},{y}H{RIGHT}"/>'
        yield (f'<text class="small" x="{LEFT - 6}" y="{number(frame.y(at) + 4)}" '
               f'text-anchor="end">{label(at)}</text>')
    yield f'<path class="frame" d="M{LEFT},{TOP}H{RIGHT}V{BOTTOM}H{LEFT}Z"/>'
    yield (f'<text class="small" x="{(LEFT + RIGHT) // 2}" y="{BOTTOM + 29}" '
           f'text-anchor="middle">{first}</text>')


def legend(words):
    x, y = RIGHT, BOTTOM + 29
    for kind, word in reversed(words):
        yield f'<text class="small" x="{x}" y="{y}" text-anchor="end">{word}</text>'
        x -= 6 * len(word) + 34
        yield f'<path class="{kind}" d="M{x},{y - 4}h26"/>'
        x -= 12


def picture(operation, x, values, slopes, subtitle):
    frame = Frame(x, values, slopes)
    first = operation["inputs"][0]["name"]
    title = f"{operation['family']}/{operation['name']}"
    value = "loss" if operation["family"] == "losses" else "value"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img">',
        f"<title>{title} and its derivative by {first}</title>",
        f"<style>{STYLE}</style>",
        f'<clipPath id="frame"><path d="M{LEFT},{TOP}H{RIGHT}V{BOTTOM}H{LEFT}Z"/></clipPath>',
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text class="title" x="{LEFT}" y="24">{title}</text>',
        *([f'<text class="small" x="{LEFT}" y="44">{subtitle}</text>'] if subtitle else []),
        *legend([("value", value), ("slope", "derivative")]),
        *axes(frame, first),
        path("slope", frame, x, slopes),
        path("value", frame, x, values),
        "</svg>", ""])


# ---- all of them ----

def drawn(server):
    """file name, SVG of each curve."""
    with open(os.path.join(ROOT, "api/examples.yaml"), encoding="utf-8") as file:
        examples = yaml.safe_load(file)
    catalogue = {f"{o['family']}/{o['name']}": o
                 for o in server.get("/v1/operations").json()["operations"]}
    for name in curves():
        operation = catalogue[name]
        params, others = chosen(operation, examples), fixed(operation)
        x, values, slopes = ask(server, operation, params, others)
        text = picture(operation, x, values, slopes, shown(operation, params, others))
        yield f"{operation['name']}.svg", text


def main(folder=os.path.join(ROOT, "docs/plots")):
    os.makedirs(folder, exist_ok=True)
    with Server() as server:
        pictures = dict(drawn(server))
    for old in set(os.listdir(folder)) - set(pictures):
        os.remove(os.path.join(folder, old))
    for name, text in pictures.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
