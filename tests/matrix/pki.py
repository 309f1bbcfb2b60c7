"""The matrix's own authority: roots A, B, C; a root with A's name and another key; an intermediate of A; leaves for localhost."""
import pathlib
import shutil
import subprocess
import tempfile

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[int]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost
"""


class Pki:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "ca.cnf").write_text(CONFIG)
        for name, subject in (("A", "/CN=Matrix Root A"), ("B", "/CN=Matrix Root B"), ("C", "/CN=Matrix Root C"), ("twin", "/CN=Matrix Root A")):
            self.make(name, subject, "root")
        self.make("I", "/CN=Matrix Intermediate", "int", "A")
        self.make("leaf", "/CN=localhost", "leaf", "A")
        self.make("leaf2", "/CN=localhost", "leaf", "I")
        if shutil.which("keytool"):
            for kind, name in (("JKS", "A"), ("JKS", "B"), ("JKS", "I"), ("PKCS12", "A")):
                self.make_keystore(kind, name)
        self.save("direct", self.pem("leaf"))  # what the server sends
        self.save("missing", self.pem("leaf2"))
        self.save("full", self.pem("leaf2") + self.pem("I"))
        self.save("rooted", self.pem("leaf2") + self.pem("I") + self.pem("A"))

    def keystore(self, kind, name):
        """A store with one trusted certificate, by Java's own tool."""
        return (self.folder / f"{name}.{kind}").read_bytes()

    def make_keystore(self, kind, name):
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "root", "-file", f"{name}.pem", "-storetype", kind, "-keystore", f"{name}.{kind}",
                        "-storepass", "changeit"], cwd=self.folder, check=True, capture_output=True)

    def nss(self, name, trust):
        """cert9.db of a new database with one certificate, by NSS' own tool."""
        with tempfile.TemporaryDirectory() as folder:
            for words in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", trust, "-i", str(self.folder / f"{name}.pem")]):
                subprocess.run(["certutil", *words, "-d", f"sql:{folder}"], cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
            return {f"/etc/ssl/nss/{file}": (pathlib.Path(folder) / file).read_bytes() for file in ("cert9.db", "key4.db", "pkcs11.txt")}

    def openssl(self, *words, data=None):
        return subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, input=data).stdout

    def make(self, name, subject, extensions, issuer=None):
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        signer = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"] if issuer else []
        self.openssl("req", "-x509", "-config", "ca.cnf", "-new", "-key", f"{name}.key", "-subj", subject, "-days", "90", "-extensions", extensions, *signer,
                     "-out", f"{name}.pem")

    def save(self, name, data):
        (self.folder / f"{name}.chain").write_bytes(data)

    def pem(self, name):
        return (self.folder / f"{name}.pem").read_bytes()

    def der(self, name):
        return self.openssl("x509", "-in", f"{name}.pem", "-outform", "DER")

    def trusted(self, name, *settings):
        """A TRUSTED CERTIFICATE block."""
        return self.openssl("x509", "-in", f"{name}.pem", "-trustout", *settings)

    def hash(self, name, old=False):
        return self.openssl("x509", "-in", f"{name}.pem", "-noout", "-subject_hash_old" if old else "-subject_hash").decode().strip()

    def key(self, name):
        return self.openssl("pkcs8", "-topk8", "-nocrypt", "-in", f"{name}.key")
