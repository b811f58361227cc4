"""Texts that are JSON and texts that are not, as bodies: what is no JSON is refused for that, and nothing else is."""
import importlib.util
import os
import unittest

from server import Server

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "json")


def load():
    spec = importlib.util.spec_from_file_location("make_texts", os.path.join(HERE, "make_texts.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class JsonTexts(unittest.TestCase):
    def test_the_file_is_what_its_program_writes(self):
        with open(os.path.join(HERE, "texts.tsv"), encoding="ascii") as f:
            self.assertEqual(f.read(), load().whole(), "make_texts.py writes it anew")

    def test_each_text(self):
        with Server() as server:
            for kind, name, text in load().texts():
                reply = server.post("/v1/activations/relu", text, {"Content-Type": "application/json"})
                detail = reply.json().get("detail", "")
                case = (kind, name, text[:80], reply.status, detail)
                if kind in ("y", "i+"):
                    self.assertIn(reply.status, (200, 400, 422), case)
                    self.assertTrue(not detail.startswith("JSON:") or "name or text holds \\u0000" in detail, case)
                elif text.strip(b" \n"):
                    self.assertIn(reply.status, (400, 413, 415), case)
                    self.assertTrue(detail.startswith("JSON:") or reply.status == 415, case)
                else:
                    self.assertEqual(reply.status, 400, case)


if __name__ == "__main__":
    unittest.main()
