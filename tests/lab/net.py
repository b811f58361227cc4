"""A switch, and machines on it: each a network namespace of its own, so that nothing of it is seen outside."""
import os
import subprocess
import sys

TAG = os.environ.setdefault("LAB_TAG", f"sc{os.getpid()}")  # the callers, a process of their own, have the same
SWITCH = f"{TAG}-sw"
NODES = {f"{TAG}-{name}": f"10.77.0.{number}" for number, name in enumerate(("lb", "r1", "r2", "r3", "cl"), 10)}
BALANCER, *REPLICAS, CALLER = NODES


def ip(*arguments, namespace=None):
    subprocess.run(["ip", *(["-n", namespace] if namespace else []), *arguments], check=True)


def port(name):
    """Of the switch."""
    return f"v{list(NODES).index(name)}"


def build():
    ip("netns", "add", SWITCH)
    ip("link", "add", "br0", "type", "bridge", namespace=SWITCH)
    ip("link", "set", "br0", "up", namespace=SWITCH)
    for name, address in NODES.items():
        ip("netns", "add", name)
        ip("link", "set", "lo", "up", namespace=name)
        ip("link", "add", port(name), "netns", SWITCH, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", port(name), "master", "br0", "up", namespace=SWITCH)
        ip("addr", "add", f"{address}/24", "dev", "eth0", namespace=name)
        ip("link", "set", "eth0", "up", namespace=name)


def tear_down():
    for name in (*NODES, SWITCH):
        subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)


def cable(name, state):
    """"down": what is sent to it or by it is lost, and nobody is told."""
    ip("link", "set", port(name), state, namespace=SWITCH)


def inside(name, *command, **how):
    return subprocess.Popen(["ip", "netns", "exec", name, *command], **how)


def settings(name, values):
    """Settings of the kernel, as sysctl has them."""
    for key, value in values.items():
        path = "/proc/sys/" + key.replace(".", "/")
        if inside(name, "sh", "-c", f"echo {value} >{path}").wait() != 0:
            sys.exit(f"lab: {path} of a namespace cannot be written")
