"""deploy/prometheus and deploy/grafana: what promtool says, alerts that fire when they must, and names that the program has."""
import glob
import json
import os
import re
import tempfile
import unittest

import yaml

from server import Server
from tools import ROOT, load, run

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
        tested = load("tests/release/rules_test.yml")
        for group in rules()["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    self.assertRegex(tested, rf"alertname: {rule['alert']}\n(?:.*\n)+? +exp_alerts:\n", rule["alert"])
                    self.assertEqual(set(rule["annotations"]), {"summary", "description"})

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
        asked = set(NAME.findall(load(RULES)))
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
