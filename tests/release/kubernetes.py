"""deploy/kubernetes: built by kustomize, held against the types of Kubernetes, and against itself."""
import json
import os
import unittest

import yaml

from tools import ROOT, VENV, load, node, run

CHECK = os.path.join(ROOT, "build/release/manifests.ts")
OPTIONS = "--noEmit --strict --skipLibCheck --module nodenext --moduleResolution nodenext".split()
MODELS = {"monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/"}
MISTAKES = (("metadata", "labells", {}), ("spec", "template", "once"), ("spec", "replicas", "3"))


def built(name):
    status, said = run(f"{VENV}/bin/kubectl", "kustomize", f"deploy/kubernetes/{name}")
    assert status == 0, said
    return {one["kind"]: one for one in yaml.safe_load_all(said)}


def against_types(manifests):
    """What the TypeScript compiler says of them as constants of their types: also of members that no type has."""
    lines = []
    for i, one in enumerate(manifests):
        home = MODELS.get(one["apiVersion"], "kubernetes-models/")
        lines.append(f'import type {{ I{one["kind"]} as I{i} }} from "{home}{one["apiVersion"]}/{one["kind"]}";')
        lines.append(f"export const m{i}: I{i} = {json.dumps(one, indent=1)};")
    with open(CHECK, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return node(f"{VENV}/node_modules/typescript/bin/tsc", *OPTIONS, CHECK)[1]


def container(deployment):
    return deployment["spec"]["template"]["spec"]["containers"][0]


class Manifests(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.base, cls.production = built("base"), built("production")

    def test_types(self):
        self.assertEqual(against_types([*self.base.values(), *self.production.values()]), "")

    def test_the_types_find_mistakes(self):
        for part, name, value in MISTAKES:
            wrong = json.loads(json.dumps(self.base["Deployment"]))
            wrong[part][name] = value
            self.assertIn("error TS", against_types([wrong]), name)

    def test_what_is_there(self):
        kinds = {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy"}
        self.assertEqual(set(self.base), kinds)
        self.assertEqual(set(self.production), kinds | {"ServiceMonitor", "PrometheusRule"})

    def test_selectors_find_the_pods(self):
        for built_as in (self.base, self.production):
            labels = built_as["Deployment"]["spec"]["template"]["metadata"]["labels"]
            for selector in (built_as["Deployment"]["spec"]["selector"]["matchLabels"],
                             built_as["Service"]["spec"]["selector"],
                             built_as["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
                             built_as["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]):
                self.assertEqual(selector, labels)
        service = self.production["Service"]
        monitor = self.production["ServiceMonitor"]["spec"]
        self.assertLessEqual(monitor["selector"]["matchLabels"].items(), service["metadata"]["labels"].items())
        self.assertIn(monitor["endpoints"][0]["port"], [port["name"] for port in service["spec"]["ports"]])

    def test_ports_have_names_of_the_pod(self):
        for built_as in (self.base, self.production):
            named = {port["name"]: port["containerPort"] for port in container(built_as["Deployment"])["ports"]}
            env = {one["name"]: one["value"] for one in container(built_as["Deployment"])["env"]}
            self.assertEqual(named, {"http": 8080, "metrics": int(env["SCORED_METRICS_LISTEN"].split(":")[1])})
            asked = [port["targetPort"] for port in built_as["Service"]["spec"]["ports"]]
            asked += [port["port"] for rule in built_as["NetworkPolicy"]["spec"]["ingress"] for port in rule["ports"]]
            asked += [container(built_as["Deployment"])[probe]["httpGet"]["port"]
                      for probe in ("startupProbe", "readinessProbe", "livenessProbe")]
            self.assertLessEqual(set(asked), set(named))

    def test_nobody_is_killed_while_draining(self):
        for built_as in (self.base, self.production):
            pod = built_as["Deployment"]["spec"]["template"]["spec"]
            env = {one["name"]: one["value"] for one in container(built_as["Deployment"])["env"]}
            drain, grace = int(env["SCORED_DRAIN_DELAY"]), int(env["SCORED_GRACE"])
            probe = container(built_as["Deployment"])["readinessProbe"]
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], drain + grace + 5)
            self.assertGreater(drain, probe["periodSeconds"] * probe["failureThreshold"])

    def test_threads_are_whole_cpus(self):
        for built_as in (self.base, self.production):
            resources = container(built_as["Deployment"])["resources"]
            self.assertEqual(resources["limits"], resources["requests"])
            self.assertTrue(resources["limits"]["cpu"].isdigit(), resources)

    def test_security(self):
        for built_as in (self.base, self.production):
            pod = built_as["Deployment"]["spec"]["template"]["spec"]
            context = container(built_as["Deployment"])["securityContext"]
            self.assertEqual((pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]), (True, 10001))
            self.assertEqual(context, {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                       "capabilities": {"drop": ["ALL"]}})
            self.assertIs(pod["automountServiceAccountToken"], False)

    def test_production_has_keys_and_its_own_version(self):
        env = {one["name"] for one in container(self.production["Deployment"])["env"]}
        self.assertIn("SCORED_KEYS", env)
        self.assertNotIn("SCORED_OPEN", env)
        self.assertTrue(container(self.production["Deployment"])["image"].endswith(":" + load("VERSION").strip()))
