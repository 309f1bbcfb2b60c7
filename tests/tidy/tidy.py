#!/usr/bin/env python3
"""Checks the repository itself: layering, sizes, and that catalogue, files, docs and scenarios say the same.

tidy.py TLSWHY
"""
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
sys.path.insert(0, str(ROOT / "scripts"))
import options  # noqa: E402

# Who may use whom; "cli" may include anything.
LAYERS = {name: uses.split() for name, uses in
          re.findall(r"^layer\((\w+)(?: USES ([a-z0-9 ]+))?", (ROOT / "cmake/layers.cmake").read_text(encoding="utf-8"), re.MULTILINE)}
# Libraries that belong to one place.
ONLY_IN = {"openssl/": ("src/x509/", "lab/", "tests/"), "Python.h": ("engine/",), "capstone/": ("src/elf/",), "seccomp.h": ("src/observe/", "src/prove/", "tests/"),
           "nlohmann/": ("src/findings/", "src/archive/manifest.cc", "src/fix/journal.cc"), "CLI/": ("src/cli/arguments.cc", "engine/"), "boost/": ("lab/server.cc", "src/base/http_get.cc"), "toml++": ("lab/", "src/cli/scan_settings.cc")}
MAX_FILE = 400
MAX_FUNCTION = 60


def tracked(*patterns):
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", *patterns], capture_output=True, text=True, check=True)
    return [name for name in names.stdout.splitlines() if (ROOT / name).is_file()]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def layering():
    for name in tracked("src/*.cc", "src/*.h"):
        folder = name.split("/")[1]
        if folder == "cli" or name.endswith("_test.cc"):
            continue
        if folder not in LAYERS:
            yield f"{name}: folder {folder} is in no layer"
            continue
        for include in re.findall(r'#include "([a-z0-9_]+)/', read(name)):
            if include != folder and include not in LAYERS[folder]:
                yield f"{name}: {folder} may not include {include}"


def linking(build):
    """What a layer's library calls is in the library itself or in those of the layers that it names."""
    defined, wanted = {}, {}
    for name in LAYERS:
        listed = subprocess.run(["nm", build / f"libtlswhy_{name}.a"], capture_output=True, text=True, check=True).stdout
        found = re.findall(r"^[0-9a-f ]* ([A-Za-z]) (_ZN?K?6tlswhy\w+)$", listed, re.MULTILINE)
        defined[name] = {symbol for kind, symbol in found if kind != "U"}
        wanted[name] = {symbol for kind, symbol in found if kind == "U"}
    for name, symbols in wanted.items():
        for symbol in sorted(symbols - defined[name] - set().union(*(defined[used] for used in LAYERS[name]))):
            yield f"cmake/layers.cmake: {name} calls {symbol}, which is in none of the layers that it uses"


def libraries():
    for name in tracked("*.cc", "*.h", "*.c"):
        for include in re.findall(r"#include <([^>]+)>", read(name)):
            for library, places in ONLY_IN.items():
                if include.startswith(library) and not name.startswith(places):
                    yield f"{name}: {library} belongs to {', '.join(places)}"


def sizes():
    for name in tracked("*.cc", "*.h", "*.py", "*.sh"):
        lines = read(name).splitlines()
        if len(lines) > MAX_FILE:
            yield f"{name}: {len(lines)} lines, at most {MAX_FILE}"
        if not name.endswith(".cc"):
            continue
        start = None
        for number, line in enumerate(lines):
            # A definition begins at the margin or one step in (members), and ends with a brace in the same column.
            if re.match(r"^(  )?[A-Za-z\[].*\)[^;]*\{$", line) and not re.match(r"^\s*(namespace|if|for|while|switch|TEST)", line):
                start = (number, len(line) - len(line.lstrip()))
            elif start and re.match(r"^ {%d}\}" % start[1], line):
                if number - start[0] > MAX_FUNCTION:
                    yield f"{name}:{start[0] + 1}: function of {number - start[0]} lines, at most {MAX_FUNCTION}"
                start = None


# No code of a JVM can be asked apart from it: only the model tells.
MODELLED = {"TW204"}


def catalogue(tlswhy):
    listed = {}
    for line in subprocess.run([tlswhy, "codes"], capture_output=True, text=True, check=True).stdout.splitlines():
        code, name = line.split()[:2]
        if code in listed:
            yield f"catalogue: {code} twice"
        listed[code] = name
    files = {path.stem for path in (SRC / "rules").glob("tw*.cc")}
    expected = {f"{code.lower()}_{name}" for code, name in listed.items()}
    for stem in files ^ expected:
        yield f"src/rules/{stem}.cc: catalogue and files differ"
    if f"Tells {len(listed)} causes apart" not in read("README.md"):
        yield f"README.md: there are {len(listed)} causes"
    docs = read("docs/causes.md")
    scenarios = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "lab/scenarios").glob("*.toml")}
    for code, name in listed.items():
        if f"## {code} {name}:" not in docs:
            yield f"docs/causes.md: no section for {code} {name}"
        fires = [one["expect"] for one in scenarios.values() if one["expect"].get("code") == code]
        if not fires:
            yield f"lab/scenarios: none in which {code} fires"
        # A cause without a change that could be tried can't be proven.
        changes = ".change" in read(f"src/rules/{code.lower()}_{name}.cc")
        if changes and code not in MODELLED and not any(expect.get("certainty") == "proven" for expect in fires):
            yield f"lab/scenarios: none in which {code} is proven"
        silent = [one for stem, one in scenarios.items() if stem.startswith(f"{code.lower()}-silent")]
        if not silent or any(one["expect"].get("code") == code for one in silent):
            yield f"lab/scenarios: none named {code.lower()}-silent-… in which {code} is silent"
    for stem, one in scenarios.items():
        if one["expect"].get("code", "TW101") not in listed:
            yield f"lab/scenarios/{stem}.toml: unknown code"
        if not one.get("title"):
            yield f"lab/scenarios/{stem}.toml: no title"


def tables(tlswhy):
    help_text = subprocess.run([tlswhy, "--help"], capture_output=True, text=True, check=True).stdout
    for command in [line.split()[1] for line in help_text.splitlines() if line.startswith("  tlswhy ")]:
        if not re.search(rf"\b{command}\b", read("README.md")):
            yield f"README.md: does not name the command {command}"
    for name in options.stale(tlswhy):
        yield f"{name}: not what the option table says; run `make docs`"
    for name in re.findall(r'Target\{"([a-z_]+)"', read("fuzz/targets.cc")):
        if name not in read("fuzz/CMakeLists.txt").split("foreach(target ")[1].split(")")[0].split():
            yield f"fuzz/CMakeLists.txt: target {name} is not built"


def models(tlswhy):
    """A stack that is called checked has a real program in the matrix; docs and README say the same."""
    listed = subprocess.run([tlswhy, "stacks"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^([a-z0-9-]+) +(checked|modelled|recognised)", listed, re.MULTILINE)
    rows, docs = read("tests/matrix/rows.py"), read("docs/stacks.md")
    for name, standing in names:
        if standing == "checked" and not re.search(rf"""["']{name}([@+]|["'])""", rows):
            yield f"tests/matrix/rows.py: no runtime for {name}, which `tlswhy stacks` calls checked"
        if standing != "recognised" and f"`{name}`" not in docs:
            yield f"docs/stacks.md: no trust model {name}"
    claimed = re.search(r"(\d+) stacks \(", read("README.md"))
    if not claimed or int(claimed.group(1)) != sum(standing == "checked" for _, standing in names):
        yield "README.md: says another number of stacks than `tlswhy stacks` calls checked"


KEPT_OUT = {"HOME", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS"}  # the user's directory is in /etc/passwd; of the others only words are kept


def stack_rows():
    """The rows by id: the text of each, and the file it stands in."""
    for path in sorted((SRC / "stacks").glob("*.cc")):
        text = path.read_text(encoding="utf-8")
        for row in re.findall(r"^constinit const Stack k\w+\{.*?^(?=\}|constinit|namespace|static|Policy|Trust|$)", text, re.M | re.S):
            yield re.search(r'\.id = "([a-z0-9-]+)"', row).group(1), row, path.name, text


def stack_table():
    """A variable that some model reads is one of its row's knobs, so that it is kept; what recognises a stack, or that nothing does, is written
    down; nothing outside src/stacks asks for a stack by its name."""
    rows = list(stack_rows())
    for _, _, name, text in rows:
        for variable in re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"', text):
            if variable not in KEPT_OUT and not re.search(rf'"{variable}[="]', "".join(read(f"src/stacks/{each}") for each in {row[2] for row in rows} | {"table.cc"})):
                yield f"{name}: reads {variable}, which is nobody's knob"
    ids = {identity for identity, *_ in rows}
    marked = {identity for identity, row, *_ in rows if ".marks" in row or ".recognise" in row}
    unmarked = re.search(r"Not recognised in a file, for `--as` only: (.*?)\.\n", read("docs/stacks.md"), re.S)
    written = set(re.findall(r"`([a-z0-9-]+)`", unmarked.group(1))) if unmarked else set()
    for name in sorted(ids - marked ^ written):
        yield f"docs/stacks.md: is {name} recognised by its row or not?"
    titles = {re.search(r'\.title = "([^"]+)"', row).group(1) for _, row, *_ in rows if ".title" in row} | ids
    for path in tracked("src/*.cc", "src/*.h"):
        if path.startswith("src/stacks/") or path.endswith("_test.cc"):
            continue
        for name in re.findall(r'(?:name|model|stack) [!=]= "([^"]+)"', read(path)):
            if name in titles:
                yield f"{path}: asks for the stack {name} by its name; that belongs into its row"


UNWRITTEN = {"Ignored.finding", "Report.facts", "Finding.change", "Change"}  # written as the report itself; tried here, and not told


def json_fields():
    """Every field of a fact or a finding goes to JSON and back: it stands in its macro, or by its name where JSON is written by hand."""
    written = "".join(read(name) for name in tracked("src/facts/json.cc", "src/findings/json.cc"))
    macros = {name: set(fields.replace(",", " ").split()) for name, fields in re.findall(r"_WITH_DEFAULT\((\w+),([^)]*)\)", written)}
    for header in tracked("src/facts/facts.h", "src/findings/finding.h"):
        for name, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", read(header), re.M | re.S):
            for field in fields_of(body):
                if {name, f"{name}.{field}"} & UNWRITTEN or field in macros.get(name, ()) or field == "error":  # "errno", a macro in C
                    continue
                word = "class" if field == "name" else field
                if name in macros or written.count(f'"{word}"') < 2:
                    yield f"{header}: {name}::{field} is not in its JSON"


def fields_of(body):
    """The data members of a struct, written as this code base writes them: "type name = value, name;"."""
    body = re.sub(r"//.*", "", body)
    for line in re.sub(r"\{[^{}]*\}", "", body).split(";"):
        line = line.strip()
        if not line or "(" in line or line.startswith(("using", "static")):
            continue
        declared = re.sub(r"<[^;]*>", "", line)
        first, *more = [part.split("=")[0].strip() for part in declared.split(",")]
        yield first.split()[-1]
        yield from more


def bench():
    traced = set(re.findall(r'TracedCall\{SYS_(\w+)', read("src/observe/syscalls.cc")))
    compared = set("".join(re.findall(r'^CALLS = \((.*?)\)', read("bench/watching.py"), re.S | re.M)).replace('"', "").replace("\n", "").replace(" ", "").split(","))
    if traced != compared:
        yield f"bench/watching.py: strace stops at other calls than tlswhy: {traced ^ compared}"


def hygiene():
    for name in tracked("*.cc", "*.h", "*.py", "*.sh", "*.md", "*.toml", "CMakeLists.txt", "Makefile"):
        text = read(name)
        if name != "tests/tidy/tidy.py" and re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text):
            yield f"{name}: a note to self"
        if not text.endswith("\n") or text.endswith("\n\n"):
            yield f"{name}: must end with one newline"
        if re.search(r"[ \t]$", text, re.M):
            yield f"{name}: trailing blanks"
        if name.endswith(".h") and not text.startswith("#pragma once\n"):
            yield f"{name}: no #pragma once at its top"
    for name in tracked("src/*.h"):
        if not re.match(r"#pragma once\n// \S", read(name)):
            yield f"{name}: does not begin with what it is for"
    for name in tracked("src/*.cc"):
        if re.search(r"reinterpret_cast<(const )?(Elf|struct)", read(name)):
            yield f"{name}: a buffer cast to a struct; read it with bytes::Cursor"


def main(tlswhy):
    wrong = [*layering(), *linking(pathlib.Path(tlswhy).resolve().parent), *libraries(), *sizes(), *catalogue(tlswhy), *tables(tlswhy), *models(tlswhy), *stack_table(), *json_fields(), *bench(), *hygiene()]
    for line in wrong:
        print(line)
    print(f"tidy: {len(wrong)} things to mend" if wrong else "tidy: all in order")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
