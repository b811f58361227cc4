"""Plots of what was measured, readable at a glance: one question each, which is its title."""
import os

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams.update({"svg.hashsalt": "scored", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
                            "axes.grid": True, "grid.alpha": 0.3, "figure.constrained_layout.use": True, "axes.titlelocation": "left"})
from matplotlib import pyplot  # noqa: E402

BLUE, RED, GREY = "#1f5fa8", "#b3403a", "#8a8f98"


def dots(axes, xs, ys, steps, colour, label):
    """A line; hollow where the generator could not send what was to be sent."""
    axes.plot(xs, ys, "-", color=colour, lw=1.5)
    for kept, face, name in ((True, colour, label), (False, "white", None)):
        some = [(x, y) for x, y, one in zip(xs, ys, steps) if (one["sent_per_second"] >= 0.98 * one["rate"]) == kept]
        axes.plot(*zip(*some) if some else ([], []), "o", color=colour, mfc=face, label=name)


def curve(result):
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6))
    steps, most = result["steps"], result["closed_per_second"]
    asked, served = [one["rate"] for one in steps], [one["per_second"] for one in steps]
    top = 1.15 * max(most, *served)
    left.plot([0, top], [0, top], color=GREY, ls=":", label="all that is asked")
    left.axhline(most, color=GREY, lw=1, ls="--", label="16 callers in a closed loop")
    dots(left, asked, served, steps, BLUE, "served")
    left.plot([], [], "o", color=BLUE, mfc="white", label="not all could be sent")
    left.set(title="Does overload cost throughput?", xlabel="asked, requests/s", ylabel="served, requests/s", ylim=(0, top), xlim=0)
    left.legend(frameon=False, fontsize=8)
    for key, colour, label in (("p50_ms", BLUE, "median"), ("p99_ms", RED, "99 %")):
        dots(right, asked, [one[key] for one in steps], steps, colour, label)
    right.set(title="How long do callers wait?", xlabel="asked, requests/s", ylabel="ms", yscale="log", xlim=0)
    right.yaxis.set_major_formatter("{x:,g}")
    right.legend(frameon=False)
    figure.suptitle(result["work"], fontsize=9, color=GREY)
    return figure


def overload(result):
    figure, axes = pyplot.subplots(figsize=(7, 3))
    at, mib = zip(*result["memory"])
    axes.plot(at, mib, color=BLUE, label="resident")
    axes.axhline(result["budget_mib"], color=RED, lw=1, ls="--", label="--memory, of requests alone")
    axes.set(title=f"{result['callers']} callers with 4 MB each: does memory stay in its budget?", xlabel="s", ylabel="MiB",
             ylim=(0, 1.3 * max(result["budget_mib"], *mib)), xlim=0)
    axes.legend(frameon=False, loc="lower right")
    return figure


def bars(names, values, title, label, colours=None, form="{:,.0f}"):
    figure, axes = pyplot.subplots(figsize=(8, 0.34 * len(names) + 1.1))
    places = range(len(names))[::-1]
    drawn = axes.barh(places, values, color=colours or BLUE, height=0.7)
    axes.bar_label(drawn, [form.format(value) if value >= 10 else f"{value:.2g}" for value in values], padding=3, fontsize=9)
    axes.set_yticks(places, names)
    axes.set(xlabel=label)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    axes.margins(x=0.12)
    axes.grid(axis="y", visible=False)
    return figure


def closed(result):
    figure, axes = pyplot.subplots(figsize=(8, 3))
    places = list(range(len(result)))[::-1]
    for at, (colour, face) in enumerate(((GREY, "white"), (GREY, GREY), (BLUE, BLUE))):
        runs = [runs[at] for runs in result.values()]
        axes.plot([one["per_second"] for one in runs], places, "o", color=colour, mfc=face, ms=7,
                  label=f"{runs[0]['connections']} connection{'s' * (runs[0]['connections'] > 1)}")
    for place, runs in zip(places, result.values()):
        best = max(one["per_second"] for one in runs)
        axes.annotate(f"{best:,.0f}", (best, place), (9, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(places, list(result))
    axes.set(xlabel="requests/s", xscale="log", xlim=(500, 200000))
    axes.set_xticks([1000, 10000, 100000], ["1,000", "10,000", "100,000"])
    figure.suptitle("What can one server do?", x=0.01, ha="left", fontsize=12)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def mixed(result):
    figure, axes = pyplot.subplots(figsize=(8, 3))
    places = range(len(result))[::-1]
    for key, colour, label in (("p999_ms", GREY, "99.9 %"), ("p99_ms", RED, "99 %"), ("p50_ms", BLUE, "median")):
        axes.plot([one[key] for one in result], places, "o", color=colour, label=label)
    axes.hlines(places, [one["p50_ms"] for one in result], [one["p999_ms"] for one in result], color=GREY, lw=1)
    axes.set_yticks(places, [f"{one['name']} ({one['share']} %)" for one in result])
    axes.set(xlabel="ms", xscale="log")
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
             if 0.8 * min(one["p50_ms"] for one in result) <= tick <= 1.2 * max(one["p999_ms"] for one in result)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    figure.suptitle("All at once, at half of what fits: how long do callers wait?", x=0.01, ha="left", fontsize=12)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def peers(result):
    """One small plot for each kind of request, of the peers alone: how many times as fast is scored?"""
    from report import like
    kinds = list(dict.fromkeys(like(one["what"]) for one in result))
    rows = {name: [one for one in result if like(one["what"]) == name and one["who"] != "scored"] for name in kinds}
    figure, parts = pyplot.subplots(1, len(kinds), figsize=(12, 0.21 * max(map(len, rows.values())) + 1.3))
    for axes, name in zip(parts, kinds):
        ours = next(one["per_second"] for one in result if one["who"] == "scored" and one["what"] == name)
        places = range(len(rows[name]))[::-1]
        times = [ours / one["per_second"] for one in rows[name]]
        raw = ["raw" in one["what"] for one in rows[name]]
        drawn = axes.barh(places, times, color=[GREY if is_raw else BLUE for is_raw in raw], height=0.7)
        axes.bar_label(drawn, [f"{value:.2g}" if value < 10 else f"{value:.0f}" for value in times], padding=2, fontsize=7)
        axes.set_yticks(places, [one["who"].replace("FastAPI + ", "").replace(" workers", "").replace(" worker", "") + (", raw" if is_raw else "")
                                 for one, is_raw in zip(rows[name], raw)], fontsize=7)
        axes.axvline(1, color=RED, lw=1)
        axes.set(xlim=(0, 1.2 * max(times)))
        axes.set_title(f"{name.replace(', multipart', '')}\nscored: {ours:,.0f}/s", fontsize=9)
        axes.grid(axis="y", visible=False)
    figure.suptitle("How many times as fast is scored? FastAPI with torch or numpy, h11 or uvloop, 1 or 2 workers", x=0.01, ha="left", fontsize=11)
    return figure


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
