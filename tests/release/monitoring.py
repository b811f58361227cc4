"""deploy/prometheus and deploy/grafana: what promtool says, alerts that fire when they must, and names that the program has."""
import glob
import http.client
import json
import os
import re
import subprocess
import tempfile
import time
import unittest
from urllib.parse import urlencode

import yaml

from balancers import HAPROXY, Balancer, free_port
from server import SLOW, Server
from tools import PROGRAM, ROOT, load, run

RULES = "deploy/prometheus/rules.yml"
NAME = re.compile(r"\bscored_[a-z0-9_]+")


def rules():
    return yaml.safe_load(load(RULES))


def dashboards():
    return {os.path.relpath(path, ROOT): json.loads(load(path))
            for path in sorted(glob.glob(os.path.join(ROOT, "deploy/grafana/dashboards/*.json")))}


def panels(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries(dashboard):
    """(title, PromQL), with the dashboard's variables filled in."""
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            expr = target["expr"].replace("$__rate_interval", "1m")
            yield panel["title"], re.sub(r"\$\{?\w+\}?", ".*", expr)


class Prometheus(unittest.TestCase):
    def test_configuration(self):
        status, said = run("promtool", "check", "config", "deploy/prometheus/prometheus.yml")
        self.assertEqual(status, 0, said)

    def test_alerts_fire_when_they_must(self):
        status, said = run("promtool", "test", "rules", "tests/release/rules_test.yml")
        self.assertEqual(status, 0, said)

    def test_every_alert_has_a_test(self):
        tests = yaml.safe_load(load("tests/release/rules_test.yml"))["tests"]
        fired = {one["alertname"] for test in tests for one in test["alert_rule_test"] if "exp_alerts" in one}
        silent = {one["alertname"] for test in tests for one in test["alert_rule_test"] if "exp_alerts" not in one}
        alerts = [rule for group in rules()["groups"] for rule in group["rules"] if "alert" in rule]
        self.assertEqual({rule["alert"] for rule in alerts}, fired & silent)
        for rule in alerts:
            self.assertEqual(set(rule["annotations"]), {"summary", "description"})

    def test_operations_says_what_to_do_about_each_alert(self):
        part = load("docs/operations.md").split("\n### Alerts\n")[1].split("\n## ")[0]
        rows = re.findall(r"(?m)^\| `(Scored\w+)` \| (.+) \| (.+) \|$", part)
        alerts = [rule["alert"] for group in rules()["groups"] for rule in group["rules"] if "alert" in rule]
        self.assertEqual(sorted(name for name, _, _ in rows), sorted(alerts))
        self.assertGreater(len(alerts), 9)

    def test_nginx_has_the_same_jobs_but_the_balancers(self):
        own = yaml.safe_load(load("deploy/nginx/prometheus.yml"))
        whole = yaml.safe_load(load("deploy/prometheus/prometheus.yml"))
        whole["scrape_configs"] = [job for job in whole["scrape_configs"] if job["job_name"] != "balancer"]
        self.assertEqual(own, whole)

    def test_the_cluster_has_the_same_rules(self):
        manifest = yaml.safe_load(load("deploy/kubernetes/monitoring/rules.yaml"))
        self.assertEqual(manifest["spec"], rules(), "run: make cluster-rules")


class Grafana(unittest.TestCase):
    def test_panels(self):
        self.assertTrue(dashboards())
        for path, dashboard in dashboards().items():
            ids = [panel["id"] for panel in panels(dashboard)]
            self.assertEqual(len(ids), len(set(ids)), path)
            for panel in panels(dashboard):
                self.assertTrue(panel["title"], path)
                self.assertEqual(panel.get("datasource", {}).get("uid", "prometheus"), "prometheus")

    def test_every_query_is_promql(self):
        for path, dashboard in dashboards().items():
            records = [{"record": f"query:{n}", "expr": expr} for n, (_, expr) in enumerate(queries(dashboard))]
            self.assertGreater(len(records), 5, path)
            with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
                yaml.safe_dump({"groups": [{"name": "dashboard", "rules": records}]}, file)
                file.flush()
                status, said = run("promtool", "check", "rules", file.name)
            self.assertEqual(status, 0, said)

    def test_panels_do_not_overlap(self):
        for path, dashboard in dashboards().items():
            taken = {}
            for panel in dashboard["panels"]:
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24, path)
                for x in range(place["x"], place["x"] + place["w"]):
                    for y in range(place["y"], place["y"] + place["h"]):
                        self.assertIsNone(taken.setdefault((x, y), None), f"{path}: {panel['title']}")
                        taken[x, y] = panel["title"]


class Names(unittest.TestCase):
    def test_the_program_has_every_metric(self):
        """Names in rules, dashboards and documents of ours are in /metrics, by # TYPE or with the endings of its type."""
        with Server() as server:
            server.post("/v1/losses/mse", {"pred": [1], "target": [1]})
            text = server.get("/metrics").body.decode()
        types = dict(re.findall(r"(?m)^# TYPE (\S+) (\S+)$", text))
        known = set(types)
        for name, kind in types.items():
            if kind == "histogram":
                known |= {name + end for end in ("_bucket", "_sum", "_count")}
        asked = set(NAME.findall(load(RULES))) | set(NAME.findall(load("docs/operations.md")))
        for dashboard in dashboards().values():
            asked |= set(NAME.findall(json.dumps(dashboard)))
        self.assertGreater(len(asked), 5)
        self.assertEqual(sorted(asked - known), [])

    def test_promtool_takes_metrics(self):
        with Server() as server, tempfile.NamedTemporaryFile() as file:
            file.write(server.get("/metrics").body)
            file.flush()
            status, said = run("sh", "-c", f"promtool check metrics <{file.name}")
        self.assertEqual((status, said.strip()), (0, ""))


class Scraped(unittest.TestCase):
    """A real Prometheus with our file, three servers and haproxy: each query of the dashboard finds something."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="scored-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.ports = [free_port() for _ in range(3)]
        key, keys = cls.team()
        options = [("--keys", keys, "--metrics-listen", f"127.0.0.1:{port}") for port in cls.ports]
        cls.balancer = Balancer(HAPROXY, options, headers={"X-API-Key": key})
        cls.addClassCleanup(cls.balancer.close)
        cls.port = free_port()
        cls.process = subprocess.Popen(
            ["prometheus", f"--config.file={cls.configuration()}", f"--storage.tsdb.path={cls.folder.name}/data",
             f"--web.listen-address=127.0.0.1:{cls.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.process.wait)
        cls.addClassCleanup(cls.process.terminate)

    @classmethod
    def team(cls):
        """A key, and the file that has its team."""
        done = subprocess.run([PROGRAM, "new-key", "vision"], text=True, capture_output=True, check=True)
        key, row = done.stdout.splitlines()
        return key, cls.file("keys.json", f'{{"teams": [{row}]}}')

    @classmethod
    def file(cls, name, text):
        path = os.path.join(cls.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    @classmethod
    def configuration(cls):
        text = load("deploy/prometheus/prometheus.yml").replace("interval: 5s", "interval: 1s").replace("15s", "1s")
        for n, port in enumerate(cls.ports, 1):
            text = text.replace(f"scored-{n}:9090", f"127.0.0.1:{port}")
        text = text.replace("balancer:8405", f"127.0.0.1:{cls.balancer.metrics}")
        text = text.replace("rules.yml", os.path.join(ROOT, RULES))
        return cls.file("prometheus.yml", text)

    def query(self, expr):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/api/v1/query?" + urlencode({"query": expr}))
            said = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        self.assertEqual(said["status"], "success", f"{expr}: {said}")
        return said["data"]["result"]

    def traffic(self):
        """Good ones, bad ones, and some of each replica."""
        for _ in range(12):
            self.assertEqual(self.balancer.post(), 200)
            self.assertEqual(self.balancer.ask("POST", "/v1/losses/mse", "{")[0], 400)

    def test_every_query_finds_something(self):
        end = time.monotonic() + 40 * SLOW
        wanted = [query for dashboard in dashboards().values() for query in queries(dashboard)]
        empty = wanted
        while empty and time.monotonic() < end:
            self.traffic()
            time.sleep(1)
            try:
                empty = [(title, expr) for title, expr in empty if not self.query(expr)]
            except OSError:
                pass  # it is starting
        self.assertEqual([title for title, _ in empty], [])
        self.assertEqual(len(self.query('up{job="scored"} == 1')), 3)
        self.assertEqual(self.query("scored:failed:ratio5m > 0"), [])
        self.assertEqual(self.query('ALERTS{alertstate="firing"}'), [])
