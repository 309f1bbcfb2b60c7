"""A refusal is one that the client enforced: real programs that verify and do not care, that leave without a word, or that the server refuses."""
import contextlib
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading
import unittest

from authority import WithAuthority
from support import SOURCE, TRACEES, tlswhy

CLIENTS = f"{SOURCE}/tests/clients"
# A client in Python: what it does with a connection, and how it ends. argv: port, what, exit status.
PYTHON = """
import socket, ssl, sys
context = ssl._create_unverified_context()
context.load_default_certs()
for _ in range(int(sys.argv[4]) if len(sys.argv) > 4 else 1):
    with socket.create_connection(("localhost", int(sys.argv[1]))) as plain:
        if sys.argv[2] == "silent":
            continue
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            if sys.argv[2] == "ask":
                tls.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
                tls.recv(100)
sys.exit(int(sys.argv[3]))
"""
PERL = "use IO::Socket::SSL; my $s = IO::Socket::SSL->new(PeerAddr => 'localhost', PeerPort => $ARGV[0], SSL_verify_mode => 0) or die $SSL_ERROR; print $s \"GET / HTTP/1.0\\r\\n\\r\\n\"; print <$s>;"
PHP = "exit(file_get_contents($argv[1], false, stream_context_create(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]])) === false ? 1 : 0);"
RUBY = "require 'net/http'; u = URI(ARGV[0]); Net::HTTP.start(u.host, u.port, use_ssl: true, verify_mode: OpenSSL::SSL::VERIFY_NONE) { |h| puts h.get('/').code }"
NODE = "require('https').get(process.argv[1], {rejectUnauthorized: false}, a => { console.log(a.statusCode); a.resume(); })"
NODE_REFUSES = "require('https').get(process.argv[1]).on('error', e => { console.log(e.code); process.exit(1); })"


def foreign_openssl(folder):
    """A copy of this machine's libcrypto as if it were built for a directory that is not here, of the same length."""
    at = next(pathlib.Path("/usr/lib").glob("*/libcrypto.so.3"))
    where = pathlib.Path(folder) / "foreign"
    where.mkdir(exist_ok=True)
    (where / at.name).write_bytes(at.read_bytes().replace(b"/usr/lib/ssl", b"/opt/not/ssl"))
    return str(where)


class Case(WithAuthority):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls.path(cls, "request")
        pathlib.Path(cls.request).write_text("GET / HTTP/1.0\r\n\r\n", encoding="ascii")

    def need(self, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not on this machine")

    def watch(self, command, env=None, options=("--no-probe",), stdin=None):
        with open(stdin or os.devnull, "rb") as file:
            return tlswhy("run", *options, "--", *command, env={**os.environ, **(env or {})}, timeout=60, cwd=self.folder.name, stdin=file)

    def no_alarm(self, done, report, status=0):
        self.assertEqual((done.returncode, report["outcome"], report["findings"]), (status, "ok", []), done.stderr)
        self.assertIn("OK", done.stderr)
        self.assertNotIn("FAILED", done.stderr)


class NotEnforced(Case):
    """Verification that fails, and that nobody asked for: the answer arrives, so nothing is wrong."""

    def clients(self):
        """Name, command(server), environment, mode that is seen, standard input."""
        yield "curl", lambda server: ["curl", "-k", "-sS", server.url], {}, "none", None
        yield "curl, foreign", lambda server: ["curl", "-k", "-sS", server.url], {"LD_LIBRARY_PATH": foreign_openssl(self.folder.name)}, "none", None
        yield "python", lambda server: ["/usr/bin/python3", "-c", PYTHON, str(server.port), "ask", "0"], {}, "none", None
        yield "s_client", lambda server: ["openssl", "s_client", "-quiet", "-connect", f"localhost:{server.port}"], {}, "none", self.request
        yield "wget", lambda server: ["wget", "-q", "-O", "-", "--no-check-certificate", server.url], {}, "", None
        yield "gnutls-cli", lambda server: ["gnutls-cli", "--insecure", "-p", str(server.port), "localhost"], {}, "", self.request
        yield "node", lambda server: ["node", "-e", NODE, server.url], {}, "none", None
        yield "perl", lambda server: ["perl", "-e", PERL, str(server.port)], {}, "none", None
        yield "php", lambda server: ["php", "-r", PHP, server.url], {}, "none", None
        yield "ruby", lambda server: ["ruby", "-e", RUBY, server.url], {}, "none", None

    def test_the_answer_arrives(self):
        for name, command, env, mode, stdin in self.clients():
            for version in ("1.2", "1.3"):
                for case in ("unknown_ca", "expired", "ok"):
                    with self.subTest(client=name, version=version, case=case), self.authority.server(case, version) as server:
                        words = command(server)
                        if not shutil.which(words[0]):
                            continue
                        done, report = self.watch(words, env, stdin=stdin)
                        self.no_alarm(done, report)
                        [shake] = report["handshakes"]
                        self.assertEqual((shake["result"], shake["alert"]), ("ok", None))
                        self.assertTrue(shake["client_finished"] and shake["client_sent_data"] and not shake["unused"])
                        if shake["verify"]:
                            self.assertNotEqual(shake["verify"]["code"], 0)  # none of these has a store for it
                        if mode and shake["verify"]:
                            self.assertEqual(shake["verify_mode"], mode)
                        if "curl" in name:
                            self.assertIsNotNone(shake["verify"])

    def test_it_stays_a_refusal_where_it_is_enforced(self):
        """The same programs, told to verify."""
        for name, words, env in (("curl", ["curl", "-sS"], {}), ("curl, foreign", ["curl", "-sS"], {"LD_LIBRARY_PATH": foreign_openssl(self.folder.name)}),
                                 ("wget", ["wget", "-q", "-t1", "-O", "-"], {}), ("node", ["node", "-e", NODE_REFUSES], {})):
            for version in ("1.2", "1.3"):
                with self.subTest(client=name, version=version), self.authority.server("unknown_ca", version) as server:
                    if not shutil.which(words[0]):
                        continue
                    done, report = self.watch([*words, server.url], env)
                    [shake] = report["handshakes"]
                    self.assertNotEqual(done.returncode, 0)
                    self.assertEqual((report["outcome"], shake["result"], shake["client_sent_data"]), ("failed", "failed", False))
                    if "curl" in name:
                        self.assertEqual(shake["verify_mode"], "verify")

    def test_a_session_has_its_own_mode(self):
        """One context verifies and the other does not, in one process: each handshake has the mode of its own."""
        script = ("import socket, ssl, sys\n"
                  "for verify in (True, False):\n"
                  "  context = ssl.create_default_context() if verify else ssl._create_unverified_context()\n"
                  "  try:\n"
                  "    tls = context.wrap_socket(socket.create_connection(('localhost', int(sys.argv[1]))), server_hostname='localhost')\n"
                  "    tls.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n'); tls.recv(10)\n"
                  "  except ssl.SSLError as error: print(error.verify_code)\n")
        with self.authority.server("unknown_ca", "1.2") as server:
            done, report = self.watch(["/usr/bin/python3", "-c", script, str(server.port)])
        self.assertEqual(len(done.stdout.split()), 1)
        self.assertEqual([(one["verify_mode"], one["result"]) for one in report["handshakes"]], [("verify", "failed"), ("none", "ok")])

    def test_mbedtls_and_wolfssl(self):
        with self.authority.server("unknown_ca", "1.3") as server:
            done, report = self.watch([f"{TRACEES}/tracee_wolfssl", str(server.port), self.root, "careless"])
        self.assertEqual([one["result"] for one in report["handshakes"]], ["ok"], done.stderr)

    def test_a_look_and_no_more(self):
        """A certificate is fetched by a client that does not verify, and nothing is sent: no alarm, but said."""
        for version in ("1.2", "1.3"):
            for words in (["openssl", "s_client", "-connect"], ["gnutls-cli", "--insecure", "-p"]):
                with self.subTest(version=version, words=words), self.authority.server("unknown_ca", version) as server:
                    where = [f"localhost:{server.port}"] if words[0] == "openssl" else [str(server.port), "localhost"]
                    done, report = self.watch([*words, *where])
                    self.no_alarm(done, report)
                    self.assertTrue(report["handshakes"][0]["unused"])
                    self.assertTrue(any("not told to enforce" in line for line in report["unseen"]), report["unseen"])


class Unused(Case):
    """What was completed and then left."""

    def leave(self, version, what, status, times=1):
        with self.authority.server("ok", version) as server:
            return self.watch(["/usr/bin/python3", "-c", PYTHON, str(server.port), what, str(status), str(times)], {"SSL_CERT_FILE": self.root})

    def test_by_a_command_that_failed(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                done, report = self.leave(version, "leave", 3)
                [shake] = report["handshakes"]
                self.assertEqual((done.returncode, report["outcome"], shake["result"], shake["unused"], shake["ended_by"]), (3, "unknown", "ok", True, "client"))
                self.assertIn("it may have refused the peer by itself", report["unseen"][0])
                self.assertIn("UNKNOWN  1 TLS handshake completed, but the command sent nothing and failed", done.stderr)

    def test_a_connection_without_connect(self):
        """TCP Fast Open sends the ClientHello with the address, and calls no connect(2)."""
        script = ("import socket, ssl, sys\n"
                  "got, put = ssl.MemoryBIO(), ssl.MemoryBIO()\n"
                  "tls = ssl.create_default_context().wrap_bio(got, put, server_hostname='localhost')\n"
                  "plain, to = socket.socket(), ('127.0.0.1', int(sys.argv[1]))\n"
                  "begun = False\n"
                  "while True:\n"
                  "  try:\n"
                  "    tls.do_handshake()\n"
                  "    break\n"
                  "  except ssl.SSLWantReadError:\n"
                  "    hello = put.read()\n"
                  "    if not begun and sys.argv[2] == 'message': plain.sendmsg([hello], [], socket.MSG_FASTOPEN, to)\n"
                  "    elif not begun: plain.sendto(hello, socket.MSG_FASTOPEN, to)\n"
                  "    begun = True\n"
                  "    got.write(plain.recv(65536))\n")
        for call in ("message", "to"):
            with self.subTest(call=call), self.authority.server("unknown_ca", "1.2") as server:
                done, report = self.watch(["/usr/bin/python3", "-c", script, str(server.port), call])
                [shake] = report["handshakes"]
                self.assertEqual((report["outcome"], shake["peer"], shake["result"]), ("failed", f"127.0.0.1:{server.port}", "failed"), done.stderr)

    def test_by_a_command_that_succeeded(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.no_alarm(*self.leave(version, "leave", 0))

    def test_used_by_a_command_that_failed(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.no_alarm(*self.leave(version, "ask", 3), status=3)

    def test_it_is_said_once(self):
        _, report = self.leave("1.3", "leave", 3, times=3)
        lines = [line for line in report["unseen"] if "by itself" in line]
        self.assertEqual(len(lines), 1)
        self.assertIn("(3 times)", lines[0])

    def test_nothing_at_all_was_sent(self):
        done, report = self.leave("1.3", "silent", 3)
        self.assertEqual((done.returncode, report["outcome"]), (3, "unknown"))
        self.assertEqual(report["connections"][-1]["error"], "ENODATA")
        self.assertIn("sent nothing and failed", done.stderr)
        self.assertNotIn("clear text", done.stderr)
        self.assertEqual(self.leave("1.3", "silent", 0)[1]["outcome"], "no_tls")

    def test_a_key_that_does_not_fit(self):
        with self.authority.server("ok", "1.3") as server:
            done, report = self.watch(["curl", "-sS", "--cacert", self.root, "--cert", self.path("ok.pem"), "--key", self.path("other.key"), server.url])
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual((report["outcome"], report["findings"][0]["code"]), ("failed", "TW410"), done.stderr)
        self.assertNotIn("clear text", done.stderr)

    def test_a_store_that_can_not_be_loaded(self):
        with self.authority.server("ok", "1.3") as server:
            for words, env in ((["git", "ls-remote", server.url], {"GIT_SSL_CAINFO": "/nonexistent.pem"}), (["curl", "-sS", "--cacert", "/nonexistent.pem", server.url], {})):
                with self.subTest(words=words[0]):
                    done, report = self.watch(words, env)
                    self.assertNotEqual(done.returncode, 0)
                    self.assertIn(report["outcome"], ("unknown", "failed"), done.stderr)
                    self.assertNotIn("clear text", done.stderr)

    def test_clear_text_is_no_alarm(self):
        def answer(listener):
            with contextlib.suppress(OSError), listener.accept()[0] as client:
                client.recv(1 << 16)
                client.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=answer, args=(listener,), daemon=True).start()
            done, report = self.watch(["curl", "-sS", "-f", f"http://127.0.0.1:{listener.getsockname()[1]}/"])
        self.no_alarm(done, report, status=22)
        self.assertIn("1 connection in clear text", done.stderr)

    def test_a_connection_that_was_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        done, report = self.watch(["curl", "-sS", f"https://127.0.0.1:{port}/"])
        self.assertEqual((report["outcome"], report["connections"][0]["error"]), ("no_tls", "ECONNREFUSED"), done.stderr)


class Refused(Case):
    """The server's judgement of the client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority.client()

    def asking(self, version, issuer="client_root"):
        return self.authority.server("ok", version, extra=["-Verify", "4", "-verify_return_error", "-CAfile", f"{issuer}.pem"])

    def curl(self, server, certificate):
        return ["curl", "-sS", "--cacert", self.root, "--cert", self.path(f"{certificate}.pem"), "--key", self.path("client.key"), server.url]

    def test_a_client_certificate_without_its_issuer(self):
        """The library looks for the client's own chain as well: that says nothing of the server."""
        for env in ({}, {"LD_LIBRARY_PATH": foreign_openssl(self.folder.name)}):
            for version in ("1.2", "1.3"):
                with self.subTest(env=env, version=version), self.asking(version) as server:
                    done, report = self.watch(self.curl(server, "client"), env)
                    [shake] = report["handshakes"]
                    self.assertNotEqual(done.returncode, 0)
                    self.assertEqual((report["outcome"], [one["code"] for one in report["findings"]]), ("failed", ["TW409"]), done.stderr)
                    self.assertEqual((shake["result"], shake["alert"]["sender"], shake["alert"]["code"]), ("failed", "server", 48))
                    self.assertEqual((shake["verify"]["code"], shake["own_chain"]["code"], shake["ended"], shake["ended_by"]), (0, 20, "alert", "server"))
                    self.assertNotIn("a store of its own", done.stderr)

    def test_a_client_certificate_that_is_accepted(self):
        for version in ("1.2", "1.3"):
            for certificate, known in (("client_chain", "client_root"), ("client", "client_issuer")):
                extra = ["-partial_chain"] if known == "client_issuer" else []
                with self.subTest(version=version, certificate=certificate), \
                        self.authority.server("ok", version, extra=["-Verify", "4", "-verify_return_error", "-CAfile", f"{known}.pem", *extra]) as server:
                    done, report = self.watch(self.curl(server, certificate))
                    self.no_alarm(done, report)
                    self.assertEqual((report["handshakes"][0]["verify"]["code"], report["handshakes"][0]["result"]), (0, "ok"))

    def test_no_client_certificate(self):
        """TLS 1.3: the server says so after the client's Finished, encrypted; TLS 1.2: before it is done."""
        clients = {"curl": lambda server: ["curl", "-sS", "--cacert", self.root, server.url],
                   "python": lambda server: ["/usr/bin/python3", f"{CLIENTS}/client.py", server.url],
                   "gnutls-cli": lambda server: ["gnutls-cli", "--x509cafile", self.root, "-p", str(server.port), "localhost"],
                   "node": lambda server: ["node", f"{CLIENTS}/client.js", server.url],
                   "s_client": lambda server: ["openssl", "s_client", "-quiet", "-CAfile", self.root, "-connect", f"localhost:{server.port}"]}
        for name, command in clients.items():
            for version, code in (("1.2", 40), ("1.3", 116)):
                with self.subTest(client=name, version=version), self.asking(version) as server:
                    if not shutil.which(command(server)[0]):
                        continue
                    done, report = self.watch(command(server), {"SSL_CERT_FILE": self.root, "NODE_EXTRA_CA_CERTS": self.root}, stdin=self.request)
                    [shake] = report["handshakes"]
                    self.assertEqual((report["outcome"], shake["result"]), ("failed", "failed"), done.stderr)
                    self.assertEqual((shake["alert"]["sender"], shake["alert"]["code"]), ("server", code), shake)

    def test_no_client_certificate_where_the_alert_can_not_be_read(self):
        """Java's and NSS's: what the server says is one record as short as an alert."""
        self.need("javac")
        subprocess.run(["javac", "-d", self.folder.name, f"{CLIENTS}/Client.java"], check=True)
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "root", "-file", self.root, "-keystore", self.path("trust"), "-storepass", "changeit"],
                       check=True, capture_output=True)
        with self.asking("1.3") as server:
            done, report = self.watch(["java", "-cp", self.folder.name, f"-Djavax.net.ssl.trustStore={self.path('trust')}",
                                       "-Djavax.net.ssl.trustStorePassword=changeit", "Client", server.url])
        shake = report["handshakes"][-1]  # the JDK tries again
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual((report["outcome"], shake["result"], shake["alert"]["sender"], shake["alert"]["encrypted"]), ("failed", "failed", "server", True), shake)

    def test_go(self):
        self.need("go")
        subprocess.run(["go", "build", "-o", self.path("client"), f"{CLIENTS}/client.go"], check=True, cwd=self.folder.name,
                       env={**os.environ, "GOFLAGS": "", "GO111MODULE": "off", "GOCACHE": self.path("gocache"), "GOTOOLCHAIN": "local"})
        with self.asking("1.3") as server:
            _, report = self.watch([self.path("client"), server.url], {"SSL_CERT_FILE": self.root})
        [shake] = report["handshakes"]
        self.assertEqual((report["outcome"], shake["alert"]["sender"], shake["alert"]["code"]), ("failed", "server", 116), shake)


class Ended(Case):
    """Who ended a handshake that did not come to its end, and how."""

    def against(self, deed, words=("curl", "-sS", "--max-time", "3")):
        stop = threading.Event()

        def serve(listener):
            with contextlib.suppress(OSError), listener.accept()[0] as client:
                client.recv(1 << 16)
                deed(client)
                if deed is not self.closes and deed is not self.resets:
                    stop.wait(10)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=serve, args=(listener,), daemon=True).start()
            done, report = self.watch([*words, f"https://127.0.0.1:{listener.getsockname()[1]}/"])
        stop.set()
        self.assertEqual((report["outcome"], [one["code"] for one in report["findings"]]), ("failed", ["TW411"]), done.stderr)
        return done, report["handshakes"][0]

    @staticmethod
    def closes(client):
        client.close()

    @staticmethod
    def resets(client):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    @staticmethod
    def waits(client):
        pass

    def test_by_the_server(self):
        for deed, ended, word in ((self.closes, "fin", "the server closed"), (self.resets, "reset", "the server reset")):
            with self.subTest(ended=ended):
                done, shake = self.against(deed)
                self.assertEqual((shake["ended"], shake["ended_by"], shake["result"]), (ended, "server", "failed"))
                self.assertIn(word, done.stderr)

    def test_by_the_client(self):
        done, shake = self.against(self.waits)
        self.assertEqual((shake["ended_by"], shake["client_finished"]), ("client", False), done.stderr)


class Sentences(Case):
    def python(self, setup, env, version="1.2"):
        script = f"import ssl, sys, urllib.request as r\nc = ssl.create_default_context({setup[0]})\n{setup[1]}\nr.urlopen(sys.argv[1], context=c)"
        with self.authority.server("ok", version) as server:
            return self.watch(["/usr/bin/python3", "-c", script, server.url], env)

    def test_a_store_of_its_own_is_said_of_one_that_was_loaded(self):
        """Another one has the anchor, which a variable names that the program has no use for."""
        done, report = self.python((f"cafile='{self.path('other.pem')}'", ""), {"SSL_CERT_FILE": self.root})
        self.assertEqual((report["outcome"], report["findings"][0]["code"]), ("failed", "TW203"))
        self.assertIn(f"it trusts {self.path('other.pem')}", done.stderr)
        self.assertIn("SSL_CERT_FILE names it, which this program does not read", done.stderr)

    def test_and_not_of_another_error(self):
        """CRLs are asked for and there are none."""
        done, report = self.python((f"cafile='{self.root}'", "c.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF"), {"SSL_CERT_FILE": self.root})
        self.assertEqual(report["handshakes"][0]["verify"]["code"], 3)
        self.assertNotIn("a store of its own", done.stderr)


if __name__ == "__main__":
    unittest.main()
