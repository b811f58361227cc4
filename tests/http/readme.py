"""The README's commands, and what it says that they answer."""
import json
import os
import re
import subprocess

import numpy as np

from bodies import PALETTE, npy, png
from server import ROOT, Case

BLOCK = re.compile(r"```sh\n(.*?)```\n(?:\n```\n(.*?)```)?", re.S)


def blocks():
    with open(os.path.join(ROOT, "README.md")) as file:
        return [(block[1], block[2]) for block in BLOCK.finditer(file.read()) if "curl" in block[1]]


class Readme(Case):
    def setUp(self):
        masks = np.arange(12).reshape(3, 4)
        for name, data in (("pred.png", png(masks.astype("u1"), PALETTE)), ("target.npy", npy(masks))):
            with open(os.path.join(self.server.folder.name, name), "wb") as file:
                file.write(data)

    def run_block(self, script):
        script = script.replace("curl", "curl -sS").replace("127.0.0.1:8080", f"127.0.0.1:{self.server.port}")
        done = subprocess.run(["sh", "-ec", script], cwd=self.server.folder.name, text=True,
                              capture_output=True, timeout=30, check=True)
        return done.stdout

    def test_every_answer_is_the_real_one(self):
        shown = [block for block in blocks() if block[1] is not None]
        self.assertGreaterEqual(len(shown), 2)
        for script, answer in shown:
            self.assertEqual("".join(self.run_block(script).split()), "".join(answer.split()))

    def test_every_command_is_answered(self):
        for script, answer in blocks():
            if answer is None:
                reply = json.loads(self.run_block(script))
                self.assertEqual(reply.get("status", "ok"), "ok", script)
                self.assertNotIn("error", reply)
