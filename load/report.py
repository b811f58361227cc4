"""Tables and plots of what was measured; the section of docs/performance.md between its markers."""
import json
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs/performance.md")
PART = r"(?s)(<!-- {}: written by make load-docs -->\n).*?(<!-- end -->)"


def number(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(number, row)) + " |" for row in rows]) + "\n"


def closed(result):
    rows = [(name, *(one["per_second"] for one in runs), runs[0]["p50_ms"], runs[-1]["p99_ms"], runs[-1]["peak_mib"])
            for name, runs in result.items()]
    counts = [one["connections"] for one in next(iter(result.values()))]
    return table(("request", *(f"/s, {c} connection{'s' * (c > 1)}" for c in counts), f"p50 ms, {counts[0]}",
                  f"p99 ms, {counts[-1]}", "peak MiB"), rows)


def mixed(result):
    rows = [(one["name"], f"{one['share']} %", *(one[key] for key in ("rate", "per_second", "p50_ms", "p99_ms", "p999_ms")))
            for one in result]
    return table(("request", "of all", "asked /s", "served /s", "p50 ms", "p99 ms", "p99.9 ms"), rows)


def curve(result):
    keys = ("rate", "sent_per_second", "per_second", "refused", "failed", "p50_ms", "p99_ms")
    return (f"{result['work']}; {result['queue_jobs']} jobs may wait; a closed loop of 16 connections reaches "
            f"{number(result['closed_per_second'])} a second.\n\n" +
            table(("asked /s", "sent /s", "served /s", "refused", "failed", "p50 ms", "p99 ms"),
                  [[one[key] for key in keys] for one in result["steps"]]) + "\n" + flatness(result))


def flatness(result):
    """The most that is served, and the worst step from the first on that does not serve all that is asked."""
    steps = result["steps"]
    most = max(one["per_second"] for one in steps)
    past = [one["per_second"] for one in steps if one["per_second"] < 0.98 * one["rate"]]
    said = f"The most is {number(most)} a second, {100 * most / result['closed_per_second']:.0f} % of the closed loop"
    return said + (f"; past what can be served, at least {100 * min(past) / most:.0f} % of it is.\n" if past else ".\n")


def start(result):
    return f"Of {result['starts']} starts the median is {number(result['median_ms'])} ms, the longest {number(result['most_ms'])} ms.\n"


def overload(result):
    keys = ("callers", "closed_per_second", "per_second", "refused_per_second", "errors", "refusal_p50_ms", "refusal_p99_ms",
            "health_p99_ms", "health_failed", "budget_mib", "peak_mib")
    return f"{result['work']}\n\n" + table(
        ("callers", "8 callers, served /s", "served /s", "refused /s", "errors", "refusal p50 ms", "refusal p99 ms",
         "health p99 ms", "health failed", "--memory MiB", "peak MiB"), [[result[key] for key in keys]])


def slow(result):
    rows = [(f"{name} {result['slow_clients']} slow clients", *(result[name][key] for key in (
        "rate", "per_second", "p50_ms", "p99_ms", "p999_ms"))) for name in ("without", "with")]
    return f"{result['work']}\n\n" + table(("", "asked /s", "served /s", "p50 ms", "p99 ms", "p99.9 ms"), rows)


def scaling(result):
    rows = [(str(one["replicas"]), one["per_second"], one["per_second"] / result["replicas"][0]["per_second"], one["p50_ms"],
             one["p99_ms"]) for one in result["replicas"]]
    limit = f"each with {result['share']:g} of a CPU" if result["replicas"][0]["limited"] else "without limits of CPU"
    return f"{result['work']}; replicas {limit}\n\n" + table(("replicas", "/s", "times one", "p50 ms", "p99 ms"), rows)


def like(what):
    """The request of scored that another is compared with: it takes no bodies that nothing describes."""
    return what.replace("raw body", "multipart")


def peers(result):
    base = {one["what"]: one["per_second"] for one in result if one["who"] == "scored"}
    rows = [(one["who"], one["what"], str(one["connections"]), one["per_second"], one["p50_ms"], one["p99_ms"],
             base[like(one["what"])] / one["per_second"] if one["per_second"] else None) for one in result]
    return table(("service", "request", "connections", "/s", "p50 ms", "p99 ms", "scored is faster by"), rows)


def said(conditions):
    return (f"{conditions['when']}; {conditions['cpu']}, {conditions['cpus']} CPUs shared with the generators of load; load "
            f"average before: {conditions['load_average_before']:.1f}; {conditions['seconds']} s each; clients use "
            f"{conditions['congestion_control']}; {conditions['program']}")


def text(name, measured):
    return globals()[name](measured["result"])


def write(folder, docs):
    """Plots of all results of the folder; with docs, into the documentation too."""
    import plots
    found = {}
    for name in ("start", "closed", "mixed", "curve", "overload", "slow", "scaling", "peers"):
        path = os.path.join(folder, f"{name}.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found[name] = json.load(file)
    plots.write(found, folder, "png")
    if not docs:
        return
    plots.write(found, os.path.join(ROOT, "docs/load"), "svg")
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    for name, measured in found.items():
        image = f"![{name}](load/{name}.svg)\n\n" if hasattr(plots, name) else ""
        part = f"\n{image}{text(name, measured)}\n{said(measured['conditions'])}\n\n"
        page, count = re.subn(PART.format(name), lambda match: match[1] + part + match[2], page)
        assert count == 1, f"docs/performance.md has no part for {name}"
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)
