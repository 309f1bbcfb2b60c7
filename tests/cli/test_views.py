"""`tlswhy pcap`, `pid` and `host`: captures of real clients checked against tshark, processes of every state, servers of every kind."""
import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from authority import WithAuthority
from support import SOURCE, TLSWHY, tlswhy

CLIENT = f"{SOURCE}/tests/clients/client.py"


class Captures(WithAuthority):
    """Made here by real clients and servers on loopback; the key log stands beside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.geteuid() != 0 or not shutil.which("dumpcap"):
            raise unittest.SkipTest("capturing needs root and dumpcap")
        cls.file, cls.keys = os.path.join(cls.folder.name, "all.pcapng"), os.path.join(cls.folder.name, "keys")
        capture = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", "tcp", "-w", cls.file], stderr=subprocess.PIPE, text=True)
        capture.stderr.readline()
        time.sleep(0.5)
        env = {**os.environ, "SSLKEYLOGFILE": cls.keys, "SSL_CERT_FILE": cls.root}
        for version in ("1.2", "1.3"):
            for case in ("ok", "unknown_ca", "expired", "wrong_host"):
                with cls.authority.server(case, version) as server:
                    # From a port that tshark takes for EtherNet/IP's unless told otherwise: any client's may be such a one by chance.
                    curl = ["curl", "-4sS", "--local-port", "44818-44899", "--cacert", cls.root, server.url]
                    for command in (["/usr/bin/python3", CLIENT, server.url], curl,
                                    ["gnutls-cli", "--x509cafile", cls.root, "-p", str(server.port), "localhost"]):
                        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
        time.sleep(1)
        capture.send_signal(signal.SIGINT)
        capture.communicate(timeout=30)

    def tshark(self, file, *options):
        """stream → name, version and number of certificates, and the last alert, as tshark sees them."""
        fields = ["tcp.stream", "tls.handshake.extensions_server_name", "tls.handshake.type", "tls.handshake.version", "tls.handshake.extensions.supported_version",
                  "tls.alert_message.desc", "tls.handshake.certificate", "frame.number"]
        done = subprocess.run(["tshark", "-r", file, "-d", "tcp.port==1-65535,tls", *options, "-Y", "tls.handshake || tls.alert_message || tls.record",
                               "-T", "fields", "-E", "separator=|", *[word for field in fields for word in ("-e", field)]],
                              capture_output=True, text=True, check=True, timeout=120)
        streams = {}
        for line in done.stdout.splitlines():
            stream, name, types, version, supported, alert, certificates, _ = line.split("|")
            one = streams.setdefault(int(stream), {"name": "", "version": "", "alert": None, "chain": 0})
            kinds = types.split(",") if types else []
            if "1" in kinds:
                one["name"] = name
            if "2" in kinds:
                one["version"] = "TLSv1.3" if "0x0304" in supported else "TLSv1.2"
            if "11" in kinds and not one["chain"]:
                one["chain"] = len([each for each in certificates.split(",") if each])
            fatal = [int(each) for each in alert.split(",") if each and each != "0"]
            if fatal:
                one["alert"] = fatal[-1]
        return [streams[key] for key in sorted(streams) if streams[key]["name"] or streams[key]["version"]]

    def ours(self, report):
        return [{"name": shake["servername"], "version": shake["version"], "alert": shake["alert"] and shake["alert"]["code"], "chain": len(shake["chain"])}
                for shake in report["handshakes"]]

    def test_field_by_field_with_secrets(self):
        _, report = tlswhy("pcap", "--keylog", self.keys, self.file)
        theirs = self.tshark(self.file, "-o", f"tls.keylog_file:{self.keys}")
        self.assertEqual(len(theirs), 24)
        self.assertEqual(self.ours(report), theirs)

    def test_field_by_field_without(self):
        done, report = tlswhy("pcap", self.file)
        self.assertEqual(done.returncode, 1)  # there are failures in it
        self.assertEqual(self.ours(report), self.tshark(self.file))
        self.assertTrue(any("TLS 1.3" in line for line in report["unseen"]))

    def test_secrets_inside_the_capture(self):
        both = os.path.join(self.folder.name, "with-secrets.pcapng")
        subprocess.run(["editcap", "--inject-secrets", f"tls,{self.keys}", self.file, both], check=True)
        _, report = tlswhy("pcap", both)
        _, with_file = tlswhy("pcap", "--keylog", self.keys, self.file)
        self.assertEqual(self.ours(report), self.ours(with_file))

    def test_standard_input_and_the_old_format(self):
        old = os.path.join(self.folder.name, "old.pcap")
        subprocess.run(["editcap", "-F", "pcap", self.file, old], check=True)
        with open(old, "rb") as file:
            done = subprocess.run([TLSWHY, "pcap", "--plain", "-"], stdin=file, capture_output=True, text=True, timeout=60)
        self.assertIn("24 TLS handshakes, 1", done.stdout)

    def test_a_cut_capture_tells_what_came_before(self):
        with open(self.file, "rb") as file:
            data = file.read()
        cut = os.path.join(self.folder.name, "cut.pcapng")
        with open(cut, "wb") as file:
            file.write(data[:len(data) * 2 // 3 + 5])
        _, report = tlswhy("pcap", cut)
        self.assertGreater(len(report["handshakes"]), 5)
        self.assertTrue(any("after packet" in line for line in report["unseen"]), report["unseen"])

    def test_lost_and_reordered_packets(self):
        """Every third packet left out: nothing crashes and nothing is claimed that tshark does not see in the whole."""
        whole = {(one["name"], one["version"], one["alert"]) for one in self.tshark(self.file, "-o", f"tls.keylog_file:{self.keys}")}
        for keep in ("1", "2"):
            broken = os.path.join(self.folder.name, f"broken{keep}.pcapng")
            count = int(subprocess.run(["capinfos", "-Mc", "-T", "-r", "-m", self.file], capture_output=True, text=True, check=True).stdout.split(",")[1])
            drop = [str(number) for number in range(int(keep), count, 3)]
            subprocess.run(["editcap", self.file, broken, *drop[:500]], check=True)
            _, report = tlswhy("pcap", "--keylog", self.keys, broken)
            for shake in report["handshakes"]:
                if shake["alert"] and shake["alert"]["code"] is not None:
                    self.assertTrue(any((name, code) == (shake["servername"], shake["alert"]["code"]) and shake["version"] in ("", version)
                                        for name, version, code in whole), shake)

    def test_as_a_program(self):
        _, report = tlswhy("pcap", "--as", "/usr/bin/curl", "--keylog", self.keys, self.file, env={**os.environ, "SSL_CERT_FILE": self.root})
        by_leaf = {}
        for shake in report["handshakes"]:
            by_leaf.setdefault(shake["alert"] and shake["alert"]["code"], set()).add(shake["verify"]["code"])
        self.assertTrue(by_leaf[48] <= {2, 18, 19, 20, 21}, by_leaf)
        self.assertTrue(by_leaf[45] == {10}, by_leaf)

    def test_no_capture_and_no_file(self):
        self.assertEqual(subprocess.run([TLSWHY, "pcap", self.root], capture_output=True).returncode, 3)
        done = subprocess.run([TLSWHY, "pcap", "/nonexistent"], capture_output=True, text=True)
        self.assertEqual((done.returncode, "/nonexistent" in done.stderr), (3, True))


class Processes(WithAuthority):
    def start(self, *words, **kwargs):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **kwargs)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        return process

    def python(self, code="pass", **env):
        process = self.start("/usr/bin/python3", "-c", f"import ssl,sys,time\n{code}\nprint('ready', flush=True)\ntime.sleep(600)", env={**os.environ, **env})
        process.stdout.readline()
        return process

    def test_libraries_environment_and_sources(self):
        process = self.python(SSL_CERT_FILE=self.root, SECRET="not kept")
        done, report = tlswhy("pid", str(process.pid))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        [stack] = [one for one in report["stacks"] if one["name"] == "OpenSSL"]
        self.assertEqual([(one["variable"], one["path"], one["status"], one["anchors"]) for one in stack["sources"]][0], ("SSL_CERT_FILE", self.root, "ok", 1))
        kept = report["processes"][-1]["trust_env"]
        kept.pop("HOME", None)  # where .curlrc and its like are
        self.assertEqual(kept, {"SSL_CERT_FILE": self.root})
        self.assertNotIn("not kept", json.dumps(report) + done.stdout)

    def test_options_of_node_steer_and_no_others_are_kept(self):
        node = shutil.which("node")
        # A distribution's node has OpenSSL's places anyway.
        if json.loads(subprocess.run([TLSWHY, "scan", node, "--json", "-"], capture_output=True, text=True).stdout)["stacks"][0]["linkage"] != "static":
            self.skipTest("node stands on the system's OpenSSL")
        wait = "console.log('ready'); setTimeout(() => {}, 600000)"
        for words, env, kind in (([], {}, "bundled"), (["--use-openssl-ca"], {}, "env"), ([], {"NODE_OPTIONS": "--use-openssl-ca --conditions=private"}, "env")):
            process = self.start(node, *words, "-e", wait, env={**os.environ, "SSL_CERT_FILE": self.root, **env})
            process.stdout.readline()
            done, report = tlswhy("pid", str(process.pid))
            [stack] = [one for one in report["stacks"] if one["model"] == "node"]
            self.assertEqual(stack["sources"][0]["kind"], kind, (words, env))
            self.assertNotIn("private", json.dumps(report) + done.stdout)

    def test_connect_judges_in_the_processs_place(self):
        with self.authority.server("ok", "1.3") as server:
            good, bad = self.python(SSL_CERT_FILE=self.root), self.python()
            done, report = tlswhy("pid", "--connect", f"localhost:{server.port}", str(good.pid))
            self.assertEqual((done.returncode, report["handshakes"][0]["verify"]["code"]), (0, 0), done.stdout)
            done, report = tlswhy("pid", "--connect", f"localhost:{server.port}", str(bad.pid))
            self.assertEqual(done.returncode, 1)
            self.assertIn(report["handshakes"][0]["verify"]["code"], (18, 19, 20, 21))
            self.assertEqual(report["outcome"], "failed")

    def test_a_store_changed_since_it_started(self):
        store = os.path.join(self.folder.name, "store.pem")
        shutil.copy(self.root, store)
        process = self.python("time.sleep(1.1)", SSL_CERT_FILE=store)
        os.utime(store)
        done, report = tlswhy("pid", str(process.pid))
        self.assertEqual([(one["code"], one["certainty"]) for one in report["findings"]], [("TW205", "suspected")], done.stdout)

    def test_every_state(self):
        stopped = self.python()
        os.kill(stopped.pid, signal.SIGSTOP)
        self.assertEqual(tlswhy("pid", str(stopped.pid))[0].returncode, 0)
        with open(f"/proc/{stopped.pid}/status", encoding="utf-8") as file:
            self.assertIn("State:\tT", file.read())
        zombie = subprocess.Popen(["true"])
        time.sleep(0.2)
        done, _ = tlswhy("pid", str(zombie.pid))
        self.assertEqual((done.returncode, "has ended" in done.stderr), (3, True), done.stderr)
        zombie.wait()
        done, _ = tlswhy("pid", str(zombie.pid))
        self.assertEqual((done.returncode, "no such process" in done.stderr), (3, True))
        kernel = subprocess.run(["pgrep", "-P", "2"], capture_output=True, text=True).stdout.split()
        if kernel:
            done, _ = tlswhy("pid", kernel[0])
            self.assertEqual((done.returncode, "thread of the kernel" in done.stderr), (3, True))

    def test_a_thread_stands_for_its_process(self):
        process = self.python("import threading\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()")
        thread = [tid for tid in os.listdir(f"/proc/{process.pid}/task") if tid != str(process.pid)][0]
        _, report = tlswhy("pid", thread)
        self.assertEqual(report["processes"][-1]["pid"], process.pid)

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_another_users_process_and_another_root(self):
        process = self.python()
        done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", TLSWHY, "pid", str(process.pid)], capture_output=True, text=True)
        self.assertEqual((done.returncode, "as root" in done.stderr), (3, True), done.stderr)
        other = self.start("unshare", "-m", "-p", "-f", "--mount-proc", "/usr/bin/python3", "-c",
                           "import ssl,time,subprocess\nsubprocess.run(['mount','-t','tmpfs','none','/etc/ssl'])\nprint('ready',flush=True)\ntime.sleep(600)")
        other.stdout.readline()
        inner = int(subprocess.run(["pgrep", "-P", str(other.pid)], capture_output=True, text=True).stdout.split()[0])
        self.addCleanup(os.kill, inner, signal.SIGKILL)
        done, report = tlswhy("pid", str(inner))
        self.assertTrue(report["processes"][-1]["own_root"])
        [stack] = [one for one in report["stacks"] if one["name"] == "OpenSSL"]
        self.assertTrue(all(one["anchors"] == 0 for one in stack["sources"]), stack["sources"])
        self.assertEqual(done.returncode, 1)

    def test_a_deleted_library(self):
        copy = os.path.join(self.folder.name, "libcrypto.so.3")
        found = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
        shutil.copy([line.split()[-1] for line in found.splitlines() if "libcrypto.so.3 " in line][0], copy)
        process = self.python(LD_LIBRARY_PATH=self.folder.name)
        os.unlink(copy)
        _, report = tlswhy("pid", str(process.pid))
        [stack] = [one for one in report["stacks"] if one["name"] == "OpenSSL"]
        self.assertTrue(stack["deleted"])


class Hosts(WithAuthority):
    def test_every_version_and_who_trusts_it(self):
        with self.authority.server("ok", "1.3") as server:
            done, report = tlswhy("host", f"localhost:{server.port}", env={**os.environ, "SSL_CERT_FILE": self.root})
            self.assertEqual((done.returncode, [shake["version"] for shake in report["handshakes"]]), (0, ["TLSv1.3"]), done.stdout)
            self.assertEqual(report["handshakes"][0]["chain"][0]["sha256"], self.authority.sha256("ok"))
            self.assertIn("http://ca.test/root.cer", done.stdout)
            done, report = tlswhy("host", f"127.0.0.1:{server.port}")
            self.assertEqual((done.returncode, report["handshakes"][0]["verify"]["seen_by"]), (1, "library"))

    def test_as_a_process(self):
        process = subprocess.Popen(["/usr/bin/python3", "-c", "import ssl,time\nprint(1,flush=True)\ntime.sleep(600)"], stdout=subprocess.PIPE,
                                   env={**os.environ, "SSL_CERT_FILE": self.root})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        process.stdout.readline()
        with self.authority.server("ok", "1.2") as server:
            self.assertEqual(tlswhy("host", "--as", str(process.pid), f"localhost:{server.port}")[0].returncode, 0)
            self.assertEqual(tlswhy("host", "--as", "curl", f"localhost:{server.port}")[0].returncode, 1)
            # Its interpreter loads OpenSSL only when a script asks for it.
            # A stack of which no program is here: its model alone answers.
            done, report = tlswhy("host", "--as", "mbedtls", f"localhost:{server.port}")
            self.assertEqual((done.returncode, report["handshakes"][0]["verify"]["seen_by"], report["handshakes"][0]["reason"]), (1, "model", "no_issuer"))
            done, _ = tlswhy("host", "--as", "/usr/bin/python3", f"localhost:{server.port}")
            self.assertEqual((done.returncode, "no TLS stack" in done.stderr), (3, True))

    def test_nobody_there_and_bad_words(self):
        self.assertEqual(tlswhy("host", "localhost:1")[0].returncode, 3)
        self.assertEqual(tlswhy("host", "localhost:99999")[0].returncode, 2)
        self.assertEqual(tlswhy("host", "--starttls", "gopher", "localhost")[0].returncode, 2)
        self.assertEqual(tlswhy("host", "--as", "no-such-program", "localhost:1")[0].returncode, 3)

    def test_a_port_without_tls(self):
        """It answered, so it was inspected: the finding is that it does not speak TLS."""
        for greeting, answer, protocol in ((b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"), (b"220 mail.test ESMTP\r\n", b"", "SMTP"),
                                           (b"SSH-2.0-OpenSSH_9.2\r\n", b"", "SSH")):
            with self.subTest(protocol=protocol), socket.create_server(("127.0.0.1", 0)) as listener:
                threading.Thread(target=self.talk, args=(listener, greeting, answer), daemon=True).start()
                done, report = tlswhy("host", f"127.0.0.1:{listener.getsockname()[1]}")
                self.assertEqual((done.returncode, report["outcome"], report["findings"][0]["code"]), (1, "failed", "TW406"), done.stdout + done.stderr)
                self.assertEqual(report["handshakes"][0]["clear_answer"]["protocol"], protocol)

    @staticmethod
    def talk(listener, greeting, answer):
        while listener.fileno() >= 0:
            with contextlib.suppress(OSError):  # the client leaves as soon as it has seen enough
                peer, _ = listener.accept()
                with peer:
                    peer.sendall(greeting)
                    peer.recv(4096)
                    peer.sendall(answer)

    DIALOGUES = {
        "smtp": (b"220-hello\r\n220 there\r\n", [(b"EHLO", b"250-one\r\n250 STARTTLS\r\n"), (b"STARTTLS", b"220 go\r\n")]),
        "imap": (b"* OK hello\r\n", [(b"STARTTLS", b"* note\r\na OK go\r\n")]),
        "pop3": (b"+OK hello\r\n", [(b"STLS", b"+OK go\r\n")]),
        "ftp": (b"220 hello\r\n", [(b"AUTH TLS", b"234 go\r\n")]),
        "xmpp": (b"", [(b"stream:stream", b"<stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"),
                       (b"starttls", b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")]),
        "ldap": (b"", [(b"1.3.6.1.4.1.1466.20037", bytes([0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0]))]),
        "postgres": (b"", [(struct.pack("!II", 8, 80877103), b"S")]),
    }

    def serve(self, listener, dialogue, refuse):
        import ssl
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(self.folder.name, "ok.pem"), os.path.join(self.folder.name, "ok.key"))
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            greeting, steps = dialogue
            try:
                peer.settimeout(5)
                peer.sendall(greeting)
                for want, answer in steps:
                    got = b""
                    while want.lower() not in got.lower():
                        piece = peer.recv(4096)
                        if not piece:
                            break
                        got += piece
                    peer.sendall(b"502 no\r\n" if refuse else answer)
                if not refuse:
                    context.wrap_socket(peer, server_side=True).close()
            except OSError:
                pass
            peer.close()

    def test_run_sees_tls_behind_starttls(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self.serve, args=(listener, self.DIALOGUES["smtp"], False), daemon=True).start()
            _, report = tlswhy("run", "--no-probe", "--", "/usr/bin/python3", "-c", "import smtplib,ssl,sys\nsmtplib.SMTP('localhost', int(sys.argv[1])).starttls(context=ssl.create_default_context())",
                                  str(listener.getsockname()[1]))
            listener.shutdown(socket.SHUT_RDWR)
        [shake] = report["handshakes"]
        self.assertEqual((shake["via"], shake["result"], shake["alert"]["name"]), ("STARTTLS (SMTP)", "failed", "unknown_ca"))

    def test_run_sees_tls_behind_a_proxy(self):
        def proxy(listener, port):
            peer, _ = listener.accept()
            while b"\r\n\r\n" not in peer.recv(65536):
                pass
            upstream = socket.create_connection(("127.0.0.1", port))
            peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

            def pump(source, to):
                while True:
                    data = source.recv(65536)
                    if not data:
                        return
                    to.sendall(data)
            threading.Thread(target=pump, args=(upstream, peer), daemon=True).start()
            try:
                pump(peer, upstream)
            except OSError:
                pass
            peer.close()

        with self.authority.server("ok", "1.3") as server, socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=proxy, args=(listener, server.port), daemon=True).start()
            _, report = tlswhy("run", "--no-probe", "--", "curl", "-sS", "-m", "10", "-x", f"http://127.0.0.1:{listener.getsockname()[1]}", server.url)
        [shake] = report["handshakes"]
        self.assertEqual((shake["via"], shake["verify"]["code"], shake["alert"]["name"]), (f"CONNECT localhost:{server.port}", 20, "unknown_ca"))

    def test_starttls(self):
        for protocol, dialogue in self.DIALOGUES.items():
            for refuse in (False, True):
                with self.subTest(protocol=protocol, refuse=refuse), socket.create_server(("127.0.0.1", 0)) as listener:
                    threading.Thread(target=self.serve, args=(listener, dialogue, refuse), daemon=True).start()
                    port = listener.getsockname()[1]
                    done, report = tlswhy("host", "--starttls", protocol, f"localhost:{port}", env={**os.environ, "SSL_CERT_FILE": self.root})
                    if refuse:
                        self.assertEqual(done.returncode, 3)
                    else:
                        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                        self.assertEqual(report["handshakes"][0]["via"], f"STARTTLS ({protocol})")
                    listener.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    sys.exit(unittest.main())
