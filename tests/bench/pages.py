"""What the benches share: the machine that measured, and the part of docs/performance.md that is theirs."""
import datetime
import os
import platform
import re
import subprocess

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.partition("\n")[0]
    except OSError:
        return ""


def cpu():
    with open("/proc/cpuinfo") as lines:
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def caches():
    found = {}
    base = "/sys/devices/system/cpu/cpu0/cache"
    for index in sorted(os.listdir(base)) if os.path.isdir(base) else []:
        if not index.startswith("index"):
            continue
        def read(name, index=index):
            with open(os.path.join(base, index, name)) as f:
                return f.read().strip()
        if read("type") != "Instruction":
            found["L" + read("level")] = read("size")
    return found


def about():
    dirty = first_line("git", "status", "--porcelain", "--untracked-files=no")
    return {"when": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            "cpu": cpu(), "cpus": len(os.sched_getaffinity(0)), "caches": caches(),
            "system": first_line("sh", "-c", ". /etc/os-release; echo $PRETTY_NAME"),
            "compiler": first_line(os.environ.get("CC", "gcc"), "--version"),
            "load": " ".join(f"{load:.0f}" for load in os.getloadavg()),
            "commit": first_line("git", "rev-parse", "--short=12", "HEAD") + ("+" if dirty else "")}


def described(about):
    memory = ", ".join(f"{name} {size}" for name, size in about["caches"].items())
    return (f"{about['cpu']}, {about['cpus']} CPUs, {memory}; {about['system']}, {about['compiler']}; commit "
            f"{about['commit']}, {about['when'][:10]}; load average {about['load']}.")


def rewrite(part, lines):
    """Replaces what stands between the marks of a part."""
    path = os.path.join(DOCS, "performance.md")
    with open(path) as f:
        text = f.read()
    text, count = re.subn(f"(<!-- {part}: [^\n]*-->\n).*?(?=<!-- end -->)",
                          lambda m: m[1] + "\n".join(lines) + "\n", text, flags=re.S)
    assert count == 1, f"docs/performance.md has no part for {part}"
    with open(path, "w") as f:
        f.write(text)
