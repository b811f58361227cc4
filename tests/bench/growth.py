#!/usr/bin/python3
"""growth.py PROGRAM FOLDER [NAME] - how time and memory grow with the work: runs `growth`, writes
FOLDER/growth.json and, where Matplotlib is installed, FOLDER/growth.svg; prints a table. The slope is that
of log(time) over log(x) between the last points: 1 is in proportion, 0 is constant. With WRITE=1 the table
goes to docs/performance.md and the plot to docs/bench."""
import json
import math
import os
import subprocess
import sys

from pages import DOCS, about, described, rewrite

STEPS = 3  # of four times each, over which the last slope is taken


def curves(points):
    found = {}
    for point in points:
        found.setdefault(point["name"], []).append(point)
    return found


def slope(curve, key):
    """Of the last steps; None where there is nothing to take a logarithm of."""
    first, last = curve[-min(len(curve), STEPS + 1)], curve[-1]
    if first is last or first[key] <= 0 or last[key] <= 0:
        return None
    return math.log(last[key] / first[key]) / math.log(last["x"] / first["x"])


def shown(slope):
    return "-" if slope is None else f"{slope:.2f}"


def amount(x):
    for size, letter in ((1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")):
        if x >= size:
            return f"{x / size:.3g} {letter}"
    return f"{x:.3g}"


def table(found):
    yield "| work | against | from | to | slope of time | memory besides inputs, at most | its slope |"
    yield "|---|---|---|---|---:|---:|---:|"
    for name, curve in curves(found["points"]).items():
        first, last = curve[0], curve[-1]
        time, held = slope(curve, "seconds"), slope(curve, "held")
        yield (f"| {name} | {last['unit']} | {amount(first['x'])}: {first['seconds'] * 1e3:.3g} ms | "
               f"{amount(last['x'])}: {last['seconds'] * 1e3:.3g} ms | {shown(time)} | "
               f"{amount(max(p['held'] for p in curve))}B | {shown(held)} |")


def draw(found, path):
    try:
        import matplotlib
    except ImportError:
        return print("growth: no plot: Matplotlib is missing: tools/install bench")
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "scored", "svg.fonttype": "none", "font.size": 8})
    from matplotlib import pyplot
    all_curves = curves(found["points"])
    columns = 4
    rows = -(-len(all_curves) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(11, 2.3 * rows), squeeze=False)
    for place in axes.flat[len(all_curves):]:
        place.axis("off")
    for place, (name, curve) in zip(axes.flat, all_curves.items()):
        x = [p["x"] for p in curve]
        place.loglog(x, [p["seconds"] * 1e3 for p in curve], "o-", ms=3, color="#1f5fa8")
        last = curve[-1]
        if (slope(curve, "seconds") or 0) > 0.5:
            place.loglog(x, [last["seconds"] * 1e3 * v / last["x"] for v in x], ":", color="#8a8f98")
        place.set_title(f"{name}\nslope {shown(slope(curve, 'seconds'))}", fontsize=8)
        slowest = max(p["seconds"] * 1e3 for p in curve)
        place.set_ylim(min(place.get_ylim()[0], slowest / 30))  # a decade at least, so that it has numbers
        place.yaxis.set_major_formatter("{x:g}")
        place.yaxis.set_minor_formatter("")
        place.set_xlabel(last["unit"])
        place.set_ylabel("ms")
        place.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip() + "\n" for line in file]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
    print("growth:", path)


def main(program, folder, *names):
    os.makedirs(folder, exist_ok=True)
    found = {"about": about(), "points": []}
    with subprocess.Popen([program, os.environ.get("SECONDS", "0.3"), *names], stdout=subprocess.PIPE, text=True) as process:
        found["points"] = [json.loads(line) for line in process.stdout]
    with open(os.path.join(folder, "growth.json"), "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)
    lines = list(table(found))
    print("\n".join(lines))
    write = bool(os.environ.get("WRITE"))
    if write:
        rewrite("growth", [described(found["about"]), "", *lines, "", "![How time grows](bench/growth.svg)"])
    draw(found, os.path.join(DOCS, "bench", "growth.svg") if write else os.path.join(folder, "growth.svg"))
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
