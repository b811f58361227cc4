"""docker/Dockerfile and compose.yaml, without building or running anything."""
import functools
import json
import re
import unittest

import yaml

from tools import ROOT, VENV, VERSION, load, run

NGINX = ("-f", "compose.yaml", "-f", "deploy/nginx/compose.yaml")


@functools.cache
def composed(*files):
    status, said = run("docker-compose", "--project-directory", ROOT, *files, "config")
    assert status == 0, said
    return yaml.safe_load(said)


def seconds(text):
    """45s, 1m30s"""
    total = number = 0
    for letter in text:
        if letter.isdigit():
            number = number * 10 + int(letter)
        else:
            total, number = total + number * {"s": 1, "m": 60, "h": 3600}[letter], 0
    return total


class Image(unittest.TestCase):
    def test_dockerfile_is_clean(self):
        self.assertEqual(run(f"{VENV}/bin/hadolint", "docker/Dockerfile"), (0, ""))

    def test_version_of_the_label(self):
        self.assertIn(f"\nARG VERSION={VERSION}\n", load("docker/Dockerfile"))

    def test_what_it_promises_to_run_with(self):
        text = load("docker/Dockerfile").split("\nFROM scratch\n")[1]
        for line in ("USER 10001:10001", "STOPSIGNAL SIGTERM", 'ENTRYPOINT ["/usr/bin/scored"]'):
            self.assertIn(f"\n{line}\n", text)
        self.assertEqual(json.loads(text.split(" CMD ")[1].splitlines()[0]), ["/usr/bin/scored", "--healthcheck"])


class Compose(unittest.TestCase):
    def test_both_variants_are_valid(self):
        for files in ((), NGINX):
            services = composed(*files)["services"]
            self.assertEqual(sorted(services), ["balancer", "grafana", "prometheus", "scored-1", "scored-2", "scored-3"])
            self.assertIn("nginx" if files else "haproxy", services["balancer"]["image"])

    def test_replicas_are_locked_down_and_alike(self):
        services = composed()["services"]
        first = services["scored-1"]
        self.assertEqual([services[f"scored-{n}"] for n in (2, 3)], [first, first])
        self.assertIs(first["read_only"], True)
        self.assertEqual((first["cap_drop"], first["security_opt"]), (["ALL"], ["no-new-privileges:true"]))
        self.assertEqual(list(first["networks"]), ["inside"])
        self.assertNotIn("ports", first)

    def test_ports_are_of_this_machine_alone(self):
        for name, service in composed()["services"].items():
            for port in service.get("ports", []):
                self.assertIn("127.0.0.1", str(port), name)

    def test_mounted_files_exist(self):
        for files in ((), NGINX):
            for name, service in composed(*files)["services"].items():
                for volume in service.get("volumes", []):
                    source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
                    if source.startswith("/"):
                        self.assertTrue(run("test", "-e", source)[0] == 0, f"{name}: {source}")

    def test_a_cut_cable_ends_alike_behind_both(self):
        """Keep-alive of TCP by the kernel's settings, which nginx has, is that of haproxy's file."""
        own = {name: int(value) for name, value in re.findall(r"srvtcpka-(\w+) (\d+)", load("deploy/haproxy/haproxy.cfg"))}
        for files in ((), NGINX):
            kernels = {key.rsplit(".", 1)[1]: int(value) for key, value in composed(*files)["services"]["balancer"]["sysctls"].items()}
            self.assertEqual(kernels, {"tcp_retries2": 4, "tcp_keepalive_time": own["idle"], "tcp_keepalive_intvl": own["intvl"],
                                       "tcp_keepalive_probes": own["cnt"]})
        self.assertIn("proxy_socket_keepalive on;", load("deploy/nginx/nginx.conf"))

    def test_nobody_is_killed_while_draining(self):
        service = composed()["services"]["scored-1"]
        drain, grace = (int(service["environment"][name]) for name in ("SCORED_DRAIN_DELAY", "SCORED_GRACE"))
        self.assertGreaterEqual(seconds(service["stop_grace_period"]), drain + grace + 5)
