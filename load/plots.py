"""Plots of what was measured, readable at a glance: one question each, which is its title."""
import os

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams.update({"svg.hashsalt": "scored", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
                            "axes.grid": True, "grid.alpha": 0.3, "figure.constrained_layout.use": True, "axes.titlelocation": "left"})
from matplotlib import pyplot  # noqa: E402

BLUE, RED, GREY = "#1f5fa8", "#b3403a", "#8a8f98"


def curve(result):
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6))
    steps, most = result["steps"], result["closed_per_second"]
    asked = [one["rate"] for one in steps]
    left.plot(asked, asked, color=GREY, ls=":", label="asked")
    left.plot(asked, [one["per_second"] for one in steps], "o-", color=BLUE, label="served")
    left.axhline(most, color=GREY, lw=1, ls="--", label="closed loop")
    left.set(title="Does overload cost throughput?", xlabel="asked, requests/s", ylabel="served, requests/s",
             ylim=(0, 1.15 * max(one["per_second"] for one in steps)))
    left.legend(frameon=False)
    for key, colour, label in (("p50_ms", BLUE, "median"), ("p99_ms", RED, "99 %")):
        right.plot(asked, [one[key] for one in steps], "o-", color=colour, label=label)
    right.axvline(most, color=GREY, lw=1, ls="--")
    right.set(title="How long do callers wait?", xlabel="asked, requests/s", ylabel="ms", yscale="log")
    right.yaxis.set_major_formatter("{x:,.0f}")
    right.legend(frameon=False)
    figure.suptitle(result["work"], fontsize=9, color=GREY)
    return figure


def bars(names, values, title, label, colours=None, scale="linear"):
    figure, axes = pyplot.subplots(figsize=(8, 0.34 * len(names) + 1.1))
    places = range(len(names))[::-1]
    drawn = axes.barh(places, values, color=colours or BLUE, height=0.7)
    axes.bar_label(drawn, [f"{value:,.0f}" if value >= 10 else f"{value:.2g}" for value in values], padding=3, fontsize=9)
    axes.set_yticks(places, names)
    axes.set(xlabel=label, xscale=scale)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    axes.margins(x=0.12)
    axes.grid(axis="y", visible=False)
    return figure


def closed(result):
    best = [max(one["per_second"] for one in runs) for runs in result.values()]
    return bars(list(result), best, "What can one server do?", "requests/s, best of 1, 16 and 64 connections",
                scale="log")


def mixed(result):
    figure, axes = pyplot.subplots(figsize=(8, 3))
    places = range(len(result))[::-1]
    for key, colour, label in (("p999_ms", GREY, "99.9 %"), ("p99_ms", RED, "99 %"), ("p50_ms", BLUE, "median")):
        axes.plot([one[key] for one in result], places, "o", color=colour, label=label)
    axes.hlines(places, [one["p50_ms"] for one in result], [one["p999_ms"] for one in result], color=GREY, lw=1)
    axes.set_yticks(places, [f"{one['name']} ({one['share']} %)" for one in result])
    axes.set(xlabel="ms", xscale="log")
    axes.xaxis.set_major_formatter("{x:g}")
    figure.suptitle("All at once, at half of what fits: how long do callers wait?", x=0.01, ha="left", fontsize=12)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def peers(result):
    rows = [one for one in result if one["what"].startswith("masks") and one["connections"] == 4]
    rows.sort(key=lambda one: -one["per_second"])
    colours = [BLUE if one["who"] == "scored" else GREY for one in rows]
    return bars([f"{one['who']}: {one['what']}" for one in rows], [one["per_second"] for one in rows],
                "A report on two masks of 1024x512, 4 connections", "reports/s", colours)


def scaling(result):
    figure, axes = pyplot.subplots(figsize=(4.5, 3.2))
    counts = [one["replicas"] for one in result["replicas"]]
    served = [one["per_second"] for one in result["replicas"]]
    axes.plot(counts, [served[0] * n / counts[0] for n in counts], ls=":", color=GREY, label="in proportion")
    axes.plot(counts, served, "o-", color=BLUE, label="served")
    axes.set(title="Do more replicas serve more?", xlabel="replicas behind haproxy", ylabel="requests/s", xticks=counts)
    axes.set_ylim(0)
    axes.legend(frameon=False)
    return figure


def slow(result):
    names = [f"{name} slow clients, {label}" for label in ("median", "99 %") for name in ("without", "with")]
    values = [result[name][key] for key in ("p50_ms", "p99_ms") for name in ("without", "with")]
    return bars(names, values, f"What do others notice of {result['slow_clients']} clients that hardly send?", "ms",
                [GREY, BLUE] * 2)


def strip(path):
    """No spaces at the ends of lines, which Matplotlib leaves."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip() + "\n" for line in file]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)


def write(found, folder, kind):
    os.makedirs(folder, exist_ok=True)
    for name, draw in ((name, globals()[name]) for name in found if name in globals()):
        figure = draw(found[name]["result"])
        metadata = {"Date": None} if kind == "svg" else None
        path = os.path.join(folder, f"{name}.{kind}")
        figure.savefig(path, dpi=110, metadata=metadata)
        pyplot.close(figure)
        if kind == "svg":
            strip(path)
