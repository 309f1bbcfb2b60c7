"""The conditions of stores: what lies below /etc/ssl and /usr/lib/ssl, which variables are set, what the server sends.

A column is a function of the authority `p` that gives a Column; the name of the function is the column's.
"""
import base64
import dataclasses
import pathlib
import shutil

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CERTS = "/etc/ssl/certs"
OWN = "/etc/ssl/own"  # for what variables point to
LAYOUT = {"/usr/lib/ssl/certs": CERTS, "/usr/lib/ssl/cert.pem": BUNDLE}  # links of Debian's openssl package


@dataclasses.dataclass
class Column:
    files: dict = dataclasses.field(default_factory=dict)
    links: dict = dataclasses.field(default_factory=lambda: dict(LAYOUT))
    env: dict = dataclasses.field(default_factory=dict)
    bound: dict = dataclasses.field(default_factory=dict)  # in the place of files that are there
    modes: dict = dataclasses.field(default_factory=dict)
    sends: str = "direct"
    uid: int = 0
    at_secure: bool = False  # a setuid copy of the program, run by another user
    rows: str = ""  # only for rows whose names this expression finds: no others ever heard of it


COLUMNS = {}


def column(make):
    COLUMNS[make.__name__] = make
    return make


def roots(p, *names):
    return b"".join(p.pem(name) for name in names)


def hashed(p, *names, folder=CERTS):
    """A directory as c_rehash leaves it: files, and links to them in the same directory."""
    files = {f"{folder}/{name}.pem": p.pem(name) for name in names}
    return files, {f"{folder}/{p.hash(name)}.0": f"{name}.pem" for name in names}


def system(p, *names, **more):
    """A machine whose bundle and directory hold these roots."""
    files, links = hashed(p, *names)
    return Column({BUNDLE: roots(p, *names), **files, **more.pop("files", {})}, {**LAYOUT, **links, **more.pop("links", {})}, **more)


def bundle_only(data, **more):
    return Column({BUNDLE: data}, **more)


def damaged(pem):
    lines = pem.split(b"\n")
    lines[3] = b"!" + lines[3][1:]
    return b"\n".join(lines)


def broken_der(pem):
    lines = pem.split(b"\n")
    body = base64.b64decode(b"".join(lines[1:-2]))
    return lines[0] + b"\n" + base64.encodebytes(b"\x31" + body[1:]) + b"\n".join(lines[-2:])


@column
def healthy(p): return system(p, "A", "B")
@column
def not_there(p): return system(p, "B", "C")
@column
def nothing_at_all(p): return Column({}, {})
@column
def no_openssl_package(p):
    out = system(p, "A", "B")
    out.links = {path: to for path, to in out.links.items() if not path.startswith("/usr/lib/ssl")}
    return out
@column
def bundle_alone(p): return bundle_only(roots(p, "A", "B"))
@column
def directory_alone(p):
    files, links = hashed(p, "A", "B")
    return Column(files, {**LAYOUT, **links})
@column
def bundle_empty(p): return bundle_only(b"")
@column
def bundle_of_text(p): return bundle_only(b"see the documentation\n")
@column
def bundle_damaged_behind(p): return bundle_only(p.pem("A") + damaged(p.pem("B")) + p.pem("C"))
@column
def bundle_damaged_before(p): return bundle_only(damaged(p.pem("B")) + p.pem("A"))
@column
def bundle_broken_der(p): return bundle_only(p.pem("A") + broken_der(p.pem("B")))
@column
def bundle_damaged_directory_good(p):
    files, links = hashed(p, "A")
    return Column({BUNDLE: damaged(p.pem("B")) + p.pem("A"), **files}, {**LAYOUT, **links})
@column
def bundle_truncated(p): return bundle_only(p.pem("A") + p.pem("B")[:300])
@column
def bundle_glued_first(p): return bundle_only(p.pem("A").rstrip() + p.pem("B") + p.pem("C"))
@column
def bundle_glued_behind(p): return bundle_only(p.pem("B").rstrip() + p.pem("C") + p.pem("A"))
@column
def bundle_crlf(p): return bundle_only(roots(p, "B", "A").replace(b"\n", b"\r\n"))
@column
def bundle_byte_order_mark(p): return bundle_only(b"\xef\xbb\xbf" + roots(p, "A", "B"))
@column
def bundle_byte_order_mark_second(p): return bundle_only(b"\xef\xbb\xbf" + roots(p, "B", "A"))
@column
def bundle_utf16(p): return bundle_only(roots(p, "A").decode().encode("utf-16"))
@column
def bundle_nul_line_before(p): return bundle_only(p.pem("B") + b"\0\n" + p.pem("A"))
@column
def bundle_nul_line_behind(p): return bundle_only(p.pem("A") + b"\0\n" + p.pem("B"))
@column
def bundle_no_end_line(p): return bundle_only(p.pem("B").replace(b"-----END CERTIFICATE-----\n", b"") + p.pem("A"))
@column
def bundle_no_end_line_ours(p): return bundle_only(p.pem("A").replace(b"-----END CERTIFICATE-----\n", b"") + p.pem("B"))
@column
def bundle_der(p): return bundle_only(p.der("A"))
@column
def bundle_pkcs7(p): return bundle_only(p.openssl("crl2pkcs7", "-nocrl", "-certfile", "A.pem"))
@column
def bundle_pkcs7_before(p): return bundle_only(p.openssl("crl2pkcs7", "-nocrl", "-certfile", "B.pem") + p.pem("A"))
@column
def bundle_trusted(p): return bundle_only(p.trusted("A", "-addtrust", "serverAuth"))
@column
def bundle_trusted_for_clients(p): return bundle_only(p.trusted("A", "-addtrust", "clientAuth") + p.pem("B"))
@column
def bundle_old_label(p): return bundle_only(p.pem("A").replace(b" CERTIFICATE", b" X509 CERTIFICATE"))
@column
def bundle_indented(p): return bundle_only(b"  " + p.pem("A"))
@column
def bundle_trailing_blanks(p): return bundle_only(p.pem("A").replace(b"\n", b" \t\n"))
@column
def bundle_long_line(p):
    lines = p.pem("A").split(b"\n")
    return bundle_only(lines[0] + b"\n" + b"".join(lines[1:-2]) + b"\n" + b"\n".join(lines[-2:]))
@column
def bundle_text_between(p): return bundle_only(b"Root A\n======\n" + p.pem("A") + b"\nRoot B\n" + p.pem("B"))
@column
def bundle_key_between(p): return bundle_only(p.pem("B") + p.key("B") + p.pem("A"))
@column
def bundle_twice(p): return bundle_only(roots(p, "A", "A", "B", "B"))
@column
def bundle_no_last_newline(p): return bundle_only(roots(p, "B", "A").rstrip())
@column
def bundle_is_directory(p): return Column({BUNDLE + "/x": b""})
@column
def bundle_link_dangling(p): return Column({}, {**LAYOUT, BUNDLE: "/etc/ssl/nowhere.pem"})
@column
def bundle_link_chain(p): return Column({OWN + "/b.pem": roots(p, "A")}, {**LAYOUT, BUNDLE: "../own/a.pem", OWN + "/a.pem": "b.pem"})
@column
def bundle_link_loop(p): return Column({}, {**LAYOUT, BUNDLE: "ca-certificates.crt"})
@column
def bundle_private(p): return bundle_only(roots(p, "A"), modes={BUNDLE: 0o600}, uid=65534)
@column
def directory_private(p): return system(p, "A", modes={CERTS: 0o700}, uid=65534)
@column
def directory_search_only(p):
    files, links = hashed(p, "A")
    return Column(files, {**LAYOUT, **links}, modes={CERTS: 0o711}, uid=65534)
@column
def hash_second(p): return Column({f"{CERTS}/{p.hash('A')}.0": p.pem("twin"), f"{CERTS}/{p.hash('A')}.1": p.pem("A")})
@column
def hash_first_dangling(p):
    return Column({f"{CERTS}/{p.hash('A')}.1": p.pem("A")}, {**LAYOUT, f"{CERTS}/{p.hash('A')}.0": "/etc/ssl/nowhere.pem"})
@column
def hash_first_damaged(p): return Column({f"{CERTS}/{p.hash('A')}.0": damaged(p.pem("B")), f"{CERTS}/{p.hash('A')}.1": p.pem("A")})
@column
def hash_gap(p): return Column({f"{CERTS}/{p.hash('A')}.7": p.pem("A")})
@column
def hash_der(p): return Column({f"{CERTS}/{p.hash('A')}.0": p.der("A")})
@column
def hash_capitals(p): return Column({f"{CERTS}/{p.hash('A').upper()}.0": p.pem("A")})
@column
def hash_old(p): return Column({f"{CERTS}/{p.hash('A', old=True)}.0": p.pem("A")})
@column
def hash_of_another(p): return Column({f"{CERTS}/{p.hash('B')}.0": p.pem("A")})
@column
def hash_several(p): return Column({f"{CERTS}/{p.hash('A')}.0": roots(p, "B", "A", "C")})
@column
def hash_good_then_damaged(p): return Column({f"{CERTS}/{p.hash('A')}.0": p.pem("A") + damaged(p.pem("B"))})
@column
def directory_not_rehashed(p): return Column({CERTS + "/A.pem": p.pem("A")})
@column
def same_name_masks(p):
    files, links = hashed(p, "A")
    return Column({BUNDLE: p.pem("twin"), **files}, {**LAYOUT, **links})
@column
def intermediate_alone(p): return system(p, "I", sends="missing")
@column
def intermediate_not_sent(p): return system(p, "A", sends="missing")
@column
def intermediate_not_sent_but_stored(p): return system(p, "A", "I", sends="missing")
@column
def intermediate_sent(p): return system(p, "A", sends="full")
@column
def root_sent_not_trusted(p): return system(p, "B", sends="rooted")
@column
def root_sent_and_trusted(p): return system(p, "A", sends="rooted")


def variable(name, value, good="A", other="B", directory=False):
    """A machine that trusts root B; the variable's file or directory holds root A."""
    def make(p):
        out = system(p, other)
        if directory:
            files, links = hashed(p, good, folder=OWN)
            out.links.update(links)
        else:
            files = {OWN + "/a.pem": p.pem(good), OWN + "/bad.pem": p.pem(good) + damaged(p.pem("C")), OWN + "/bad-first.pem": damaged(p.pem("C")) + p.pem(good),
                     OWN + "/a.der": p.der(good), OWN + "/text.pem": b"nothing\n"}
        out.files.update(files)
        out.env = {name: value}
        return out
    return make


def of(rows, make):
    """The same for these rows alone."""
    return lambda p: dataclasses.replace(make(p), rows=rows)


def java(machine, options="", **files):
    """Java's store of the machine, and what -Djavax.net.ssl.trustStore names."""
    def make(p):
        out = Column(env={"JAVA_TOOL_OPTIONS": options} if options else {}, rows="java")
        if machine:
            out.files["/etc/ssl/certs/java/cacerts"] = p.keystore("JKS", machine)
        out.files.update({f"{OWN}/{name}": data(p) for name, data in files.items()})
        return out
    return make


STORE = f"-Djavax.net.ssl.trustStore={OWN}/store"
PASSWORD = " -Djavax.net.ssl.trustStorePassword=changeit"
if shutil.which("keytool"):
    COLUMNS["java_store_good"] = java("A")
    COLUMNS["java_store_of_another"] = java("B")
    COLUMNS["java_intermediate_alone"] = lambda p: dataclasses.replace(java("I")(p), sends="missing")
    COLUMNS["java_truststore=good"] = java("B", STORE, store=lambda p: p.keystore("JKS", "A"))
    COLUMNS["java_truststore=other,system_good"] = java("A", STORE, store=lambda p: p.keystore("JKS", "B"))
    COLUMNS["java_truststore=missing,system_good"] = java("A", STORE)
    COLUMNS["java_truststore=pkcs12_with_password"] = java("B", STORE + PASSWORD, store=lambda p: p.keystore("PKCS12", "A"))
    COLUMNS["java_truststore=pkcs12_without_password"] = java("A", STORE, store=lambda p: p.keystore("PKCS12", "A"))
    COLUMNS["java_truststore=pem"] = java("A", STORE, store=lambda p: p.pem("A"))
    COLUMNS["java_truststore=truncated"] = java("A", STORE, store=lambda p: p.keystore("JKS", "A")[:200])


# Every row is asked whether it heeds a variable; how it takes what is there, only rows that do.
for NAME, ROWS in (("SSL_CERT_FILE", ""), ("NODE_EXTRA_CA_CERTS", "node|bun|deno"), ("CURL_CA_BUNDLE", "curl|requests|pip"), ("REQUESTS_CA_BUNDLE", "requests|botocore|pip"),
                   ("GIT_SSL_CAINFO", "git")):
    COLUMNS[f"{NAME}=good"] = variable(NAME, OWN + "/a.pem")
    COLUMNS[f"{NAME}=damaged_behind"] = of(ROWS, variable(NAME, OWN + "/bad.pem"))
    COLUMNS[f"{NAME}=damaged_before"] = of(ROWS, variable(NAME, OWN + "/bad-first.pem"))
    COLUMNS[f"{NAME}=der"] = of(ROWS, variable(NAME, OWN + "/a.der"))
    COLUMNS[f"{NAME}=text"] = of(ROWS, variable(NAME, OWN + "/text.pem"))
    # The machine itself trusts root A: does the variable take that away?
    COLUMNS[f"{NAME}=missing,system_good"] = of(ROWS, variable(NAME, OWN + "/none.pem", other="A"))
    COLUMNS[f"{NAME}=empty,system_good"] = of(ROWS, variable(NAME, "", other="A"))
    COLUMNS[f"{NAME}=other,system_good"] = variable(NAME, OWN + "/a.pem", good="B", other="A")
for NAME in ("SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAPATH"):
    COLUMNS[f"{NAME}=good_directory"] = variable(NAME, OWN, directory=True)
COLUMNS["SSL_CERT_DIR=list"] = variable("SSL_CERT_DIR", f"/etc/ssl/none::{OWN}:", directory=True)
COLUMNS["SSL_CERT_DIR=uri"] = variable("SSL_CERT_DIR", f"file:{OWN}", directory=True)
COLUMNS["SSL_CERT_DIR=file"] = variable("SSL_CERT_DIR", OWN + "/a.pem")
COLUMNS["SSL_CERT_DIR=missing,system_good"] = variable("SSL_CERT_DIR", OWN + "/none", other="A")
COLUMNS["SSL_CERT_DIR=empty,system_good"] = variable("SSL_CERT_DIR", "", other="A")
for NAME, ROWS in (("AWS_CA_BUNDLE", "botocore"), ("PIP_CERT", "pip"), ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "grpc"), ("DENO_CERT", "deno"), ("PGSSLROOTCERT", "libpq")):
    for WORD, VALUE, MORE in (("good", "/a.pem", {}), ("damaged_behind", "/bad.pem", {}), ("damaged_before", "/bad-first.pem", {}), ("der", "/a.der", {}), ("text", "/text.pem", {}),
                              ("missing,system_good", "/none.pem", {"other": "A"}), ("other,system_good", "/a.pem", {"good": "B", "other": "A"})):
        COLUMNS[f"{NAME}={WORD}"] = of(ROWS, variable(NAME, OWN + VALUE, **MORE))
    COLUMNS[f"{NAME}=empty,system_good"] = of(ROWS, variable(NAME, "", other="A"))
for NAME in ("SSL_CERT_FILE=good", "SSL_CERT_FILE=other,system_good", "SSL_CERT_DIR=good_directory", "NODE_EXTRA_CA_CERTS=good"):
    COLUMNS[f"at_secure,{NAME}"] = lambda p, make=COLUMNS[NAME]: dataclasses.replace(make(p), at_secure=True)


def nss(name, trust="C,,", sends="direct", **damage):
    def make(p):
        files = p.nss(name, trust)
        if "cut" in damage:
            files["/etc/ssl/nss/cert9.db"] = files["/etc/ssl/nss/cert9.db"][:damage["cut"]]
        if "without" in damage:
            files = {path: data for path, data in files.items() if not path.endswith(damage["without"])}
        return Column(files, sends=sends, rows="^nss$")
    return make


if shutil.which("certutil"):
    COLUMNS["nss_trusted"] = nss("A")
    COLUMNS["nss_there_without_trust"] = nss("A", ",,")
    COLUMNS["nss_trusted_for_mail"] = nss("A", ",C,")
    COLUMNS["nss_trusted_for_clients"] = nss("A", "T,,")
    COLUMNS["nss_distrusted"] = nss("A", "p,,")
    COLUMNS["nss_of_another"] = nss("B")
    COLUMNS["nss_intermediate_trusted"] = nss("I", sends="missing")
    COLUMNS["nss_intermediate_without_trust"] = nss("I", ",,", sends="missing")
    COLUMNS["nss_database_empty"] = nss("A", cut=0)
    COLUMNS["nss_database_is_text"] = lambda p: dataclasses.replace(nss("A")(p), files={**nss("A")(p).files, "/etc/ssl/nss/cert9.db": b"no database\n" * 300})
    COLUMNS["nss_database_missing"] = nss("A", without="cert9.db")


P11 = "/etc/ssl/p11-source"
MODULE = f"module: p11-kit-trust.so\npriority: 1\ntrust-policy: yes\nx-init-reserved: paths='{P11}'\n".encode()


def p11(**files):
    """A source directory of the trust module: name=function of the authority; "__" stands for a slash."""
    return lambda p: Column({P11 + "/README": b"", **{f"{P11}/{name.replace('__', '/')}": data(p) for name, data in files.items()}},
                            bound={"/usr/share/p11-kit/modules/p11-kit-trust.module": MODULE}, rows="p11-kit of")


def persist(name, *lines):
    return lambda p: b"[p11-kit-object-v1]\n" + "".join(line + "\n" for line in lines).encode() + p.pem(name)


if pathlib.Path("/usr/share/p11-kit/modules/p11-kit-trust.module").exists():
    COLUMNS["p11_anchor"] = p11(anchors__a=lambda p: p.pem("A"))
    COLUMNS["p11_anchor_der"] = p11(anchors__a=lambda p: p.der("A"))
    COLUMNS["p11_anchor_of_another"] = p11(anchors__b=lambda p: p.pem("B"))
    COLUMNS["p11_at_the_top"] = p11(a=lambda p: p.pem("A"))
    COLUMNS["p11_at_the_top_trusted"] = p11(a=lambda p: p.trusted("A", "-addtrust", "serverAuth"))
    COLUMNS["p11_at_the_top_trusted_for_clients"] = p11(a=lambda p: p.trusted("A", "-addtrust", "clientAuth"))
    COLUMNS["p11_at_the_top_der"] = p11(a=lambda p: p.der("A"))
    COLUMNS["p11_persist_trusted"] = p11(a=persist("A", "trusted: true"))
    COLUMNS["p11_persist_not_trusted"] = p11(a=persist("A", "trusted: false"))
    COLUMNS["p11_persist_distrusted"] = p11(a=persist("A", "x-distrusted: true"), anchors__a=lambda p: p.pem("A"))
    COLUMNS["p11_blocked"] = p11(blocklist__a=lambda p: p.pem("A"), anchors__a=lambda p: p.pem("A"))
    COLUMNS["p11_anchor_damaged"] = p11(anchors__a=lambda p: damaged(p.pem("B")) + p.pem("A"))
    COLUMNS["p11_empty"] = p11()
