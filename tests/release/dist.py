"""make dist and make sbom: a tarball of the commit, and a list of every library that the program loads."""
import json
import os
import re
import subprocess
import tarfile
import unittest

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools import PROGRAM, ROOT, VERSION, make, run


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, text=True, capture_output=True, check=True).stdout


class Dist(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.said = make("dist")
        cls.path = os.path.join(ROOT, f"build/dist/scored-{VERSION}.tar.gz")

    def test_files_are_those_of_the_commit(self):
        with tarfile.open(self.path) as tar:
            names = {name.split("/", 1)[1] for name in tar.getnames() if "/" in name}
            files = {member.name.split("/", 1)[1] for member in tar.getmembers() if not member.isdir()}
            commit = tar.extractfile(f"scored-{VERSION}/.commit").read().decode()
        self.assertEqual(files - {".commit"}, set(git("ls-tree", "-rz", "--name-only", "HEAD").split("\0")) - {""})
        self.assertEqual(commit, git("rev-parse", "--short=12", "HEAD").strip())
        self.assertIn("Makefile", names)

    def test_checksum_and_the_same_bytes_again(self):
        folder = os.path.dirname(self.path)
        done = subprocess.run(["sha256sum", "-c", os.path.basename(self.path) + ".sha256"], cwd=folder,
                              text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(make("dist"), self.said)


class Sbom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        make("sbom")
        with open(os.path.join(ROOT, "build/scored.cdx.json"), encoding="utf-8") as file:
            cls.text = file.read()
        cls.bom = json.loads(cls.text)

    def test_schema(self):
        self.assertIsNone(JsonStrictValidator(SchemaVersion.V1_5).validate_str(self.text))

    def test_every_library_is_listed(self):
        loaded = re.findall(r"(?m)(?:=> |^\s+)(/\S+) ", run("ldd", PROGRAM)[1])
        listed = {one["properties"][0]["value"]: one for one in self.bom["components"]}
        self.assertEqual(sorted(listed), sorted(loaded))
        for path, one in listed.items():
            self.assertEqual(one["hashes"][0]["content"], run("sha256sum", path)[1].split()[0])
            self.assertEqual(run("dpkg-query", "-W", "-f", "${Version}", one["name"])[1], one["version"])

    def test_the_program_is_the_one_that_was_built(self):
        component = self.bom["metadata"]["component"]
        self.assertEqual(component["version"], VERSION)
        self.assertEqual(component["hashes"][0]["content"], run("sha256sum", PROGRAM)[1].split()[0])
