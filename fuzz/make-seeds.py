#!/usr/bin/env python3
"""Writes the hand-made seeds of the corpora (fuzz/corpus/TARGET/seed-*). Small on purpose: the fuzzers grow them.

Run from anywhere; the result is the same each time, so `git diff` shows what changed.
"""
import io
import os
import pathlib
import sqlite3
import struct
import tarfile
import zipfile
import zlib

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def write(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data if isinstance(data, bytes) else data.encode())


def elf(program_headers=b"", count=0, sections=(0, 0), tail=b""):
    """An ELF64 header (gABI) with the given program headers behind it."""
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, sections[0], 0, 64, 56, count, 64, sections[1], 0)
    return header + program_headers + tail


def program_header(kind, offset, address, size):
    return struct.pack("<IIQQQQQQ", kind, 4, offset, address, address, size, size, 8)


def dynamic(*entries):
    return b"".join(struct.pack("<QQ", *entry) for entry in entries) + bytes(16)


def tar(files):
    """path → bytes, or a link's target as text."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
            else:
                entry.size = len(content)
            archive.addfile(entry, None if isinstance(content, str) else io.BytesIO(content))
    return out.getvalue()


def archives():
    """An image with a whiteout, a package, an archive within another, and names that lead out."""
    head = elf()
    lower, upper = tar({"lib": "usr/lib", "usr/lib/a.so": head, "etc/ssl/cert.pem": b"x"}), tar({"etc/ssl/.wh.cert.pem": b"", "lib/b.so": head})
    names = ["0" * 64 + "/layer.tar", "1" * 64 + "/layer.tar"]
    manifest = b'[{"Config":"c.json","RepoTags":["a:1"],"Layers":["%s","%s"]}]' % tuple(name.encode() for name in names)
    write("archive", "image", tar({names[0]: lower, names[1]: upper, "c.json": b'{"config":{"Env":["A=b"],"User":"1"}}', "manifest.json": manifest}))
    data = tar({"./usr/lib/a.so": head})
    parts = b"".join(b"%-16s0           0     0     100644  %-10d`\n%s" % (name, len(part), part) for name, part in ((b"debian-binary", b"2.0\n"), (b"data.tar", data)))
    write("archive", "package", b"!<arch>\n" + parts)
    inner, outer = io.BytesIO(), io.BytesIO()
    stamp = (1980, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(zipfile.ZipInfo("native/a.so", stamp), head)
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("lib/in.jar", stamp), inner.getvalue())
    write("archive", "jar", outer.getvalue())
    write("archive", "names", tar({"../out.so": head, "/absolute.so": head, "a/b": "..", "a/b/c.so": head}))


def one_file_program(entries, short=0):
    """As PyInstaller's bootloader reads it: (name, type, data, packed?)."""
    data = table = b""
    for name, kind, content, packed in entries:
        stored = zlib.compress(content) if packed else content
        padded = name + bytes(16 - len(name) % 16)
        table += struct.pack("!IIIIBc", 18 + len(padded), len(data), len(stored), len(content), packed, kind) + padded
        data += stored
    length = len(data) + len(table) + 88
    return elf() + data + table + b"MEI\x0c\x0b\x0a\x0b\x0e" + struct.pack("!IIII", length - short, len(data), len(table), 311) + b"libpython3.11.so".ljust(64, b"\0")


def nss_database():
    """The table of cert9.db with one certificate that is none, trusted for servers."""
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA page_size = 512")
    database.execute("CREATE TABLE nssPublic (id PRIMARY KEY UNIQUE ON CONFLICT ABORT, a0, a11, a81, a82, ace536358)")
    database.execute("INSERT INTO nssPublic VALUES (1, x'00000001', x'3000', x'30', x'01', NULL), (2, x'ce534353', NULL, x'30', x'01', x'ce534352')")
    database.commit()
    return database.serialize()


def pieces(*sent):
    """Who sends what, as the target reads it: the first byte of each piece says the side and a size in eighths."""
    out = b""
    for server, data in sent:
        for at in range(0, len(data), 1008):
            piece = data[at:at + 1008]
            padded = piece.ljust((len(piece) + 15) // 16 * 16, b"\0")
            out += bytes([len(padded) // 8 & 0xfe | server]) + padded
    return out


def hello(*extensions):
    """A ClientHello with these extensions, in its record; its session id fills it up to whole pieces."""
    for filling in range(33):
        body = b"\3\3" + bytes(32) + bytes([filling]) + bytes(filling) + b"\0\4\x13\x01\xc0\x2f" + b"\1\0"
        tail = b"".join(struct.pack("!HH", kind, len(data)) + data for kind, data in extensions)
        body += struct.pack("!H", len(tail)) + tail
        message = b"\x01" + len(body).to_bytes(3, "big") + body
        record = b"\x16\x03\x01" + struct.pack("!H", len(message)) + message
        if len(record) % 16 == 0:
            return record
    raise AssertionError("it can't be filled up")


def write_hellos(alert):
    name = (0, b"\0\x0c\0\0\x09unit.test")
    groups = (10, struct.pack("!HHHH", 6, 0x11ec, 29, 23))
    share = (51, struct.pack("!HHH", 4 + 1216 + 4 + 32, 0x11ec, 1216) + bytes(1216) + struct.pack("!HH", 29, 32) + bytes(32))
    protocols = (16, b"\0\x0c\x02h2\x08http/1.1")
    signatures = (13, struct.pack("!HHH", 4, 0x0403, 0x0804))
    large = hello(name, groups, share, protocols, signatures)
    write("tls", "large-hello", pieces((0, large), (1, alert)))
    small = hello(name, protocols)
    for protocol, answer in (("http", b"HTTP/1.1 400 Bad Request\r\n\r\n"), ("ssh", b"SSH-2.0-x\r\n"), ("mysql", b"\x4a\0\0\0\x0a8.0.36\0"),
                             ("postgres", b"E\0\0\0\x20SFATAL\0C08P01\0"), ("ldap", b"\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x02\x04\0\x04\0")):
        write("tls", f"answer-{protocol}", pieces((0, small), (1, answer)))
    write("tls", "greeting", pieces((1, b"220 mail ESMTP\r\n"), (0, small)))
    server_hello = b"\x02\0\0\x26\3\3" + bytes(32) + b"\0\xc0\x2f\0"
    request = b"\x0d\0\0\x12\1\1\0\2\4\3\0\x0a\0\x08\x30\6\x31\4\x30\2\6\0"
    flight = server_hello + request
    write("tls", "certificate-request", pieces((0, small), (1, b"\x16\3\3" + struct.pack("!H", len(flight)) + flight)))


def main():
    write("elf", "empty", elf())
    write("elf", "outside", elf(program_header(2, 1 << 60, 0, 64), 1))
    load = program_header(1, 0, 0, 4096)
    strings = b"\0libcrypto.so.3\0$ORIGIN\0libc.so.6\0"
    body = dynamic((5, 0x200), (10, len(strings)), (14, 1), (29, 16), (1, 24), (0x6ffffffe, 0x240), (0x6fffffff, 1))
    table = program_header(2, 64 + 112, 64 + 112, len(body))
    data = elf(load + table, 2, tail=body)
    data = data.ljust(0x200, b"\0") + strings
    # A version list whose only entry points to itself: it must end.
    data = data.ljust(0x240, b"\0") + struct.pack("<HHIII", 1, 1, 24, 0, 0) + bytes(64)
    data += b"OPENSSLDIR: \"/usr/local/ssl\"\0OpenSSL 1.1.1w  11 Sep 2023\0"
    write("elf", "dynamic", data)
    write("elf", "magic-only", b"\x7fELF")

    write("openssl_config", "sections", "openssl_conf = a\n[a]\nssl_conf = b # c\n[b]\nsystem_default = c\n[c]\nCipherString = 'x'\\\n:y$a::ssl_conf${ENV::HOME}\n")
    write("openssl_config", "itself", ".include /x.cnf\n.include = /x.cnf\n.pragma = includedir:/y\n.include z\n")
    write("openssl_config", "broken", "[a\n")

    block = "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
    write("pem", "not-der", block % "AAAA")
    write("pem", "bad-base64", block % "@@@@")
    write("pem", "glued", (block % "AAAA").rstrip() + block % "AAAA")
    write("pem", "unfinished", "-----BEGIN CERTIFICATE-----\nAAAA\n")
    write("pem", "trusted", "-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----\n")
    write("pem", "mismatch", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----\n")

    write("os_release", "debian", 'ID=debian\nVERSION_ID="12"\n')
    write("os_release", "odd", 'ID=\nID_LIKE=   \nVERSION_ID="..\nID')
    write("os_release", "relative", 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n')
    write("compiled_roots", "pem", "~" + block % "AAAA")
    write("compiled_roots", "der", b"~" + bytes.fromhex("30820010308200" "0ca003020102") + bytes(20))
    write("compiled_roots", "long", b"~" + bytes.fromhex("3082ffff3082fff0a003020102"))
    write("p11_kit", "object", "[p11-kit-object-v1]\ntrusted: true\n" + block % "AAAA")
    write("p11_kit", "two", "[p11-kit-object-v1]\nx-distrusted: true\n[p11-kit-object-v1]\ntrusted:\n" + block % "AAAA")
    write("p11_kit", "trusted", "-----BEGIN TRUSTED CERTIFICATE-----\nMIIB\n-----END TRUSTED CERTIFICATE-----\n")
    write("nss_database", "empty-table", nss_database())
    write("nss_database", "cut", nss_database()[:1500])
    write("nss_database", "text", "SQLite format 3\0 and nothing else")

    name = b"speech.origin.test"
    sni = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name
    extensions = struct.pack("!HH", 0, len(sni)) + sni + struct.pack("!HHB", 43, 5, 4) + b"\x03\x04\x03\x03"
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack("!H", len(extensions)) + extensions
    message = b"\x01" + len(hello).to_bytes(3, "big") + hello
    record = b"\x16\x03\x01" + struct.pack("!H", len(message)) + message
    padded = record.ljust((len(record) + 7) // 8 * 8, b"\0")
    write("tls", "client-hello", bytes([len(padded) // 8 & 0xfe]) + padded)
    alert = b"\x15\x03\x03\x00\x02\x02\x30"
    write("tls", "alert", bytes([2]) + record[:16] + bytes([2]) + alert)
    write_hellos(alert)
    write("tls", "http", bytes([4]) + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    write("tls", "certificate", bytes([3]) + b"\x16\x03\x03\x00\x0a\x0b\x00\x00\x06\x00\x00\x03\xff\xff\xff")

    def frame(data):
        return struct.pack("!H", len(data)) + data

    def segment(seq, flags, payload):
        tcp = struct.pack("!HHIIBBHHH", 40000, 443, seq, 0, 0x50, flags, 65535, 0, 0) + payload
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])) + tcp

    packets = [segment(0, 2, b""), segment(1, 0x18, record[:20]), segment(21, 0x18, record[20:]), segment(1 + len(record), 0x18, alert)]
    write("capture", "raw", bytes([5]) + b"".join(map(frame, packets)))
    write("capture", "ethernet", bytes([0]) + b"".join(frame(bytes(12) + b"\x08\x00" + one) for one in packets))
    write("capture", "vlan-cooked", bytes([1]) + b"".join(frame(bytes(14) + b"\x08\x00" + one) for one in reversed(packets)))
    fragment = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 9, 0x2000, 64, 6, 0, bytes(4), bytes(4)) + bytes(8)
    write("capture", "fragment", bytes([5]) + frame(fragment) + frame(fragment[:6] + b"\0\1" + fragment[8:]))
    ipv6 = b"\x60\0\0\0" + struct.pack("!HBB", 16, 0, 64) + bytes(32) + b"\x3c\0" + bytes(6) + b"\x06\0" + bytes(6)
    write("capture", "ipv6-headers", bytes([5]) + frame(ipv6))

    write("keylog", "line", "CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 48 + "\n")
    write("keylog", "tls13", "".join(f"{label} {'00' * 32} {'11' * 32}\n" for label in ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0")))
    write("keylog", "rubbish", "# no\nCLIENT_RANDOM 0 0\nCLIENT_RANDOM \n")

    section = struct.pack("<IIIIqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, -1, 28)
    secrets = ("CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 24 + "\n").encode()
    secrets_block = struct.pack("<IIII", 10, 20 + len(secrets), 0x544c534b, len(secrets)) + secrets + struct.pack("<I", 20 + len(secrets))
    write("pcapng", "secrets", section + secrets_block)
    write("pcapng", "swapped", struct.pack(">IIIIqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, -1, 28) + struct.pack(">III", 10, 4, 0))
    write("pcapng", "pcap", struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    function = b"crypto/tls.(*Conn).sendAlert\0"
    table = struct.pack("<IBBBBQQQQQQQQ", 0xfffffff1, 0, 0, 1, 8, 1, 0, 0x401000, 72, 0, 0, 0, 72 + len(function))
    write("pclntab", "one", table + function + struct.pack("<IIIII", 0x40, 12, 0x80, 0x40, 0))
    write("pclntab", "many", struct.pack("<IBBBBQ", 0xfffffff0, 0, 0, 1, 8, 1 << 40) + bytes(56))
    write("pclntab", "old", struct.pack("<I", 0xfffffffb) + bytes(68))

    write("x86", "push", b"\x41\x55")
    write("x86", "endbr", b"\xf3\x0f\x1e\xfa")
    write("x86", "load", b"\x48\x8b\x0d\xe9\xdb\x0c\x00")

    archives()
    entries = [(b"libssl.so.3", b"b", elf(), 1), (b"certifi/cacert.pem", b"x", b"-----BEGIN CERTIFICATE-----\n", 0), (b"../out.so", b"b", elf(), 0)]
    write("pyinstaller", "one", one_file_program(entries))
    write("pyinstaller", "section", one_file_program(entries) + bytes(100))
    write("pyinstaller", "length", one_file_program(entries, short=40))

    write("proc", "maps", "7f00-7f01 r-xp 00000000 fe:00 42 /lib/x.so\n7f02-7f03 r-xp 0 0:0 43 /x (deleted)\n")
    write("proc", "environ", b"SSL_CERT_FILE=/x\0A=\0=b\0")
    write("proc", "auxv", struct.pack("<QQQQ", 23, 1, 0, 0))
    write("proc", "status", "Name:\tx\nTgid:\t1\nUid:\t0 0 0 0\nCapEff:\tffffffffffffffff\n")

    write("proc", "status-cut", "Name:\tx\nState:\n")
    write("proc", "stat", "7 (a b) c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1\n")

    write("json", "empty", '{"schema":"tlswhy/1"}')
    write("json", "types", '{"schema":"tlswhy/1","handshakes":[{"alert":7}]}')
    write("json", "finding", '{"schema":"tlswhy/1","findings":[{"code":"TW101","class":"x","evidence":[{"errno":"ENOENT"}],"proof":null}]}')
    write("json", "deep", "[" * 200)

    magic = b"glibc-ld.so.cache1.1"
    write("loader_cache", "empty", magic + bytes(28))
    write("loader_cache", "count", magic + struct.pack("<I", 0xffffffff) + bytes(24))
    entry = struct.pack("<IIIIQ", 0x0303, 72, 88, 0, 0)
    write("loader_cache", "entry", magic + struct.pack("<I", 1) + bytes(24) + entry + b"libcrypto.so.3\0\0/lib/libcrypto.so.3\0")


if __name__ == "__main__":
    os.umask(0o022)
    main()
