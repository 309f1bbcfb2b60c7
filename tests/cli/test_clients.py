"""Real clients x TLS version x what is wrong: what `tlswhy run` saw is what the client says itself and what its server got.

The clients are those that this machine has; a missing one is a skipped test, never a passed one.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import unittest

from authority import WithAuthority, hesitant
from support import SOURCE, TLSWHY, TRACEES, tlswhy

CLIENTS = f"{SOURCE}/tests/clients"
BUNDLE = f"{SOURCE}/build/lab/bundle"
CASES = ("ok", "unknown_ca", "expired", "wrong_host")
OPENSSL = {"unknown_ca": {2, 18, 19, 20, 21}, "expired": {10}, "wrong_host": {62}}
# Bits of gnutls_certificate_status_t.
GNUTLS = {"unknown_ca": 1 << 6, "expired": 1 << 10, "wrong_host": 1 << 14}
GO = {"unknown_ca": "x509.UnknownAuthorityError", "expired": "x509.CertificateInvalidError (Expired)", "wrong_host": "x509.HostnameError"}
# What each client says of it, in its own words.
WORDS = {
    "openssl": {"unknown_ca": "certificate verify failed", "expired": "certificate verify failed", "wrong_host": "certificate verify failed"},
    "python": {"unknown_ca": "unable to get local issuer", "expired": "certificate has expired", "wrong_host": "Hostname mismatch"},
    "node": {"unknown_ca": "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "expired": "CERT_HAS_EXPIRED", "wrong_host": "ERR_TLS_CERT_ALTNAME_INVALID"},
    "curl": {"unknown_ca": "unable to get local issuer", "expired": "certificate has expired", "wrong_host": "subject name"},
    "gnutls": {"unknown_ca": "issuer is unknown", "expired": "expired", "wrong_host": "does not match"},
    "wget": {"unknown_ca": "have a known issuer", "expired": "has expired", "wrong_host": "does not match"},
    "git": {"unknown_ca": "verification failed", "expired": "verification failed", "wrong_host": "does not match"},
    "go": {"unknown_ca": "unknown authority", "expired": "has expired", "wrong_host": "not localhost"},
    "java": {"unknown_ca": "PKIX path building failed", "expired": "CertificateExpiredException", "wrong_host": "No subject alternative DNS name"},
}


REASONS = {"ok": "accepted", "unknown_ca": "no_issuer", "expired": "expired", "wrong_host": "name"}


class Clients(WithAuthority):
    def need(self, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not on this machine")

    def watch(self, command, env):
        return tlswhy("run", "--no-probe", "--", *command, env={**os.environ, **env}, timeout=60, cwd=self.folder.name)

    def matrix(self, words, command, env, check, chain=True, name="localhost", loads=frozenset(), stack="OpenSSL", model="openssl", reasons=REASONS):
        """`command(url)`, run in `env`, for every case and version; `check(shake, case)` looks at the handshake;
        `loads`: files that it must be seen to load anchors from; `stack`: what verifies, `model`: whose places count."""
        for version in ("1.2", "1.3"):
            for case in CASES:
                with self.subTest(version=version, case=case), self.authority.server(case, version) as server:
                    done, report = self.watch(command(server), env)
                    [shake] = report["handshakes"]
                    self.assertEqual((shake["version"], shake["servername"]), (f"TLSv{version}", name))
                    self.assertEqual(shake["result"], "ok" if case == "ok" else "failed", report["unseen"])
                    if chain or version == "1.2":
                        self.assertEqual([one["sha256"] for one in shake["chain"]], [self.authority.sha256(case)])
                    if case != "ok":
                        self.assertIn(WORDS[words][case], done.stdout + done.stderr)
                        self.assertEqual(report["outcome"], "failed")
                    check(shake, case)
                    self.told(report, shake, case, stack, model, reasons)
                    self.assertTrue(loads <= self.calls(report), report["trust_calls"])
                    self.alerts(server, shake, case)

    def told(self, report, shake, case, stack, model, reasons=REASONS):
        """The stack that verified, the one whose places count, and why: of the verdict, or of the alert where the verdict is not seen."""
        self.assertIn(shake["reason"], reasons[case] if isinstance(reasons[case], tuple) else (reasons[case],))
        if shake["verify"]:
            self.assertEqual(shake["verify"]["reason"], shake["reason"])
        if case == "ok":
            return  # a run in which all went well is not looked into
        self.assertEqual(re.match(r"[A-Za-z/ .]*[A-Za-z]", shake["stack"]).group(), stack)
        self.assertEqual(report["stacks"][shake["stack_index"]]["model"] if shake["stack_index"] >= 0 else None, model)

    def sends_issuer(self, what, command):
        """A chain of two, encrypted: its order is that in which it was sent."""
        for case, issuer in (("ok", "root"), ("wrong_host", "root"), ("unknown_ca", "other")):
            with self.subTest(what=what, case=case, issuer=issuer), self.authority.server(case, "1.3", issuer) as server:
                [shake] = self.watch(command(server), {})[1]["handshakes"]
                self.assertEqual([one["sha256"] for one in shake["chain"]], [self.authority.sha256(case), self.authority.sha256(issuer)])

    def calls(self, report):
        """The files that stores were loaded from, as the library was asked to."""
        return {argument for call in report["trust_calls"] for argument in call["arguments"]}

    def alerts(self, server, shake, case):
        alert = shake["alert"]
        if case == "ok":
            return self.assertIsNone(alert)
        got = server.alert(2 if alert else 0.2)
        if alert and alert["code"] is not None:
            self.assertEqual((alert["sender"], alert["code"]), ("client", got))
        elif alert:
            # Encrypted, and said to be so. Behind a Finished of TLS 1.2 it may be a close_notify, which the server does not print.
            self.assertTrue(got is not None or shake["version"] == "TLSv1.2")
        else:
            self.assertIsNone(got)

    def openssl_check(self, shake, case):
        self.assertIn(shake["verify"]["code"], OPENSSL.get(case, {0}))
        # The name is the client's own affair in some: then the verdict is ours.
        self.assertIn(shake["verify"]["seen_by"], ("process", "model") if case == "wrong_host" else ("process",))
        self.assertGreaterEqual(shake["anchors_loaded"], 1)

    def python_check(self, shake, case):
        self.openssl_check(shake, case)
        self.assertEqual(shake["expected_name"], "localhost")

    def gnutls_check(self, shake, case):
        # Encrypted on the wire in TLS 1.3: known from the call that sends it.
        self.assertFalse(shake["alert"] and shake["alert"]["encrypted"])
        code, by = shake["verify"]["code"], shake["verify"]["seen_by"]
        if by == "model":
            self.assertEqual((case, code), ("wrong_host", 62))
        else:
            self.assertTrue(code & GNUTLS[case] if case != "ok" else code == 0, code)

    def go_check(self, shake, case):
        self.assertEqual(shake["verify"]["text"], GO.get(case, ""))
        self.assertFalse(shake["alert"] and shake["alert"]["encrypted"])
        self.assertEqual(shake["alert"] is not None, case != "ok")

    def java_check(self, shake, case):
        # JSSE runs as bytecode: its verdict can't be seen, its alert can.
        self.assertEqual(shake["alert"] is not None, case != "ok")

    def test_openssl(self):
        words = ["openssl", "s_client", "-servername", "localhost", "-verify_return_error", "-verify_hostname", "localhost", "-CAfile", self.root]
        self.matrix("openssl", lambda server: [*words, "-connect", f"localhost:{server.port}"], {}, self.openssl_check)

    def test_openssl_35(self):
        """Debian trixie's, through its own loader and C library: the program is ld.so, the library is found all the same."""
        libraries = f"{SOURCE}/build/lab/trixie/usr/lib/x86_64-linux-gnu"
        if not os.path.exists(libraries):
            self.skipTest("the lab has no OpenSSL 3.5 here")
        words = [f"{libraries}/ld-linux-x86-64.so.2", "--library-path", libraries, f"{SOURCE}/build/lab/trixie/usr/bin/openssl", "s_client", "-servername", "localhost",
                 "-verify_return_error", "-verify_hostname", "localhost", "-CAfile", self.root]
        self.matrix("openssl", lambda server: [*words, "-connect", f"localhost:{server.port}"], {}, self.openssl_check)

    def test_python_3_with_the_system_openssl(self):
        self.matrix("python", lambda server: ["/usr/bin/python3", f"{CLIENTS}/client.py", server.url], {"SSL_CERT_FILE": self.root}, self.python_check)

    def test_a_store_that_the_program_fills(self):
        """Certificates that it adds are counted; those that OpenSSL adds while it loads a store, or verifies with a hashed directory, are not."""
        script = ("import ssl, sys, urllib.request as r\ncontext = ssl.create_default_context(%s)\n"
                  "for _ in range(2): print(r.urlopen(sys.argv[1], context=context).status)")
        hashed = self.path("hashed")
        os.mkdir(hashed)
        shutil.copy(self.root, hashed)
        subprocess.run(["openssl", "rehash", hashed], check=True)
        with self.authority.server("ok", "1.3") as server:
            for where, added in ((f"cadata=open('{self.root}').read()", [["1 certificate"]]), (f"cafile='{self.root}'", []), (f"capath='{hashed}'", [])):
                with self.subTest(where=where):
                    done, report = self.watch(["/usr/bin/python3", "-c", script % where, server.url], {})
                    self.assertEqual(done.stdout, "200\n200\n")
                    self.assertEqual([call["arguments"] for call in report["trust_calls"] if call["call"] == "X509_STORE_add_cert"], added)

    def test_python_39_with_openssl_111(self):
        library = f"{BUNDLE}/libpython3.9.so.1.0"
        if not os.path.exists(library):
            self.skipTest("the lab's bundle has no Python 3.9 here")
        engine = os.path.join(os.path.dirname(TLSWHY), "scriptengine")
        env = {"SSL_CERT_FILE": self.root, "PYTHONHOME": BUNDLE, "LD_LIBRARY_PATH": BUNDLE}
        self.matrix("python", lambda server: [engine, "invoke", "--python", library, f"{CLIENTS}/client.py", "--event", json.dumps({"url": server.url})], env,
                    self.python_check)

    def test_curl(self):
        self.matrix("curl", lambda server: ["curl", "-sS", "--cacert", self.root, server.url], {}, self.openssl_check, loads={self.root}, model="curl")

    def test_node(self):
        self.need("node")
        self.matrix("node", lambda server: ["node", f"{CLIENTS}/client.js", server.url], {"NODE_EXTRA_CA_CERTS": self.root}, self.openssl_check, model="node")

    def test_a_runtime_gets_nothing_of_our_environment(self):
        """It may run as another user than tlswhy."""
        self.need("node")
        seen, done = [], threading.Event()

        def look():
            while not done.is_set():
                for folder in pathlib.Path("/proc").glob("[0-9]*"):
                    with contextlib.suppress(OSError):
                        if b"const [address, port, name]" in (folder / "cmdline").read_bytes():
                            seen.append((folder / "environ").read_bytes())

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            with self.authority.server("wrong_host", "1.3") as server:
                _, report = tlswhy("run", "--", "node", f"{CLIENTS}/client.js", server.url, cwd=self.folder.name, timeout=60,
                                   env={**os.environ, "NODE_EXTRA_CA_CERTS": self.root, "TOKEN": "not for others"})
        finally:
            done.set()
            watcher.join()
        self.assertEqual((report["findings"][0]["certainty"], report["findings"][0]["proof"]["means"]), ("proven", "runtime"))
        asked = [one for one in seen if b"NODE_EXTRA_CA_CERTS" in one]
        self.assertTrue(asked)
        self.assertEqual([one for one in asked if b"TOKEN" in one], [])

    def test_gnutls(self):
        self.matrix("gnutls", lambda server: ["gnutls-cli", "--x509cafile", self.root, "-p", str(server.port), "localhost"], {}, self.gnutls_check, loads={self.root},
                    stack="GnuTLS", model="gnutls")

    def test_wget(self):
        self.need("wget")
        self.matrix("wget", lambda server: ["wget", "-nv", "-t1", "-O", "/dev/null", "--ca-certificate", self.root, server.url], {}, self.gnutls_check, loads={self.root},
                    stack="GnuTLS", model="wget")

    def test_git(self):
        self.matrix("git", lambda server: ["git", "ls-remote", server.url], {"GIT_SSL_CAINFO": self.root}, self.gnutls_check, stack="GnuTLS", model="git")

    def test_wolfssl(self):
        codes = {"unknown_ca": {-188, -275}, "expired": {-151}, "wrong_host": {-322}}
        WORDS["wolfssl"] = {case: "error -" for case in CASES}

        def check(shake, case):
            self.assertIn(shake["verify"]["code"], codes.get(case, {0}))
            self.assertRegex(shake["stack"], r"^wolfSSL [0-9.]+$")
            self.assertEqual(shake["verify"]["seen_by"], "process")

        def command(server):
            return [f"{TRACEES}/tracee_wolfssl", str(server.port), self.root]

        # One that is its own issuer has a number of its own here.
        self.matrix("wolfssl", command, {}, check, loads={self.root}, stack="wolfSSL", model="wolfssl", reasons={**REASONS, "unknown_ca": ("no_issuer", "self_signed")})
        self.sends_issuer("wolfssl", command)
        with self.authority.server("unknown_ca", "1.3") as server:
            [shake] = self.watch([*command(server), "careless"], {})[1]["handshakes"]
            self.assertEqual((shake["result"], shake["verify"]), ("ok", None))  # success says nothing of the chain then
        with self.authority.server("ok", "1.3") as server:
            [shake] = self.watch([*command(server), "forks"], {})[1]["handshakes"]
            check(shake, "ok")
        with self.authority.server("ok", "1.3", "root") as good, self.authority.server("wrong_host", "1.3", "root") as bad, \
                hesitant(good.port) as first, hesitant(bad.port) as second:
            shakes = self.watch([f"{TRACEES}/tracee_wolfssl", str(first), self.root, "two", str(second)], {})[1]["handshakes"]
        for shake, case, code in zip(shakes, ("ok", "wrong_host"), (0, -322), strict=True):
            self.assertEqual(shake["verify"]["code"], code)
            self.assertEqual([one["sha256"] for one in shake["chain"]], [self.authority.sha256(case), self.authority.sha256("root")])

    def test_nss(self):
        self.need("tstclnt")
        base = self.path("nss")
        os.mkdir(base)
        subprocess.run(["certutil", "-N", "-d", f"sql:{base}", "--empty-password"], check=True)
        subprocess.run(["certutil", "-A", "-d", f"sql:{base}", "-n", "root", "-t", "C,,", "-i", self.root], check=True)
        with open(self.path("request"), "w", encoding="ascii") as file:
            file.write("GET / HTTP/1.0\r\n\r\n")
        said = {"ok": (0, ""), "unknown_ca": (-8179, "the issuer is not known"), "expired": (-8181, "expired"), "wrong_host": (-12276, "the name does not match")}
        WORDS["nss"] = {"unknown_ca": "SEC_ERROR_UNKNOWN_ISSUER", "expired": "SEC_ERROR_EXPIRED_CERTIFICATE", "wrong_host": "SSL_ERROR_BAD_CERT_DOMAIN"}

        def check(shake, case):
            self.assertEqual((shake["verify"]["code"], shake["verify"]["text"], shake["verify"]["seen_by"]), (*said[case], "process"))

        def command(server):
            return ["tstclnt", "-4", "-d", f"sql:{base}", "-h", "localhost", "-p", str(server.port), "-A", self.path("request")]

        # What it sends under TLS 1.3 is encrypted: the sender is known, the code is the server's to tell.
        self.matrix("nss", command, {}, check, stack="NSS", model="nss")
        self.sends_issuer("nss", command)

    def test_a_key_log_shows_what_is_encrypted(self):
        """GnuTLS without its breakpoints would show neither chain nor alert under TLS 1.3; the wire with the secrets does."""
        command = ["gnutls-cli", "--x509cafile", self.root, "localhost", "-p"]
        with self.authority.server("unknown_ca", "1.3") as server:
            _, without = tlswhy("run", "--no-probe", "--", *command, str(server.port))
            before = set(os.listdir(self.folder.name))
            done, report = tlswhy("run", "--no-probe", "--keylog", "auto", "--", *command, str(server.port), cwd=self.folder.name)
            self.assertEqual(set(os.listdir(self.folder.name)), before)  # nothing is left behind
        self.assertEqual(without["handshakes"][0]["chain_from"], "process")
        [shake] = report["handshakes"]
        self.assertEqual((shake["chain_from"], shake["alert"]["code"], shake["chain"][0]["sha256"]), ("wire", 42, self.authority.sha256("unknown_ca")))
        self.assertNotIn("TRAFFIC_SECRET", json.dumps(report) + done.stderr)
        self.assertNotIn("SSLKEYLOGFILE", tlswhy("run", "--", "env")[0].stdout)  # off unless asked for
        self.assertIn("SSLKEYLOGFILE", tlswhy("run", "--keylog", "auto", "--", "env")[0].stdout)

    def test_mbedtls(self):
        """TLS 1.2 only (mbedTLS 2.28). Flags of mbedtls/x509.h."""
        flags = {"ok": 0, "unknown_ca": 8, "expired": 1, "wrong_host": 4}
        for case in CASES:
            with self.subTest(case=case), self.authority.server(case, "1.2") as server:
                done, report = self.watch([f"{TRACEES}/tracee_mbedtls", str(server.port), self.root], {})
                [shake] = report["handshakes"]
                self.assertEqual((shake["verify"]["code"], shake["verify"]["seen_by"]), (flags[case], "process"))
                self.assertEqual(done.stdout.split()[1], str(flags[case]))
                self.assertEqual((shake["result"], len(shake["chain"])), ("ok" if case == "ok" else "failed", 1))
                self.alerts(server, shake, case)
                self.told(report, shake, case, "mbedTLS", "mbedtls")

    def test_go(self):
        self.need("go")
        for name, flags in (("client", []), ("stripped", ["-ldflags=-s -w"])):
            subprocess.run(["go", "build", *flags, "-o", self.path(name), f"{CLIENTS}/client.go"], check=True, cwd=self.folder.name,
                           env={**os.environ, "GOFLAGS": "", "GO111MODULE": "off", "GOCACHE": self.path("gocache"), "GOTOOLCHAIN": "local"})
            self.matrix("go", lambda server, name=name: [self.path(name), server.url], {"SSL_CERT_FILE": self.root}, self.go_check, stack="Go crypto/x", model="go")

    def test_java(self):
        self.need("javac")
        subprocess.run(["javac", "-d", self.folder.name, f"{CLIENTS}/Client.java"], check=True)
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "root", "-file", self.root, "-keystore", self.path("trust"), "-storepass", "changeit"],
                       check=True, capture_output=True)
        words = ["java", "-cp", self.folder.name, f"-Djavax.net.ssl.trustStore={self.path('trust')}", "-Djavax.net.ssl.trustStorePassword=changeit", "Client"]
        # The verdict is not seen: all that is known is the alert, certificate_unknown or certificate_expired, and under TLS 1.3 not even
        # that. Where the chain is known the model completes it. No SNI for names without a dot.
        reasons = {case: ("other", "", REASONS[case]) for case in CASES}
        self.matrix("java", lambda server: [*words, server.url], {}, self.java_check, chain=False, name="", stack="Java", model="java", reasons=reasons)


if __name__ == "__main__":
    unittest.main()
