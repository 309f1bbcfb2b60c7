"""scripts/lint.sh --changed: which files `make test` looks at. clang-tidy is one that only writes down what it was given. Environment: SOURCE."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(os.environ["SOURCE"]) / "scripts/lint.sh"
TOOLS = ("sh", "git", "grep", "dirname", "sed", "sort", "head", "mkdir", "nproc", "cat")
TIDY = '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do case $1 in -p | -j) shift ;; esac; shift; done\n! grep pch build/lint/*.json\necho looked at "$@"\n[ ! -e bad ] || { echo a.cc:1:1: error: bad; exit 1; }\n'


class Lint(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.repository, self.bin = self.root / "repository", self.root / "bin"
        self.bin.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        # No test waits for the minute.
        (self.bin / "timeout").write_text('#!/bin/sh\nshift\n"$@"\nstatus=$?\n[ ! -e slow ] || exit 124\nexit $status\n', encoding="ascii")
        (self.bin / "timeout").chmod(0o755)
        self.tidy = self.bin / "run-clang-tidy-19"
        self.tidy.write_text(TIDY, encoding="ascii")
        self.tidy.chmod(0o755)
        (self.repository / "scripts").mkdir(parents=True)
        shutil.copy(SCRIPT, self.repository / "scripts")
        self.git("init", "-q", "-b", "main")
        database = self.repository / "build/dev/compile_commands.json"
        database.parent.mkdir(parents=True)
        database.write_text('"c++ -O1 -Winvalid-pch -include /x/cmake_pch.hxx -o a.o"\n', encoding="ascii")
        self.commit("src/a.cc", "src/a.h", "src/b.cc", "src/b_test.cc", "docs/page.md")

    def git(self, *words, folder=None):
        someone = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1", **someone}
        subprocess.run(["git", *words], cwd=folder or self.repository, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def touch(self, *names):
        for name in names:
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="ascii") as file:
                file.write("//\n")

    def commit(self, *names):
        self.touch(*names)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def lint(self, folder=None):
        done = subprocess.run([(folder or self.repository) / "scripts/lint.sh", "--changed"], env={"PATH": str(self.bin)}, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done

    def looked_at(self, folder=None):
        done = self.lint(folder)
        self.assertEqual(done.returncode, 0)
        return done.stdout.strip().removeprefix("looked at ").split()

    def test_without_the_tool_it_says_so(self):
        self.tidy.unlink()
        done = self.lint()
        self.assertEqual((done.returncode, done.stdout), (0, "lint: no clang-tidy-19 here, not run\n"))

    def test_a_finding_fails(self):
        self.commit("src/a.cc")
        (self.repository / "bad").touch()
        self.assertNotEqual(self.lint().returncode, 0)

    def test_a_minute_is_enough_unless_something_was_found(self):
        self.commit("src/a.cc")
        (self.repository / "slow").touch()
        done = self.lint()
        self.assertEqual(done.returncode, 0)
        self.assertIn("stopped after a minute", done.stdout)
        (self.repository / "bad").touch()
        self.assertNotEqual(self.lint().returncode, 0)

    def test_the_last_commit_and_what_is_not_committed(self):
        self.commit("src/b.cc", "docs/page.md", "src/b_test.cc")
        self.assertEqual(self.looked_at(), ["src/b.cc"])
        self.touch("src/a.h", "src/new.cc", "src/only.h")
        self.assertEqual(self.looked_at(), ["src/a.cc", "src/b.cc", "src/new.cc"])

    def test_nothing_changed(self):
        self.commit("docs/page.md")
        self.assertEqual(self.looked_at(), [])

    def test_a_branch_since_it_left_main(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.git("checkout", "-q", "-b", "branch")
        self.commit("src/a.cc")
        self.commit("docs/page.md")
        self.assertEqual(self.looked_at(), ["src/a.cc"])
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.assertEqual(self.looked_at(), [])  # merged: the last commit, that is a page

    def test_only_a_few_of_many(self):
        self.commit(*(f"src/many{number:02}.cc" for number in range(30)))
        said = self.lint().stdout
        self.assertIn("lint: 6 of 30 changed files", said)
        self.assertIn("src/many05.cc", said)
        self.assertNotIn("src/many06.cc", said)

    def test_a_shallow_clone(self):
        self.commit("src/a.cc")
        clone = self.root / "clone"
        self.git("clone", "-q", "--depth", "1", self.repository.as_uri(), clone, folder=self.root)
        self.assertEqual(self.looked_at(clone), [])
        (clone / "src/b.cc").write_text("// changed\n", encoding="ascii")
        self.assertEqual(self.looked_at(clone), ["src/b.cc"])


if __name__ == "__main__":
    sys.exit(unittest.main())
