"""The other subcommands: output, statuses, bad input."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from support import SOURCE, TLSWHY, lab

BUNDLE = "/opt/ScriptEngineServerBin/817186"


def tlswhy(*words, **kwargs):
    return subprocess.run([TLSWHY, *words], capture_output=True, text=True, timeout=60, **kwargs)


class Help(unittest.TestCase):
    def test_help_lists_every_command_and_each_has_help(self):
        text = tlswhy("--help")
        self.assertEqual(text.returncode, 0)
        names = [line.split()[1] for line in text.stdout.splitlines() if line.startswith("  tlswhy ")]
        self.assertEqual(names, ["run", "pid", "host", "pcap", "scan", "stores", "stacks", "fix", "explain", "codes", "lab"])
        for name in names:
            self.assertEqual(tlswhy(name, "--help").returncode, 0, name)

    def test_unknown_words_are_usage_errors(self):
        for words in [[], ["frobnicate"], ["scan"], ["scan", "--no-such-option", "x"], ["explain"], ["explain", "TW999"], ["lab"],
                      ["fix", "everything", "/bin/ls"], ["run", "--no-such-option", "--", "true"], ["run", "--color", "pink", "--", "true"]]:
            self.assertEqual(tlswhy(*words).returncode, 2, words)

    def test_refusals_and_help_are_in_words(self):
        for words, said in [(["pid", "0"], "PID: 0 is not a number of 1 or more"), (["pid", "12x"], "PID: 12x is not a number of 1 or more"),
                            (["stores", "--as", "python", "--uid", "-3"], "--uid: -3 is not a number of 0 or more"),
                            (["run", "--color", "pink", "--", "true"], "--color: pink not in {always,auto,never}")]:
            self.assertEqual(tlswhy(*words).stderr.strip(), f"tlswhy {words[0]}: {said}")
        self.assertIn("--color WHEN:{always,auto,never}", tlswhy("run", "--help").stdout)

    def test_version(self):
        self.assertRegex(tlswhy("--version").stdout, r"^tlswhy \d+\.\d+\.\d+\n$")

    def test_a_full_stdout_is_not_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            self.assertEqual(subprocess.run([TLSWHY, "codes"], stdout=full, stderr=subprocess.DEVNULL).returncode, 3)


class Explain(unittest.TestCase):
    def test_every_code_has_an_explanation(self):
        codes = [line.split()[0] for line in tlswhy("codes").stdout.splitlines()]
        self.assertEqual(codes, sorted(codes))
        for code in codes:
            text = tlswhy("explain", code)
            self.assertEqual(text.returncode, 0)
            self.assertIn("What to do", text.stdout)

    def test_a_saved_report_is_judged_again(self):
        """Everywhere alike: what it holds is what counts."""
        with tempfile.TemporaryDirectory() as folder:
            first, second = os.path.join(folder, "a.json"), os.path.join(folder, "b.json")
            tlswhy("pid", "--json", first, str(os.getpid()))
            self.assertIn(tlswhy("explain", "--json", second, first).returncode, (0, 1))
            with open(first, encoding="utf-8") as one, open(second, encoding="utf-8") as two:
                self.assertEqual(json.load(one), json.load(two))
            broken = os.path.join(folder, "c.json")
            with open(broken, "w", encoding="utf-8") as out:
                out.write("{")
            self.assertEqual(tlswhy("explain", broken).returncode, 3)


class Scan(unittest.TestCase):
    def test_the_origins_library(self):
        done = lab("origin", TLSWHY, "scan", f"{BUNDLE}/libcrypto.so.1.1")
        self.assertEqual(done.returncode, 1)
        for text in ("OpenSSL 1.1.1", "OPENSSLDIR    /usr/local/ssl\n", "ENGINESDIR", "/usr/local/ssl/cert.pem  missing (ENOENT)", "glibc"):
            self.assertIn(text, done.stdout)

    def test_a_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/bin/deep")
            shutil.copy("/usr/bin/openssl", f"{folder}/bin/deep/tool")
            shutil.copy("/bin/true", f"{folder}/bin/true")
            os.symlink("deep/tool", f"{folder}/bin/link")
            os.mkfifo(f"{folder}/bin/pipe")
            with open(f"{folder}/notes", "w", encoding="ascii") as file:
                file.write("no ELF file")
            done = tlswhy("scan", "--json", "-", folder)
            report = json.loads(done.stdout)
            self.assertEqual((done.returncode, [one["path"] for one in report["files"]]), (0, [f"{folder}/bin/deep/tool", f"{folder}/bin/true"]))
            self.assertIn("OpenSSL", [stack["name"] for stack in report["stacks"]])
            self.assertEqual(report["files"][1]["stacks"], [])
            self.assertEqual(tlswhy("scan", f"{folder}/nowhere").returncode, 3)

    def test_a_program_and_the_libraries_below_it(self):
        done = tlswhy("scan", "/usr/bin/curl", "--json", "-")
        stacks = {stack["model"] or stack["name"]: stack for stack in json.loads(done.stdout)["stacks"]}
        self.assertLessEqual({"curl", "libcurl", "openssl"}, set(stacks))
        self.assertEqual(stacks["curl"]["linkage"], "program")
        self.assertIn("/etc/ssl/certs/ca-certificates.crt", [source["path"] for source in stacks["libcurl"]["sources"]])

    def test_node_with_its_own_roots(self):
        node = shutil.which("node")
        stacks = {stack["name"]: stack for stack in json.loads(tlswhy("scan", node, "--json", "-").stdout)["stacks"]}
        self.assertEqual(stacks["Node.js"]["version"], subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v"))
        if "OpenSSL" in stacks and stacks["OpenSSL"]["linkage"] == "static":
            self.assertEqual(stacks["Node.js"]["sources"][0]["kind"], "bundled")
            self.assertEqual(stacks["OpenSSL"]["build"]["read_by"], "accessor")
            roots = json.loads(tlswhy("scan", "--roots", node, "--json", "-").stdout)["stacks"][0]["compiled_roots"]
            count = subprocess.run([node, "-p", "tls.rootCertificates.length"], capture_output=True, text=True, check=True).stdout
            self.assertEqual(len(roots), int(count))

    def program(self, folder, text):
        subprocess.run(["gcc", "-rdynamic", "-x", "c", "-", "-o", f"{folder}/editor"], input=text, text=True, check=True)
        return tlswhy("scan", f"{folder}/editor")

    def test_a_stack_without_a_model(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.program(folder, '#include <stdio.h>\nint napi_create_function(void) { return 0; }\nint main(void) { return puts("ELECTRON_RUN_AS_NODE") < 0; }\n')
        self.assertIn("Electron", done.stdout)
        self.assertNotIn("anchors in", done.stdout)

    def test_words_are_no_stacks(self):
        """A program that merely speaks of stacks has none of them."""
        words = ("ELECTRON_RUN_AS_NODE", "BUN_INSTALL_CACHE_DIR", "DENO_TLS_CA_STORE", "SSL_CERT_FILE", "UV_SYSTEM_CERTS", "LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN", "BoringSSL", "OpenSSL 3.0.2",
                 "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "/aws-lc/crypto/", "libcurl/", "Mbed TLS ", "_MEIPASS2")
        with tempfile.TemporaryDirectory() as folder:
            done = self.program(folder, "#include <stdio.h>\nint main(void) {" + "".join(f' puts("{word}");' for word in words) + " return 0; }\n")
        self.assertIn("no TLS stack that tlswhy knows", done.stdout)

    def test_pythons_version_without_running_it(self):
        python = os.path.realpath("/usr/bin/python3")
        version = subprocess.run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True, check=True).stdout.strip()
        stacks = {stack["name"]: stack for stack in json.loads(tlswhy("scan", python, "--json", "-").stdout)["stacks"]}
        self.assertTrue(stacks["CPython ssl"]["version"].startswith(version), stacks)

    def test_json(self):
        done = lab("origin", TLSWHY, "scan", "--json", "-", f"{BUNDLE}/libcrypto.so.1.1")
        stack = json.loads(done.stdout)["stacks"][0]
        self.assertEqual(stack["build"]["openssldir"], "/usr/local/ssl")
        self.assertEqual(stack["build"]["read_by"], "accessor")
        self.assertRegex(stack["glibc"], r"^2\.\d+$")
        self.assertIn("libc.so.6", stack["needed"])
        self.assertEqual([source["errno"] for source in stack["sources"]], ["ENOENT", "ENOENT"])

    def test_a_program_with_openssl_linked_in(self):
        done = tlswhy("scan", os.path.join(os.path.dirname(TLSWHY), "tlswhy-lab-static"))
        self.assertIn("static", done.stdout)
        self.assertIn("OPENSSLDIR    /usr/lib/ssl", done.stdout)

    def test_root(self):
        with tempfile.TemporaryDirectory() as root:
            done = tlswhy("scan", "--root", root, os.path.join(os.path.dirname(TLSWHY), "tlswhy-lab-static"))
            self.assertEqual(done.returncode, 1)
            self.assertIn("missing (ENOENT)", done.stdout)

    def test_a_program_without_tls(self):
        done = tlswhy("scan", "/bin/true")
        self.assertEqual(done.returncode, 0)
        self.assertIn("no TLS stack", done.stdout)

    def test_what_cannot_be_inspected_is_3_with_a_reason(self):
        with tempfile.TemporaryDirectory() as folder:
            fifo, text, cut = (os.path.join(folder, name) for name in ("fifo", "text", "cut"))
            os.mkfifo(fifo)
            with open(text, "w", encoding="ascii") as file:
                file.write("hello")
            with open(cut, "wb") as file, open("/bin/ls", "rb") as program:
                file.write(program.read(600))
            for path, reason in ((fifo, "not a regular file"), (text, "not an ELF file"), (cut, "elf"), ("/nonexistent", "ENOENT")):
                done = tlswhy("scan", path)
                self.assertEqual(done.returncode, 3, path)
                self.assertIn(reason, done.stderr, path)


class Proof(unittest.TestCase):
    def test_the_helper_has_no_openssl_of_its_own(self):
        """A libcrypto of the same SONAME in the process would answer in place of the one under test."""
        done = tlswhy("scan", os.path.join(os.path.dirname(TLSWHY), "tlswhy-prove"))
        self.assertIn("libseccomp", done.stdout)
        self.assertNotIn("libcrypto", done.stdout)
        self.assertNotIn("libssl", done.stdout)


class LateLibraries(unittest.TestCase):
    def test_a_start_loads_libc_alone(self):
        """What a run of a command needs is on disk in a third of the time that all libraries take (docs/cost.md)."""
        done = subprocess.run(["objdump", "-p", TLSWHY], capture_output=True, text=True, check=True)
        needed = re.findall(r"NEEDED +(\S+)", done.stdout)
        self.assertEqual([name for name in needed if not name.startswith(("libc.", "libm.", "ld-linux"))], [])

    def test_watching_what_has_no_tls_needs_no_other(self):
        done = tlswhy("run", "--", "sh", "-c", "cat /proc/$(sed -n s/TracerPid:.//p /proc/self/status)/maps")
        self.assertIn("/libc.so", done.stdout)
        self.assertNotRegex(done.stdout, "libcrypto|libssl|libcapstone|libpcap|libsqlite3|libarchive|libseccomp|libstdc")

    def test_one_that_is_missing_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "libcrypto.so.3"), "wb"):
                pass
            done = tlswhy("stores", env={**os.environ, "LD_LIBRARY_PATH": folder})
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, "^tlswhy: .*libcrypto.so.3: file too short")


class Stores(unittest.TestCase):
    def test_the_machine(self):
        done = tlswhy("stores")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"/etc/ssl/certs/ca-certificates.crt  \d+ anchors")
        self.assertRegex(done.stdout, r"used by .*\bcurl\b")
        self.assertRegex(done.stdout, r"\A(Debian|Ubuntu).*: a local anchor goes to /usr/local/share/ca-certificates/NAME.crt, then update-ca-certificates\n")
        places = json.loads(tlswhy("stores", "--json", "-").stdout)["machine_stores"]
        self.assertTrue(any("curl" in place["used_by"] for place in places))

    def test_compiled_places_follow_the_distribution(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(f"{root}/etc")
            with open(f"{root}/etc/os-release", "w", encoding="ascii") as file:
                file.write("ID=fedora\nVERSION_ID=42\n")
            for stack, places in (("openssl", ["/etc/pki/tls/cert.pem", "/etc/pki/tls/certs"]), ("openssl+dir@/opt/ssl", ["/opt/ssl/cert.pem", "/opt/ssl/certs"]),
                                  ("libcurl", ["/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"])):  # and no hashed directory, as Debian's has
                report = json.loads(tlswhy("stores", "--root", root, "--as", stack, "--json", "-").stdout)
                self.assertEqual([source["path"] for source in report["stacks"][0]["sources"]], places)

    def test_an_empty_root(self):
        with tempfile.TemporaryDirectory() as root:
            done = tlswhy("stores", "--root", root)
            self.assertEqual(done.returncode, 1)
            self.assertIn("no usable trust store", done.stdout)
        self.assertEqual(tlswhy("stores", "--root", "/nonexistent").returncode, 3)

    def test_what_one_store_trusts_and_another_does_not(self):
        with tempfile.TemporaryDirectory() as root:
            for name, folder in (("ours", "etc/ssl/certs"), ("theirs", "etc/pki/tls/certs")):
                os.makedirs(f"{root}/{folder}")
                bundle = "ca-certificates.crt" if name == "ours" else "ca-bundle.crt"
                dates = ["-days", "10"] if name == "ours" else ["-days", "1"]
                subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", *dates, "-keyout", f"{root}/k",
                                "-out", f"{root}/{folder}/{bundle}"], check=True, capture_output=True)
            done = tlswhy("stores", "--root", root)
            self.assertRegex(done.stdout, "/etc/ssl/certs/ca-certificates.crt trusts 1 that /etc/pki/tls/certs/ca-bundle.crt does not:\n    CN=ours\n")
            report = json.loads(tlswhy("stores", "--root", root, "--json", "-").stdout)
            self.assertEqual({(one["has"], tuple(one["subjects"])) for one in report["store_differences"]},
                             {("/etc/ssl/certs/ca-certificates.crt", ("CN=ours",)), ("/etc/pki/tls/certs/ca-bundle.crt", ("CN=theirs",))})

    def test_plain_has_no_drawing_characters(self):
        self.assertTrue(tlswhy("stores", "--plain", "--all").stdout.isascii())


class Engine(unittest.TestCase):
    ENGINE = os.path.join(os.path.dirname(TLSWHY), "scriptengine")

    def invoke(self, code, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
            file.write(code)
        done = lab("origin", f"{BUNDLE}/scriptengine", "invoke", file.name, *options)
        os.unlink(file.name)
        return done

    def test_result_is_json(self):
        done = self.invoke("def handler(event, context):\n    return {'got': event['a'], 'id': len(context.request_id)}", "--event", '{"a": [1]}')
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, {"got": [1], "id": 16}))

    def test_exceptions_are_reported_with_their_traceback(self):
        for code, text in (("def handler(e, c):\n    raise ValueError('no')", "ValueError: no"), ("x", "NameError"), ("def other(): pass", "has no function"),
                           ("def handler(e, c):\n    return object()", "not JSON serializable"), ("import sys\nsys.exit(4)", "SystemExit: 4")):
            done = self.invoke(code)
            self.assertEqual(done.returncode, 1, text)
            self.assertTrue(done.stderr.startswith("py throw ex: Traceback (most recent call last):"), done.stderr)
            self.assertIn(text, done.stderr)

    def test_time_limit(self):
        done = self.invoke("import time\ndef handler(e, c):\n    time.sleep(30)", "--timeout", "1")
        self.assertEqual(done.returncode, 3)
        self.assertIn("did not end within 1 s", done.stderr)

    def test_a_worker_that_dies(self):
        done = self.invoke("import os\ndef handler(e, c):\n    os.kill(os.getpid(), 9)")
        self.assertEqual(done.returncode, 3)
        self.assertIn("killed by signal 9", done.stderr)

    def test_no_interpreter_beside_it(self):
        done = subprocess.run([self.ENGINE, "invoke", "/dev/null"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no libpython3 beside", done.stderr)


class Delivery(unittest.TestCase):
    """Every command's report is text, plain text and JSON, by the rows of src/report/table.cc."""

    CASES = [("stores", ["stores"]), ("stores_as", ["stores", "--as", "curl"]), ("scan", ["scan", "/bin/true", "/usr/bin/curl"]), ("stacks", ["stacks"]),
             ("codes", ["codes"]), ("explain", ["explain", "TW101"]), ("fix", ["fix", "env", "/usr/bin/openssl"]), ("pid", ["pid", str(os.getpid())])]

    def test_json_of_every_command_fits_the_schema_and_says_whose_it_is(self):
        import jsonschema
        with open(os.path.join(SOURCE, "docs/schema/tlswhy-1.json"), encoding="utf-8") as file:
            schema = json.load(file)
        for kind, words in self.CASES:
            told = json.loads(tlswhy(*words, "--json", "-").stdout)
            self.assertEqual(told["kind"], kind)
            jsonschema.validate(told, schema)

    def test_text_and_file_at_once_and_plain_has_no_drawings(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "report.json")
            for kind, words in self.CASES:
                done = tlswhy(*words, "--plain", "--color", "always", "--json", path)
                self.assertNotRegex(done.stdout, "[\x1b✓✗·]", kind)
                self.assertNotEqual(done.stdout, "", kind)
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(json.load(file)["kind"], kind)

    def test_a_file_that_cannot_be_written_is_3(self):
        for _, words in self.CASES:
            done = tlswhy(*words, "--json", "/nonexistent/report.json")
            self.assertEqual((done.returncode, "/nonexistent/report.json" in done.stderr), (3, True), words)


class Completion(unittest.TestCase):
    def complete(self, *words):
        """What bash offers for the last of `words`."""
        script = f"""PATH={os.path.dirname(TLSWHY)}:$PATH; . {SOURCE}/packaging/completions/tlswhy.bash
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tlswhy; printf '%s\\n' "${{COMPREPLY[@]}}\""""
        done = subprocess.run(["bash", "-c", script, "bash", "tlswhy", *words], capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_commands_options_and_values(self):
        self.assertIn("stores", self.complete("st"))
        self.assertEqual(self.complete("stores", "--ch"), ["--chain"])
        self.assertEqual(self.complete("fix", "env", "--format", "sys"), ["systemd"])
        self.assertEqual(self.complete("run", "--color", "ne"), ["never"])
        self.assertIn("TW101", self.complete("explain", "TW1"))
        self.assertIn("curl", self.complete("stores", "--as", "cu"))
        self.assertEqual(self.complete("lab", "ex"), ["exec"])
        self.assertEqual(self.complete("lab", "exec", "--t"), ["--tls"])
        self.assertIn("/etc/passwd", self.complete("pcap", "--keylog", "/etc/pass"))
        self.assertIn("/etc/passwd", self.complete("scan", "/etc/pass"))

    def test_the_table_has_every_option_that_the_help_has(self):
        for name in [line.split("\t")[0] for line in tlswhy("--describe-options").stdout.splitlines()]:
            described = set(re.findall(r"^option\t(--[a-z-]+)\t", tlswhy(name, "--describe-options").stdout, re.M))
            listed = set(re.findall(r"^ +(?:-h,)?(--[a-z-]+)", tlswhy(name, "--help").stdout, re.M)) - {"--help"}
            self.assertLessEqual(listed, described, name)


class Schema(unittest.TestCase):
    def test_a_real_report_fits_the_schema(self):
        import jsonschema
        with open(os.path.join(SOURCE, "docs/schema/tlswhy-1.json"), encoding="utf-8") as file:
            schema = json.load(file)
        done = lab("origin", TLSWHY, "run", "--json", "-", "--", f"{BUNDLE}/scriptengine", "invoke", "/opt/functions/sdk.py", "--event",
                   '{"url": "wss://speech.origin.test/"}')
        told = json.loads(done.stdout.split('"started"\n', 1)[1])
        jsonschema.validate(told, schema)
        del told["outcome"]
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(told, schema)


if __name__ == "__main__":
    unittest.main()
