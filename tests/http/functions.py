"""docs/functions.md and docs/plots against the program."""
import os
import re
import subprocess
import sys

from server import PROGRAM, ROOT, Case

sys.path.insert(0, os.path.join(ROOT, "tools"))
import plots  # noqa: E402

WRITE = "run: make docs"
DOCS = os.path.join(ROOT, "docs")


def read(*path):
    with open(os.path.join(DOCS, *path), encoding="utf-8") as file:
        return file.read()


class Functions(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = read("functions.md")
        cls.catalogue = cls.server.get("/v1/operations").json()["operations"]

    def test_page_is_what_the_program_prints(self):
        printed = subprocess.run([PROGRAM, "functions"], check=True, capture_output=True, text=True).stdout
        for got, want in zip(self.page.split("\n"), printed.split("\n")):
            self.assertEqual(got, want, WRITE)
        self.assertEqual(len(self.page), len(printed), WRITE)

    def test_everything_is_told(self):
        parts = dict(zip(re.findall(r"^### (\S+)$", self.page, re.M),
                         re.split(r"^### \S+$", self.page, flags=re.M)[1:]))
        for row in self.catalogue:
            name = f"{row['family']}/{row['name']}"
            with self.subTest(operation=name):
                self.assertIn(f"[{row['name']}](#{name.replace('/', '')})", self.page)
                for thing in row["inputs"] + row["params"]:
                    self.assertRegex(parts[name], rf"(?m)^\| `{thing['name']}`")
                for note in row["notes"]:
                    self.assertIn(f"\n- {note}\n", parts[name])
                for line in row["formula"].split("; "):
                    self.assertIn(f"    {line}\n", parts[name])

    def test_each_curve_has_its_plot(self):
        """Elementwise activations and pointwise losses: those that act on any shape."""
        shapes = {row["name"]: row["inputs"][0]["shape"] for row in self.catalogue
                  if row["family"] != "metrics"}
        pointwise = {name + ".svg" for name, shape in shapes.items() if re.match(r"any(;|$)", shape)}
        self.assertEqual(set(re.findall(r"\(plots/(\S+)\)", self.page)), pointwise)
        self.assertEqual(set(os.listdir(os.path.join(DOCS, "plots"))), pointwise, WRITE)

    def test_plots_are_of_these_values(self):
        for name, text in plots.drawn(self.server):
            with self.subTest(plot=name):
                self.assertTrue(read("plots", name) == text, WRITE)
