"""`tlswhy stores --as`: what stacks would read, and make of a chain."""
import json
import os
import subprocess
import tempfile
import unittest

import jsonschema

from support import SOURCE
from test_commands import tlswhy


class StoresOfAStack(unittest.TestCase):
    def look(self, *words, **env):
        done = tlswhy("stores", *words, "--json", "-", env={**os.environ, **env})
        return done.returncode, json.loads(done.stdout)["stacks"][0] if done.returncode < 2 else done.stderr

    def test_sources_in_order(self):
        code, stack = self.look("--as", "curl", SSL_CERT_FILE="/nowhere/own.pem")
        self.assertEqual((code, stack["verdict"]), (1, "refused"))
        self.assertEqual([(one["variable"], one["status"]) for one in stack["sources"]], [("SSL_CERT_FILE", "missing"), ("", "ok")])
        self.assertEqual(self.look("--as", "go")[0], 0)

    def test_every_name_that_stacks_lists_is_taken(self):
        for line in tlswhy("stacks").stdout.splitlines():
            if not line.startswith(" "):
                known = "recognised only" not in line
                self.assertEqual(self.look("--as", line.split()[0])[0] < 2, known, line)

    def test_a_chain_without_an_anchor(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=stranger", "-keyout", "k", "-out", "c.pem"],
                           cwd=folder, check=True, capture_output=True)
            self.assertEqual(self.look("--as", "python@3.11+openssl@3.0.17", "--chain", f"{folder}/c.pem")[1]["verdict"], "18")
            self.assertEqual(self.look("--as", "gnutls", "--chain", f"{folder}/c.pem")[1]["verdict"], "untrusted")

    def pki(self, folder):
        """leaf.pem for leaf.test and 127.0.0.1, signed by root.pem; both of today for ten days."""
        with open(f"{folder}/names", "w", encoding="ascii") as file:
            file.write("subjectAltName=DNS:leaf.test,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n")
        new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for command in ([*new, "-x509", "-subj", "/CN=root", "-days", "10", "-keyout", "root.key", "-out", "root.pem", "-addext", "keyUsage=critical,keyCertSign"],
                        [*new, "-subj", "/CN=leaf", "-keyout", "leaf.key", "-out", "leaf.csr"],
                        ["openssl", "x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "10", "-extfile", "names", "-out", "leaf.pem"]):
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return ["--chain", f"{folder}/leaf.pem", "--anchors", f"{folder}/root.pem"]

    def test_anchors_instead_of_the_stacks_own(self):
        with tempfile.TemporaryDirectory() as folder:
            words = self.pki(folder)
            for stack in ("openssl", "curl", "go", "java", "mbedtls", "nss", "wolfssl", "mysql", "webpki-roots"):
                code, told = self.look("--as", stack, *words)
                self.assertEqual((code, told["verdict"]), (0, "ok"), stack)
                self.assertEqual([(one["kind"], one["path"], one["anchors"]) for one in told["sources"]], [("explicit", f"{folder}/root.pem", 1)], stack)
                self.assertEqual(told["verdict_details"], {"reason": "accepted", "depth": 0, "certificate": "", "path": ["CN=leaf", "CN=root"]}, stack)
            self.assertEqual(self.look("--as", "curl", *words, SSL_CERT_FILE="/nowhere/own.pem")[1]["verdict"], "ok")  # no variable names another
            self.assertEqual(self.look("--as", "curl", *words[:2])[1]["verdict"], "20")
            with open(f"{folder}/leaf.pem", "a", encoding="ascii") as file:
                file.write("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
            self.assertIn("a certificate that can't be read", self.look("--as", "go", *words)[1])

    def test_the_time_of_validation(self):
        with tempfile.TemporaryDirectory() as folder:
            words = ["--as", "openssl", *self.pki(folder)]
            for at, verdict, reason in (("2020-01-01T00:00:00Z", "9", "not_yet_valid"), ("2099-01-01T01:00:00.5+01:00", "10", "expired")):
                told = self.look(*words, "--at", at)[1]
                self.assertEqual((told["verdict"], told["verdict_details"]["reason"]), (verdict, reason))
            for at in ("yesterday", "2026-01-01", "1969-01-01T00:00:00Z"):
                code, said = self.look(*words, "--at", at)
                self.assertEqual((code, "is no time after 1970 as RFC 3339 writes it" in said), (2, True), at)

    def test_reason_depth_certificate_and_path(self):
        with tempfile.TemporaryDirectory() as folder:
            words = self.pki(folder)
            for stack, verdict in (("openssl", "20"), ("go", "untrusted")):
                told = self.look("--as", stack, *words[:2])[1]
                self.assertEqual((told["verdict"], told["verdict_details"]), (verdict, {"reason": "no_issuer", "depth": 0, "certificate": "CN=leaf", "path": ["CN=leaf"]}))
                self.assertIn("  x 0 CN=leaf\n", tlswhy("stores", "--plain", "--as", stack, *words[:2]).stdout)
            text = tlswhy("stores", "--plain", "--as", "go", *words, "--servername", "other.test").stdout
            self.assertIn("it would not trust this chain: the certificate is for another name\n  x 0 CN=leaf\n    1 CN=root\n", text)

    def test_whose_variables_count(self):
        with tempfile.TemporaryDirectory() as root:
            for name, content in (("lines", b"# of a unit\n\nSSL_CERT_FILE=/of/lines\n"), ("environ", b"SSL_CERT_FILE=/of/environ\0HOME=/\0"), ("bad", b"A=1\nexport\n")):
                with open(f"{root}/{name}", "wb") as file:
                    file.write(content)
            for words, seen in ((["--root", root], []), (["--root", root, "--keep-env"], ["/ours"]), ([], ["/ours"]), (["--env-file", f"{root}/lines"], ["/of/lines"]),
                                (["--root", root, "--env-file", f"{root}/environ"], ["/of/environ"]), (["--env-file", f"{root}/environ", "--keep-env"], ["/of/environ"])):
                told = self.look("--as", "openssl", *words, SSL_CERT_FILE="/ours")[1]
                self.assertEqual([one["path"] for one in told["sources"] if one["variable"] == "SSL_CERT_FILE"], seen, words)
            with open(f"{root}/environ", "wb") as file:
                file.write(b"HOME=/\0")
            directories = [one["variable"] for one in self.look("--as", "openssl", "--env-file", f"{root}/environ", "--keep-env", SSL_CERT_DIR="/ours")[1]["sources"]]
            self.assertIn("SSL_CERT_DIR", directories)
            self.assertIn("bad: line 2 is not NAME=VALUE", self.look("--as", "openssl", "--env-file", f"{root}/bad")[1])
            self.assertEqual(self.look("--as", "openssl", "--env-file", "/nonexistent")[0], 3)
            self.assertRegex(self.look("--as", "openssl", "--env-file", root)[1], f"{root}: can't read.*EISDIR|{root}.*directory")

    def test_one_that_verifies_nothing_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            words = self.pki(folder)
            for more in ([], words[:2]):
                code, told = self.look("--as", "mysql", *more)
                self.assertEqual((code, told["verdict"]), (1, "unverified"))
                self.assertIn("it verifies nothing", tlswhy("stores", "--as", "mysql", *more).stdout)
            self.assertEqual(self.look("--as", f"mysql+store@{folder}/root.pem", *words[:2])[1]["verdict"], "ok")

    def test_every_stack_in_one_call(self):
        known = [line.split()[0] for line in tlswhy("stacks").stdout.splitlines() if not line.startswith(" ") and "recognised only" not in line]
        with tempfile.TemporaryDirectory() as folder:
            words = self.pki(folder)
            report = json.loads(tlswhy("stores", "--as", "all", *words[:2], "--json", "-").stdout)
            with open(os.path.join(SOURCE, "docs/schema/tlswhy-1.json"), encoding="utf-8") as file:
                jsonschema.validate(report, json.load(file))
            told = report["stacks"]
            self.assertEqual(sorted(one["model"] for one in told), sorted(known))
            self.assertLessEqual({"20", "untrusted", "unverified"}, {one["verdict"] for one in told})
            text = tlswhy("stores", "--plain", "--as", "all", *words[:2]).stdout
            self.assertRegex(text, r"\Astack +verdict +why\n")
            self.assertRegex(text, r"\ngo +untrusted +no issuer of a certificate is found \(depth 0, CN=leaf\)\n")
            self.assertRegex(text, r"\nverify nothing \(1\): mysql\nwould not, unless by roots compiled into them \(\d+\): .*\bwebpki-roots\b.*\nwould not \(\d+\): .*\bgo\b")
            done = tlswhy("stores", "--plain", "--as", "openssl@1.1.1", "--as", "go", *words)
            self.assertEqual(done.returncode, 0)
            self.assertTrue(done.stdout.endswith("openssl@1.1.1  ok\ngo             ok\n\nwould trust this chain (2): openssl@1.1.1, go\n"), done.stdout)
        self.assertRegex(tlswhy("stores", "--plain", "--as", "openssl", "--as", "go").stdout, r"\Aopenssl\n  .*\n(  .*\n)+go\n  ")

    def test_what_no_model_looks_at_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            for extension, said in (("policyConstraints=requireExplicitPolicy:0", "the policy constraints of"), ("tlsfeature=status_request", "demands an OCSP answer"),
                                    ("subjectAltName=DNS:under_score.test", "has an underscore in a DNS name"), ("keyUsage=keyCertSign", None)):
                subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=odd", "-addext", extension,
                                "-keyout", "k", "-out", "c.pem"], cwd=folder, check=True, capture_output=True)
                told = tlswhy("stores", "--as", "go", "--chain", f"{folder}/c.pem").stdout
                self.assertIn(said or "", told)
                self.assertEqual("Not looked at" in told, said is not None, told)

    def test_mistakes(self):
        self.assertEqual(self.look("--as", "nonsense")[0], 2)
        self.assertEqual(self.look("--as", "electron")[0], 3)
        self.assertEqual(self.look("--as", "go", "--chain", "/nonexistent")[0], 3)
