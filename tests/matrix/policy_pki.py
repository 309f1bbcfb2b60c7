"""Chains that differ from a good one in one thing each: what do stacks with the right root make of them?

A case is a function of the Authority that returns (roots for the store, what the server sends, the leaf's key).
"""
import pathlib
import subprocess

NAMES = "[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = unused\n"
ROOT = {"basicConstraints": "critical, CA:true", "keyUsage": "critical, keyCertSign, cRLSign", "subjectKeyIdentifier": "hash"}
INTERMEDIATE = {**ROOT, "authorityKeyIdentifier": "keyid"}
LEAF = {"basicConstraints": "critical, CA:false", "keyUsage": "critical, digitalSignature, keyEncipherment", "extendedKeyUsage": "serverAuth", "subjectKeyIdentifier": "hash",
        "authorityKeyIdentifier": "keyid", "subjectAltName": "DNS:localhost"}
EC, RSA_1024, RSA_2048 = ("EC", "ec_paramgen_curve:P-256"), ("RSA", "rsa_keygen_bits:1024"), ("RSA", "rsa_keygen_bits:2048")


class Authority:
    """Makes certificates in one folder; names are those of the files."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def make(self, name, subject, extensions, issuer=None, key=EC, digest="sha256", since="20250101000000Z", until="20400101000000Z", reuse_key=None, version1=False):
        key_file = f"{reuse_key or name}.key"
        if not reuse_key:
            self.openssl("genpkey", "-algorithm", key[0], "-pkeyopt", key[1], "-out", key_file)
        (self.folder / f"{name}.cnf").write_text(NAMES + "[x]\n" + "".join(f"{one} = {value}\n" for one, value in extensions.items() if value))
        self.openssl("req", "-new", "-config", f"{name}.cnf", "-key", key_file, "-subj", subject, "-out", f"{name}.csr")
        (self.folder / f"{name}.db").write_text("")
        (self.folder / f"{name}.ca").write_text(f"[ca]\ndefault_ca = d\n[d]\ndatabase = {name}.db\nrand_serial = yes\nnew_certs_dir = .\npolicy = p\nunique_subject = no\n[p]\ncommonName = supplied\n")
        signer = ["-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key"] if issuer else ["-selfsign", "-keyfile", key_file]
        with_extensions = [] if version1 else ["-extfile", f"{name}.cnf", "-extensions", "x"]
        self.openssl("ca", "-config", f"{name}.ca", "-batch", "-notext", "-md", digest, *signer, "-in", f"{name}.csr", "-startdate", since, "-enddate", until, *with_extensions, "-out", f"{name}.pem")

    def nss(self, names):
        """The files of a database that trusts these."""
        folder = self.folder / "nss"
        folder.mkdir()
        for words in (["-N", "--empty-password"], *(["-A", "-n", name, "-t", "C,,", "-i", str(self.folder / f"{name}.pem")] for name in names)):
            subprocess.run(["certutil", *words, "-d", f"sql:{folder}"], cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
        return {f"/etc/ssl/nss/{path.name}": path.read_bytes() for path in folder.iterdir()}

    def pem(self, *names):
        return b"".join((self.folder / f"{name}.pem").read_bytes() for name in names)


CASES = {}


def case(make):
    CASES[make.__name__] = make
    return make


def chain(p, root=None, intermediate=None, leaf=None, **more):
    """Root, intermediate and leaf, with other extensions (a value of "" drops one) or other ways of making."""
    p.make("root", "/CN=Policy Root", {**ROOT, **(root or {})}, **more.get("root_made", {}))
    p.make("intermediate", "/CN=Policy Intermediate", {**INTERMEDIATE, **(intermediate or {})}, "root", **more.get("intermediate_made", {}))
    p.make("leaf", more.get("leaf_name", "/CN=localhost"), {**LEAF, **(leaf or {})}, "intermediate", **more.get("leaf_made", {}))
    return ["root"], ["leaf", "intermediate"], "leaf"


@case
def good(p): return chain(p)
@case
def good_rsa(p): return chain(p, root_made={"key": RSA_2048}, intermediate_made={"key": RSA_2048}, leaf_made={"key": RSA_2048})
@case
def root_without_key_usage(p): return chain(p, root={"keyUsage": ""})
@case
def root_constraints_not_critical(p): return chain(p, root={"basicConstraints": "CA:true"})
@case
def root_without_subject_key_id(p): return chain(p, root={"subjectKeyIdentifier": "none"}, intermediate={"authorityKeyIdentifier": ""})
@case
def root_version_1(p): return chain(p, root_made={"version1": True}, intermediate={"authorityKeyIdentifier": ""})
@case
def root_signed_with_sha1(p): return chain(p, root_made={"digest": "sha1"})
@case
def root_expired(p): return chain(p, root_made={"since": "20200101000000Z", "until": "20210101000000Z"})
@case
def root_path_too_short(p): return chain(p, root={"basicConstraints": "critical, CA:true, pathlen:0"})
@case
def intermediate_without_key_usage(p): return chain(p, intermediate={"keyUsage": ""})
@case
def intermediate_may_not_sign(p): return chain(p, intermediate={"keyUsage": "critical, digitalSignature"})
@case
def intermediate_is_no_authority(p): return chain(p, intermediate={"basicConstraints": "critical, CA:false"})
@case
def intermediate_for_clients(p): return chain(p, intermediate={"extendedKeyUsage": "clientAuth"})
@case
def intermediate_signed_with_sha1(p): return chain(p, intermediate_made={"digest": "sha1"})
@case
def intermediate_expired(p): return chain(p, intermediate_made={"since": "20200101000000Z", "until": "20210101000000Z"})
@case
def intermediate_rsa_1024(p): return chain(p, intermediate_made={"key": RSA_1024})
@case
def leaf_without_authority_key_id(p): return chain(p, leaf={"authorityKeyIdentifier": "none"})
@case
def leaf_without_extended_usage(p): return chain(p, leaf={"extendedKeyUsage": ""})
@case
def leaf_for_clients(p): return chain(p, leaf={"extendedKeyUsage": "clientAuth"})
@case
def leaf_signed_with_sha1(p): return chain(p, leaf_made={"digest": "sha1"})
@case
def leaf_signed_with_md5(p): return chain(p, leaf_made={"digest": "md5"}, intermediate_made={"key": RSA_2048})
@case
def leaf_rsa_1024(p): return chain(p, leaf_made={"key": RSA_1024})
@case
def leaf_expired(p): return chain(p, leaf_made={"since": "20200101000000Z", "until": "20210101000000Z"})
@case
def leaf_not_yet_valid(p): return chain(p, leaf_made={"since": "20390101000000Z"})
@case
def leaf_of_another_name(p): return chain(p, leaf={"subjectAltName": "DNS:other.example"}, leaf_name="/CN=other.example")
@case
def leaf_with_common_name_only(p): return chain(p, leaf={"subjectAltName": ""})
@case
def names_permitted(p): return chain(p, intermediate={"nameConstraints": "critical, permitted;DNS:localhost"})
@case
def names_not_permitted(p): return chain(p, intermediate={"nameConstraints": "critical, permitted;DNS:example.com"})
@case
def names_excluded(p): return chain(p, intermediate={"nameConstraints": "critical, excluded;DNS:localhost"})
@case
def names_not_permitted_by_the_root(p): return chain(p, root={"nameConstraints": "critical, permitted;DNS:example.com"})
@case
def unknown_critical_extension(p): return chain(p, leaf={"1.2.3.4.5": "critical, DER:05:00"})
@case
def anchor_is_the_intermediate(p):
    chain(p)
    return ["intermediate"], ["leaf"], "leaf"
@case
def anchor_is_the_intermediate_and_root_sent(p):
    chain(p)
    return ["intermediate"], ["leaf", "intermediate", "root"], "leaf"
@case
def cross_signed_by_an_expired_root(p):
    """The server sends the new root as the old one signed it; both are in the store, the old one has expired (September 2021)."""
    p.make("old", "/CN=Old Root", ROOT, since="20100101000000Z", until="20210930000000Z")
    out = chain(p)
    p.make("cross", "/CN=Policy Root", INTERMEDIATE, "old", reuse_key="root")
    return ["old", "root"], ["leaf", "intermediate", "cross"], "leaf"
@case
def cross_signed_and_only_the_old_root(p):
    p.make("old", "/CN=Old Root", ROOT, since="20100101000000Z", until="20210930000000Z")
    out = chain(p)
    p.make("cross", "/CN=Policy Root", INTERMEDIATE, "old", reuse_key="root")
    return ["old"], ["leaf", "intermediate", "cross"], "leaf"
@case
def root_renewed_and_both_in_the_store(p):
    """The same name and key; the old certificate has expired, and stands first."""
    p.make("old", "/CN=Policy Root", ROOT, since="20100101000000Z", until="20210930000000Z")
    p.make("root", "/CN=Policy Root", ROOT, reuse_key="old")
    (p.folder / "root.key").write_bytes((p.folder / "old.key").read_bytes())
    p.make("intermediate", "/CN=Policy Intermediate", INTERMEDIATE, "root")
    p.make("leaf", "/CN=localhost", LEAF, "intermediate")
    return ["old", "root"], ["leaf", "intermediate"], "leaf"
@case
def root_of_the_same_name_and_another_key(p):
    p.make("namesake", "/CN=Policy Root", ROOT)
    return ["namesake", *chain(p)[0]], ["leaf", "intermediate"], "leaf"
@case
def root_rolled_over_to_another_key(p):
    """The new root's key as the old one signed it: self-issued, and not self-signed. The store has the old one."""
    p.make("old", "/CN=Policy Root", ROOT)
    chain(p)
    p.make("cross", "/CN=Policy Root", INTERMEDIATE, "old", reuse_key="root")
    return ["old"], ["leaf", "intermediate", "cross"], "leaf"
@case
def root_without_basic_constraints(p): return chain(p, root={"basicConstraints": ""})
@case
def root_rsa_1024(p): return chain(p, root_made={"key": RSA_1024})
@case
def intermediate_without_basic_constraints(p): return chain(p, intermediate={"basicConstraints": ""})
@case
def leaf_is_an_authority(p): return chain(p, leaf={"basicConstraints": "critical, CA:true", "keyUsage": "critical, digitalSignature, keyEncipherment, keyCertSign"})
