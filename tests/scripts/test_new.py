"""scripts/new, in a copy of what it reads and writes. Environment: SOURCE; CXX, the compiler."""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE"])
COPIED = ("src/rules", "src/stacks", "src/fix", "src/report", "src/cli", "lab/scenarios", "docs", "cmake", "scripts", "tests/tidy")
NOTE = "TO" + "DO"

# Words for scripts/new; what is made; where a row is added, and what stands in it.
LAYOUTS = {
    "cause": (("TW999", "made_up"), ("src/rules/tw999_made_up.cc", "lab/scenarios/tw999-made-up.toml", "lab/scenarios/tw999-silent-accepted.toml"),
              {"src/rules/rules.h": "extern const Rule kTw999MadeUp;", "src/rules/catalogue.cc": "&kTw999MadeUp,"}),
    "stack": (("made-up",), ("src/stacks/made_up.cc",),
              {"src/stacks/rows.h": "kMadeUp;", "src/stacks/table.cc": "&kMadeUp,", "docs/stacks.md": "| `made-up` |"}),
    "remedy": (("made_up",), ("src/fix/made_up.cc",), {"src/fix/remedies.h": "extern const Remedy kMadeUp;", "src/fix/table.cc": "&kMadeUp}"}),
    "renderer": (("made_up",), ("src/report/made_up.h", "src/report/made_up.cc"),
                 {"src/report/table.cc": 'Form{"made_up", "--made-up",'}),
}


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Copy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in COPIED:
            shutil.copytree(SOURCE / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in (".clang-format", "README.md"):
            shutil.copy(SOURCE / name, self.root)
        subprocess.run(["git", "init", "-q", self.root], check=True)  # tidy asks git for the files

    def new(self, *words):
        return subprocess.run([self.root / "scripts/new", *words], capture_output=True, text=True, timeout=60)

    def lay_out(self, kind):
        done = self.new(kind, *LAYOUTS[kind][0])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def contents(self):
        return {path.relative_to(self.root): path.read_bytes() for path in self.root.rglob("*") if path.is_file() and ".git" not in path.parts}

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")


class Layouts(Copy):
    def test_files_are_made_and_each_row_is_added_once(self):
        for kind, (_, made, rows) in LAYOUTS.items():
            before, said = self.contents(), self.lay_out(kind)
            after = self.contents()
            self.assertEqual({str(path) for path in after.keys() - before.keys()}, set(made))
            self.assertEqual({str(path) for path in before if before[path] != after[path]}, set(rows))
            for name, row in rows.items():
                self.assertEqual(self.read(name).count(row), 1, name)
            self.assertTrue(all(name in said for name in [*made, *rows]), said)
            self.assertIn(f"docs/adding-a-{kind}.md", said)
            self.assertTrue((SOURCE / f"docs/adding-a-{kind}.md").exists())

    def test_a_second_time_nothing_is_written(self):
        for kind, (words, _, _) in LAYOUTS.items():
            self.lay_out(kind)
            before = self.contents()
            done = self.new(kind, *words)
            self.assertEqual(done.returncode, 1)
            self.assertIn("nothing was written", done.stderr)
            self.assertEqual(self.contents(), before)

    def test_what_is_taken_or_no_name_is_refused(self):
        before = self.contents()
        for words, said in [(("cause", "TW404", "other"), "TW404 peer_certificate_expired"), (("cause", "TW998", "hostname_or_sni"), "TW403 hostname_or_sni"),
                            (("cause", "998", "other"), "is no code"), (("cause", "TW998", "Other-Name"), "is no class name"), (("stack", "grpc"), "electron"),
                            (("stack", "databases"), "src/stacks/databases.cc is there already"), (("stack", "../x"), "is no name"),
                            (("remedy", "permit"), "rehash"), (("remedy", "table"), "src/fix/table.cc is there already"), (("remedy", "x_test"), "is no name"),
                            (("renderer", "json"), "terminal"), (("renderer", "style"), "src/report/style.h is there already"), (("renderer", "keylog"), "an option --keylog")]:
            done = self.new(*words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(said, done.stderr)
        self.assertEqual(self.new("pony", "x").returncode, 2)
        self.assertEqual(self.contents(), before)

    def test_a_table_that_looks_otherwise_is_left_alone(self):
        table = self.root / "src/rules/catalogue.cc"
        table.write_text(table.read_text().replace("kCatalogue{", "kOther{"), encoding="utf-8")
        before = self.contents()
        done = self.new("cause", *LAYOUTS["cause"][0])
        self.assertIn("src/rules/catalogue.cc looks otherwise", done.stderr)
        self.assertEqual(self.contents(), before)

    def test_help_tells_the_kinds_and_the_codes(self):
        self.assertTrue(all(f"scripts/new {kind}" in self.new("--help").stdout for kind in LAYOUTS))
        self.assertIn("TW101 compiled_path_mismatch", self.new("cause", "--help").stdout)


class Skeletons(Copy):
    """All four at once."""

    def setUp(self):
        super().setUp()
        for kind in LAYOUTS:
            self.lay_out(kind)
        self.made = [name for _, made, _ in LAYOUTS.values() for name in made]
        self.touched = self.made + [name for _, _, rows in LAYOUTS.values() for name in rows]

    def test_they_compile_without_an_edit(self):
        """In one translation unit: what they include is read once."""
        sources = [name for name in self.touched if name.endswith(".cc")]
        unit = self.root / "unit.cc"
        unit.write_text("".join(f'#include "{name}"\n' for name in sources), encoding="utf-8")
        done = subprocess.run([os.environ.get("CXX", "g++"), "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-D_GNU_SOURCE",
                               "-I", self.root, "-I", self.root / "src", "-I", SOURCE / "src", unit], capture_output=True, text=True, timeout=240)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 0)

    def test_tidy_asks_for_the_notes_and_the_page_of_causes_only(self):
        tidy = load(self.root / "tests/tidy/tidy.py")
        notes = {f"{name}: a note to self" for name in self.touched if NOTE in self.read(name)}
        self.assertEqual({line for line in notes if line.split(":")[0] in self.made}, {f"{name}: a note to self" for name in self.made})
        self.assertEqual(set(tidy.hygiene()), notes)
        self.assertEqual([*tidy.layering(), *tidy.libraries(), *tidy.sizes(), *tidy.stack_table()], [])
        # What `tlswhy codes` would print.
        codes = re.findall(r'kCode = "(TW\d+)";\n.*kName = "(\w+)"', "".join(self.read(path.relative_to(self.root)) for path in (self.root / "src/rules").glob("tw*.cc")))
        program = self.root / "tlswhy"
        program.write_text("#!/bin/sh\n" + "".join(f"echo {code} {name}\n" for code, name in codes), encoding="ascii")
        program.chmod(0o755)
        self.assertEqual(list(tidy.catalogue(program)), [f"README.md: there are {len(codes)} causes", "docs/causes.md: no section for TW999 made_up"])

    def test_a_cause_has_what_the_tests_of_the_catalogue_want(self):
        text = self.read("src/rules/tw999_made_up.cc")
        for head in ("What it means", "How it is seen", "What proves it", "What to do"):
            self.assertIn(head, text)
        fires, silent = (tomllib.loads(self.read(f"lab/scenarios/tw999-{name}.toml")) for name in ("made-up", "silent-accepted"))
        self.assertEqual(fires["expect"], {"outcome": "failed", "code": "TW999", "class": "made_up", "certainty": "proven"})
        self.assertEqual(silent["expect"], {"outcome": "ok"})

    @unittest.skipUnless(shutil.which("clang-format-19"), "no clang-format-19 here")
    def test_they_are_formatted(self):
        sources = [name for name in self.touched if name.endswith((".cc", ".h"))]
        done = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *sources], cwd=self.root, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")


class Pages(unittest.TestCase):
    def test_they_name_files_that_exist(self):
        """In `…`, from the root of the repository; NAME and NNN stand for others."""
        for page in sorted((SOURCE / "docs").glob("adding-*.md")):
            named = re.findall(r"`((?:src|lab|tests|docs|scripts|cmake)/[^` ]*)", page.read_text(encoding="utf-8"))
            self.assertGreater(len(named), 4, page)
            for name in named:
                if not re.search(r"NAME|NNN|[*…]", name):
                    self.assertTrue((SOURCE / name).exists(), f"{page.name}: {name}")


if __name__ == "__main__":
    sys.exit(unittest.main())
