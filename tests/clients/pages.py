"""The snippets of the pages for users: each runs, in order, and prints what the page shows below it.

A snippet is a block with a language; a block without one that follows it is what it prints, white space
apart. The snippets of a page share a folder, which begins as a copy of examples/masks, with examples, src and build in reach."""
import os
import re
import shutil
import subprocess
import sys

from server import PROGRAM, ROOT, Case

PAGES = ("docs/clients.md", "docs/eval.md", "docs/inference-protocol.md", "examples/README.md")
BLOCK = re.compile(r"^```(sh|python|js|c)\n(.*?)^```\n(?:\n```\n(.*?)^```)?", re.S | re.M)
COMPILER = ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o", "program", "snippet.c", "-lcurl"]


def snippets(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        text = file.read()
    for block in BLOCK.finditer(text):
        yield text.count("\n", 0, block.start()) + 2, block[1], block[2], block[3]


def commands(language, path):
    return {"sh": [["bash", "-euo", "pipefail", path]], "python": [[sys.executable, path]], "js": [["node", path]],
            "c": [COMPILER, ["./program"]]}[language]


class Pages(Case):
    def run_snippet(self, language, text):
        path = "snippet." + {"sh": "sh", "python": "py", "js": "mjs", "c": "c"}[language]
        with open(os.path.join(self.folder, path), "w", encoding="utf-8") as file:
            file.write(text.replace("127.0.0.1:8080", f"127.0.0.1:{self.server.port}"))
        tools = [os.path.join(self.folder, "bin"), os.path.dirname(sys.executable), os.environ["PATH"]]
        environment = {**os.environ, "PATH": ":".join(tools)}
        for command in commands(language, path):
            done = subprocess.run(command, cwd=self.folder, text=True, capture_output=True, timeout=120, env=environment)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def run_page(self, page):
        self.folder = os.path.join(self.server.folder.name, os.path.basename(page))
        shutil.copytree(os.path.join(ROOT, "examples/masks"), self.folder)
        os.mkdir(os.path.join(self.folder, "bin"))
        os.symlink(PROGRAM, os.path.join(self.folder, "bin/scored"))
        for name in ("examples", "src", "build"):
            os.symlink(os.path.join(ROOT, name), os.path.join(self.folder, name))
        count = 0
        for line, language, text, shown in snippets(page):
            with self.subTest(f"{page}:{line}"):
                printed = self.run_snippet(language, text)
                if shown is not None:
                    self.assertEqual("".join(printed.split()), "".join(shown.split()))
            count += 1
        self.assertGreater(count, 1)


for one in PAGES:
    setattr(Pages, f"test_{one}", lambda self, one=one: self.run_page(one))
