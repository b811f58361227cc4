"""make install: each file in its place, and true."""
import os
import re
import tempfile
import unittest

from tools import VERSION, load, make, run

FILES = """bin/scored lib/systemd/system/scored.service share/bash-completion/completions/scored
share/doc/scored/CHANGELOG.md share/doc/scored/LICENSE share/doc/scored/README.md share/doc/scored/SECURITY.md
share/man/man1/scored.1""".split()
OPTION = re.compile(r"^  (\S+)(?: (\S+))?\n        (.*)$", re.M)
COMPLETE = """source "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _scored "$2"
printf '%s\\n' "${COMPREPLY[@]}" """


def calls(word):
    """The system calls of a set of systemd, such as @process, with those of sets in it; or the one call."""
    if not word.startswith("@"):
        return {word}
    status, said = run("systemd-analyze", "syscall-filter", "--no-pager", word)
    assert status == 0, said
    words = [line.strip() for line in said.splitlines() if line.startswith("    ")]
    return {call for one in words if not one.startswith("#") for call in calls(one)}


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="scored-")
        cls.prefix = os.path.join(cls.folder.name, "usr")
        make("install", f"PREFIX={cls.prefix}")
        cls.program = os.path.join(cls.prefix, "bin/scored")
        cls.help = run(cls.program, "--help")[1]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, name):
        return os.path.join(self.prefix, name)

    def found(self):
        return sorted(os.path.relpath(os.path.join(folder, name), self.prefix)
                      for folder, _, names in os.walk(self.prefix) for name in names)

    def test_files(self):
        self.assertEqual(self.found(), sorted(FILES))
        for name in FILES:
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o755 if name == "bin/scored" else 0o644)

    def test_version_is_said_once_and_everywhere(self):
        self.assertIn(f"scored {VERSION} (commit ", run(self.program, "--version")[1])
        self.assertIn(f"\n## {VERSION} ", load("CHANGELOG.md"))
        self.assertIn(f"\n  version: {VERSION}\n", load("api/openapi.yaml"), "run: make contract")
        self.assertIn(f'"scored {VERSION}"', load(self.path("share/man/man1/scored.1")))

    def test_man_page_says_what_help_says(self):
        page = self.path("share/man/man1/scored.1")
        status, said = run("mandoc", "-T", "lint", "-W", "warning", page)
        self.assertEqual([line for line in said.splitlines() if "missing date" not in line], [])
        status, text = run("mandoc", "-T", "utf8", "-O", "width=1000", page)
        self.assertEqual(status, 0)
        text = " ".join(re.sub(".\b", "", text).split())
        rows = OPTION.findall(self.help)
        self.assertGreater(len(rows), 30)
        for name, argument, words in rows:
            self.assertIn(f" {name} {argument}{' ' if argument else ''}{' '.join(words.split())} ", text)

    def complete(self, *words):
        """What bash would offer for the last word."""
        status, said = run("bash", "-c", COMPLETE, "bash",
                           self.path("share/bash-completion/completions/scored"), self.program, *words)
        self.assertEqual(status, 0, said)
        return said.split()

    def test_completion_knows_every_option(self):
        names = [name for name, _, _ in OPTION.findall(self.help)]
        self.assertEqual(sorted(self.complete("")), sorted(names))
        self.assertEqual(self.complete("--io"), ["--io-threads"])
        self.assertEqual(self.complete("--log-level", ""), ["debug", "info", "warning", "error"])
        self.assertEqual(self.complete("--config", "LICEN"), ["LICENSE"])
        self.assertEqual(self.complete("--threads", ""), [])
        self.assertEqual(self.complete("eval", "losses/mse", "--re"), ["--require"])
        self.assertEqual(self.complete("eval", "losses/mse", "LICEN"), ["LICENSE"])

    def test_unit(self):
        unit = self.path("lib/systemd/system/scored.service")
        self.assertIn(f"ExecStart={self.program}\n", load(unit))
        said = run("systemd-analyze", "verify", "--man=no", unit)[1]
        self.assertNotIn("scored", said)
        said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)[1]
        self.assertLess(float(re.search(r"exposure level for scored.service: ([0-9.]+)", said).group(1)), 1.5)

    def test_the_units_filter_lets_it_do_what_it_does(self):
        """It starts once more (execve), and lowers priorities of threads; others have no such right."""
        allowed = set()
        for words in re.findall(r"(?m)^SystemCallFilter=(.+)$", load(self.path("lib/systemd/system/scored.service"))):
            named = {call for word in words.lstrip("~").split() for call in calls(word)}
            allowed = allowed - named if words.startswith("~") else allowed | named
        needed = {"execve", "sched_setattr", "getpriority", "mmap", "madvise", "epoll_wait", "accept4", "futex", "clone3"}
        self.assertEqual(needed - allowed, set())
        self.assertEqual({"setpriority", "ptrace", "mount", "setuid", "reboot"} & allowed, set())

    def test_drop_ins_of_the_manual(self):
        unit = load(self.path("lib/systemd/system/scored.service"))
        found = re.findall(r"(?s)```ini\n(.*?)```", load("docs/operations.md"))
        self.assertEqual(len(found), 2)
        for text in found:
            with tempfile.TemporaryDirectory(prefix="scored-") as folder:
                os.mkdir(f"{folder}/scored.service.d")
                for name, content in (("scored.service", unit), ("scored.service.d/keys.conf", text)):
                    with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                        file.write(content)
                said = run("systemd-analyze", "verify", "--man=no", f"{folder}/scored.service")[1]
                self.assertNotIn("scored", said)

    def test_uninstall_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as stage:
            make("install", f"DESTDIR={stage}", "PREFIX=/usr")
            self.assertTrue(os.path.exists(f"{stage}/usr/bin/scored"))
            make("uninstall", f"DESTDIR={stage}", "PREFIX=/usr")
            self.assertEqual([names for _, _, names in os.walk(stage) if names], [])

    def test_licence_is_whole(self):
        text = load("LICENSE")
        self.assertIn("Apache License\n                           Version 2.0, January 2004", text)
        self.assertIn("END OF TERMS AND CONDITIONS", text)
