#!/usr/bin/python3
"""plots.py FILE FOLDER - plots of a file of `bench`: how near the work that has targets is to memory,
and how much faster than its peers. Needs Matplotlib; says so and ends well where it is missing."""
import json
import os
import sys

try:
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt
except ImportError:
    sys.exit("plots: Matplotlib is missing: tools/install bench")

plt.rcParams.update({"svg.hashsalt": "scored", "svg.fonttype": "none", "font.size": 9})


def bars(names, series, label, path, about, log=False, mark=None):
    """A group of bars for each name, values beside them; `series` has the heights by legend; `mark` (what, where) is a line."""
    figure, axes = plt.subplots(figsize=(7.5, 1.2 + 0.26 * len(names)))
    height = 0.8 / len(series)
    for i, (legend, values) in enumerate(series.items()):
        at = [y + (i - (len(series) - 1) / 2) * height for y in range(len(names))]
        drawn = axes.barh(at, [v or 0 for v in values], height, label=legend)
        axes.bar_label(drawn, [shown(v) for v in values], padding=2, fontsize=6)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.margins(x=0.1, y=0.01)
    if log:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
    if mark:
        axes.axvline(mark[1], color="#b3403a", lw=1, label=mark[0])
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize=7, loc="lower right")
    figure.text(0.01, 0.005, f"{about['cpu']}, {about['compiler']}, {about['commit'][:12]}", fontsize=6, color="#8a8f98")
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    with open(path) as f:
        lines = [line.rstrip() + "\n" for line in f]
    with open(path, "w") as f:
        f.writelines(lines)
    print("plots:", path)


def shown(value):
    return "" if value is None else f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def main(source, folder):
    with open(source) as f:
        found = json.load(f)
    work = [k for k in found["kernels"] if k["set"] == "targets"]
    names = list(dict.fromkeys(k["name"] for k in work))
    share = {(k["name"], k["threads"]): 100 * k["share"] for k in work}
    threads = sorted({k["threads"] for k in work})
    if names:
        bars(names, {f"{t} thread{'s' * (t > 1)}": [share.get((n, t)) for n in names] for t in threads},
             "% of the speed of memory (reading, or copying where the work writes)",
             os.path.join(folder, "kernels-memory.svg"), found["about"])
    ratio = {f"{p['name']}: {p['peer']}": p["ratio"] for p in found["peers"] if p["threads"] == 1}
    if ratio:
        bars(list(ratio), {"one thread each": list(ratio.values())}, "times as fast as the peer",
             os.path.join(folder, "kernels-peers.svg"), found["about"], True, ("as fast as the peer", 1))


if __name__ == "__main__":
    main(*sys.argv[1:])
