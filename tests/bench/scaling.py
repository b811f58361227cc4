#!/usr/bin/python3
"""scaling.py PROGRAM FOLDER [NAME...] - kernels with 1, 2, 4 ... threads, as many as there are CPUs: runs
`kernels`, writes FOLDER/scaling.json, prints how many times as fast each is as with one thread, and which
part of the speed of memory, which is measured with as many threads. With WRITE=1 the table goes to
docs/performance.md."""
import json
import os
import subprocess
import sys

from pages import about, described, rewrite

WORK = ("confusion uint8 batch", "mse float32 rows", "cross entropy", "dice", "sigmoid", "softmax planes")


def thread_counts():
    cpus = len(os.sched_getaffinity(0))
    counts = [1 << i for i in range(cpus.bit_length()) if 1 << i <= cpus]
    return counts if counts[-1] == cpus else [*counts, cpus]


def table(rows):
    counts = sorted({row["threads"] for row in rows})
    yield "| work | " + " | ".join(f"{n} thread{'s' * (n > 1)}" for n in counts) + " |"
    yield "|---|" + "---:|" * len(counts)
    for name in dict.fromkeys(row["name"] for row in rows):
        of = {row["threads"]: row for row in rows if row["name"] == name}
        alone = of[1]["best"]
        yield f"| {name} | " + " | ".join(
            f"{of[n]['best'] * 1e3:.3g} ms, {alone / of[n]['best']:.2g}x, {of[n]['share']:.0%} of {of[n]['limit']}"
            for n in counts) + " |"


def main(program, folder, *names):
    os.makedirs(folder, exist_ok=True)
    threads = ",".join(map(str, thread_counts()))
    command = [program, "--threads", threads, "--seconds", os.environ.get("SECONDS", "0.5"), *(names or WORK)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        found = {"about": about(), "kernels": [json.loads(line) for line in process.stdout if line.startswith("{")]}
    with open(os.path.join(folder, "scaling.json"), "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)
    lines = list(table(found["kernels"]))
    print(described(found["about"]), *lines, sep="\n")
    if os.environ.get("WRITE"):
        rewrite("threads", [described(found["about"]), "", *lines])
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
