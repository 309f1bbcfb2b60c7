"""An authority and TLS servers on loopback for tests, made with the openssl program."""
import contextlib
import hashlib
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

NAME = "localhost"

CONFIG = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:false
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = caIssuers;URI:http://ca.test/root.cer
subjectAltName = DNS:{name}
"""


def openssl(*words, folder, text=None):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, input=text)


class Authority:
    """root.pem; CASE.pem and CASE.key for the cases ok, expired, wrong_host; other.pem signs unknown_ca."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for root in ("root", "other"):
            self.key(root)
            self.config(root, NAME)
            openssl("req", "-x509", "-new", "-key", f"{root}.key", "-subj", f"/O=Test/CN=Test {root}", "-days", "30", "-extensions", "ca",
                    "-config", f"{root}.cnf", "-out", f"{root}.pem", folder=folder)
        self.leaf("ok", "root", NAME)
        self.leaf("expired", "root", NAME, expired=True)
        self.leaf("wrong_host", "root", "other.test")
        self.leaf("unknown_ca", "other", NAME)

    def key(self, name):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key", folder=self.folder)

    def config(self, name, host):
        (self.folder / f"{name}.cnf").write_text(CONFIG.format(name=host), encoding="ascii")

    def leaf(self, case, issuer, host, expired=False):
        self.key(case)
        self.config(case, host)
        openssl("req", "-new", "-key", f"{case}.key", "-subj", f"/CN={host}", "-config", f"{case}.cnf", "-out", f"{case}.csr", folder=self.folder)
        # `openssl x509` of 3.0 has no -not_after; `ca` has dates.
        (self.folder / f"{case}.db").write_text("", encoding="ascii")
        config = f"[ca]\ndefault_ca=d\n[d]\ndatabase={case}.db\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nemail_in_dn=no\n[p]\ncommonName=supplied\n"
        (self.folder / f"{case}.ca").write_text(config + CONFIG.format(name=host), encoding="ascii")
        dates = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"] if expired else ["-days", "20"]
        openssl("ca", "-batch", "-notext", "-config", f"{case}.ca", "-name", "d", "-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key",
                "-extensions", "leaf", *dates, "-in", f"{case}.csr", "-out", f"{case}.pem", folder=self.folder)

    def client(self):
        """client.pem and client.key, with client_chain.pem the certificate of its issuer as well, and client_root.pem above that."""
        for name, issuer, extensions in (("client_root", None, "ca"), ("client_issuer", "client_root", "ca"), ("client", "client_issuer", "client")):
            self.key(name)
            signed_by = ["-x509", "-days", "30", "-extensions", extensions] if issuer is None else []
            (self.folder / f"{name}.cnf").write_text(CONFIG.format(name=NAME) + "[client]\nextendedKeyUsage = clientAuth\n", encoding="ascii")
            openssl("req", "-new", *signed_by, "-key", f"{name}.key", "-subj", f"/O=Test/CN=Test {name}", "-config", f"{name}.cnf", "-out",
                    f"{name}.pem" if issuer is None else f"{name}.csr", folder=self.folder)
            if issuer is not None:
                openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial", "-days", "20", "-extfile",
                        f"{name}.cnf", "-extensions", extensions, "-out", f"{name}.pem", folder=self.folder)
        read = [(self.folder / f"{name}.pem").read_text(encoding="ascii") for name in ("client", "client_issuer")]
        (self.folder / "client_chain.pem").write_text("".join(read), encoding="ascii")

    def sha256(self, case):
        """The digest of this case's certificate."""
        done = subprocess.run(["openssl", "x509", "-in", f"{case}.pem", "-outform", "DER"], cwd=self.folder, check=True, capture_output=True)
        return hashlib.sha256(done.stdout).hexdigest()

    @contextlib.contextmanager
    def server(self, case, version, issuer=None, extra=()):
        """A Server with this case's certificate, and that of its `issuer`; version: "1.2" or "1.3"; `extra` words for s_server."""
        server = Server(self.folder, case, version, issuer, extra)
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def hesitant(port):
    """The port of a relay to that server, which holds back the end of what the server says first: the certificates are there, the
    handshake is not done."""
    def pump(source, sink, held_back):
        with contextlib.suppress(OSError):  # either end may leave
            while data := source.recv(1 << 16):
                sink.sendall(data[:len(data) - held_back])
                time.sleep(0.2 if held_back else 0)
                sink.sendall(data[len(data) - held_back:])
                held_back = 0
            sink.shutdown(socket.SHUT_WR)

    def relay(listener):
        client, server = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
        with client, server:
            upwards = threading.Thread(target=pump, args=(client, server, 0), daemon=True)
            upwards.start()
            pump(server, client, 40)
            upwards.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=relay, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


class Server:
    """An HTTP server on loopback that tells what it got."""

    def __init__(self, folder, case, version, issuer=None, extra=()):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        flag = "-tls1_2" if version == "1.2" else "-tls1_3"
        chain = ["-cert_chain", f"{issuer}.pem"] if issuer else []
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", f"{case}.pem", "-key", f"{case}.key", *chain, flag, "-www", *extra],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        for line in self.process.stdout:
            if line.startswith("ACCEPT"):
                break
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def url(self):
        return f"https://{NAME}:{self.port}/"

    def alert(self, seconds=2):
        """The number of the last fatal alert that the server got, None without one. Forgets it."""
        deadline = time.time() + seconds
        while time.time() < deadline:
            numbers = [int(number) for line in list(self.lines) for number in re.findall(r"SSL alert number (\d+)", line)]
            if numbers:
                self.lines.clear()
                return numbers[-1]
            time.sleep(0.02)
        self.lines.clear()
        return None

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


class WithAuthority(unittest.TestCase):
    """Tests with an authority of their own, made once for all of them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.authority = Authority(cls.folder.name)
        cls.root = os.path.join(cls.folder.name, "root.pem")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)
