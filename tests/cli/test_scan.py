"""`tlswhy scan` of archives, images and folders. They are made here, of files that this machine has."""
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile

from support import tlswhy

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CURL = "/usr/bin/curl"


def scan(*arguments, **kwargs):
    done, report = tlswhy("scan", *arguments, **kwargs)
    return done, report


def paths(report):
    return [one["path"] for one in report["files"]]


def file_of(report, ending):
    return next(one for one in report["files"] if one["path"].endswith(ending))


def deciding(report, ending):
    return [report["stacks"][index]["name"] for index in file_of(report, ending)["decides"]]


def codes(report):
    return [one["code"] for one in report["findings"]]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def libraries(program):
    """Path to contents of what a program loads; names as its loader knows them."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return {path: read(path) for path in re.findall(r"(/\S+\.so\S*)", listed)}


def tar(files, fileobj=None, mode="w", name=None):
    """An archive of path → bytes, or a link's target as text."""
    out = fileobj or io.BytesIO()
    with tarfile.open(name=name, fileobj=None if name else out, mode=mode) as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.mode = 0o755
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                archive.addfile(entry)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return None if name else out.getvalue()


def curl_layer():
    return tar({CURL: read(CURL), "/etc/os-release": b"ID=debian\nVERSION_ID=12\n", **libraries(CURL)})


def digest(data):
    return hashlib.sha256(data).hexdigest()


def docker_save(path, layers, config=None):
    """As `docker save` writes it."""
    settings = json.dumps({"config": config or {}}).encode()
    names = [f"{digest(layer)}/layer.tar" for layer in layers]
    manifest = json.dumps([{"Config": digest(settings) + ".json", "RepoTags": ["app:1"], "Layers": names}]).encode()
    tar({**dict(zip(names, layers)), digest(settings) + ".json": settings, "manifest.json": manifest}, name=path)


def oci_layout(folder, layers, config=None):
    """As an image layout of OCI, layers packed with gzip."""
    blobs = f"{folder}/blobs/sha256"
    os.makedirs(blobs)

    def put(data):
        with open(f"{blobs}/{digest(data)}", "wb") as file:
            file.write(data)
        return {"digest": "sha256:" + digest(data), "size": len(data)}

    packed = [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **put(gzip.compress(layer, 1))} for layer in layers]
    manifest = put(json.dumps({"config": put(json.dumps({"config": config or {}}).encode()), "layers": packed}).encode())
    index = {"manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", **manifest}]}
    for name, text in (("index.json", index), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
        with open(f"{folder}/{name}", "w", encoding="ascii") as file:
            json.dump(text, file)


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.curl = curl_layer()
        cls.store = tar({BUNDLE: read(BUNDLE)})

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def test_the_store_is_in_a_layer_of_its_own(self):
        docker_save(f"{self.folder}/app.tar", [self.curl, self.store])
        done, report = scan(f"{self.folder}/app.tar")
        self.assertEqual((done.returncode, codes(report)), (0, []), done.stdout)
        self.assertEqual(deciding(report, f"app.tar!{CURL}"), ["curl"])
        for text in ("CAUSE", "app.tar!\n", f"  {CURL}", "yes, ", BUNDLE):
            self.assertIn(text, done.stdout)

    def test_a_whiteout_takes_the_store_away(self):
        for name in ("etc/ssl/certs/.wh.ca-certificates.crt", "etc/.wh.ssl", "etc/ssl/.wh..wh..opq"):
            docker_save(f"{self.folder}/app.tar", [self.curl, self.store, tar({name: b""})])
            done, report = scan(f"{self.folder}/app.tar")
            self.assertEqual((done.returncode, codes(report)), (1, ["TW103"]), name)
            self.assertIn(f"{self.folder}/app.tar!{CURL}", report["findings"][0]["files"])

    def test_a_layout_as_folder_and_as_archive(self):
        layout = f"{self.folder}/layout"
        oci_layout(layout, [self.curl, self.store], {"Env": ["SSL_CERT_FILE=/nowhere.pem"]})
        subprocess.run(["tar", "-C", layout, "-cf", f"{self.folder}/layout.tar", "."], check=True)
        for path in (layout, f"{self.folder}/layout.tar"):
            done, report = scan(path)
            self.assertEqual((done.returncode, codes(report)), (1, ["TW201"]), path)
            self.assertIn("SSL_CERT_FILE=/nowhere.pem", done.stdout)

    def test_the_images_user_may_not_read_the_store(self):
        store = io.BytesIO()
        with tarfile.open(fileobj=store, mode="w") as archive:
            entry = tarfile.TarInfo(BUNDLE.lstrip("/"))
            entry.mode, entry.size = 0o600, os.path.getsize(BUNDLE)
            archive.addfile(entry, io.BytesIO(read(BUNDLE)))
        docker_save(f"{self.folder}/app.tar", [self.curl, store.getvalue()], {"User": "1000:1000"})
        self.assertEqual(codes(scan(f"{self.folder}/app.tar")[1]), ["TW106"])

    def test_links_of_the_image_stay_in_it(self):
        # A directory of the layer below is a link; the store of this machine is no way out.
        merged = tar({"lib": "usr/lib", "etc/ssl": "/nowhere", "etc/passwd": b"root:x:0:0::/root:/bin/sh\n"})
        docker_save(f"{self.folder}/app.tar", [merged, self.curl])
        done, report = scan(f"{self.folder}/app.tar")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(file_of(report, CURL)["missing"], [])

    def test_an_exported_root(self):
        tar({CURL: read(CURL), "etc/passwd": b"root:x:0:0::/root:/bin/sh\n", **libraries(CURL)}, name=f"{self.folder}/root.tar.xz", mode="w:xz")
        done, report = scan(f"{self.folder}/root.tar.xz")
        self.assertEqual((done.returncode, codes(report)), (1, ["TW103"]))

    def test_what_a_program_needs_and_is_not_there(self):
        docker_save(f"{self.folder}/app.tar", [tar({CURL: read(CURL), "etc/os-release": b""})])
        done, report = scan(f"{self.folder}/app.tar")
        missing = {one["library"]: one for one in file_of(report, CURL)["missing"]}
        self.assertIn("libcurl.so.4", missing)
        self.assertIn("/usr/lib", missing["libcurl.so.4"]["searched"])
        self.assertIn("libcurl.so.4", done.stdout)


class Packages(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def library(self):
        return next(content for path, content in libraries("/usr/bin/openssl").items() if "libcrypto" in path)

    def test_a_zip_a_wheel_and_a_jar_within(self):
        jar = io.BytesIO()
        with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("META-INF/native/libtcnative.so", self.library())
        for name in ("app.whl", "app.zip"):
            with zipfile.ZipFile(f"{self.folder}/{name}", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("app.libs/libcrypto-1234.so.3", self.library())
                archive.writestr("lib/inner.jar", jar.getvalue())
            done, report = scan(f"{self.folder}/{name}")
            self.assertEqual((done.returncode, codes(report)), (0, []), done.stderr)
            found = file_of(report, f"{name}!/app.libs/libcrypto-1234.so.3")
            self.assertEqual(report["stacks"][found["stacks"][0]]["name"], "OpenSSL")
            self.assertEqual(found["same_as"], [f"{self.folder}/{name}!/lib/inner.jar!/META-INF/native/libtcnative.so"])

    def test_a_zipapp(self):
        with open(f"{self.folder}/app.pyz", "wb") as file:
            file.write(b"#!/usr/bin/env python3\n")
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("native/libcrypto.so.3", self.library())
        self.assertEqual(paths(scan(f"{self.folder}/app.pyz")[1]), [f"{self.folder}/app.pyz!/native/libcrypto.so.3"])

    def test_the_unused_default_of_a_library_is_no_finding(self):
        # Its library's places lead nowhere, and the module never asks for them.
        source = "int X509_get0_notBefore(void); int module(void) { return X509_get0_notBefore(); }"
        subprocess.run(["gcc", "-shared", "-x", "c", "-", "-o", f"{self.folder}/module.so", "-Wl,-rpath,$ORIGIN", "-l:libcrypto.so.3"], input=source, text=True, check=True)
        moved = self.library().replace(b"/usr/lib/ssl", b"/nowhere/ssl")
        for names, status in (("module.so",), 0), (("module.so", "asks.so"), 1):
            source = "int X509_STORE_set_default_paths(void); int asks(void) { return X509_STORE_set_default_paths(); }"
            subprocess.run(["gcc", "-shared", "-x", "c", "-", "-o", f"{self.folder}/asks.so", "-Wl,-rpath,$ORIGIN", "-l:libcrypto.so.3"], input=source, text=True, check=True)
            with zipfile.ZipFile(f"{self.folder}/app.whl", "w") as archive:
                archive.writestr("libcrypto.so.3", moved)
                for name in names:
                    archive.write(f"{self.folder}/{name}", name)
            done, report = scan(f"{self.folder}/app.whl")
            self.assertEqual((done.returncode, codes(report)), (status, ["TW101"] * status), names)
            if status:
                self.assertEqual(report["findings"][0]["files"], [f"{self.folder}/app.whl!/asks.so"])

    def test_a_debian_package_over_the_root(self):
        root = f"{self.folder}/package"
        os.makedirs(f"{root}/DEBIAN")
        os.makedirs(f"{root}/usr/bin")
        shutil.copy(CURL, f"{root}/usr/bin/fetcher")
        with open(f"{root}/DEBIAN/control", "w", encoding="ascii") as file:
            file.write("Package: fetcher\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: test\n")
        subprocess.run(["dpkg-deb", "--build", root, f"{self.folder}/fetcher.deb"], check=True, capture_output=True)
        done, report = scan(f"{self.folder}/fetcher.deb")
        self.assertEqual(done.returncode, 0, done.stderr)
        # Its libraries are this machine's.
        self.assertEqual(file_of(report, "fetcher.deb!/usr/bin/fetcher")["missing"], [])
        self.assertIn("OpenSSL", [stack["name"] for stack in report["stacks"]])

    def test_names_that_lead_out_are_refused(self):
        with tarfile.open(f"{self.folder}/bad.tar", "w") as archive:
            for name in ("../../etc/evil.so", "/absolute.so", "good/" + "x" * 300, "good/lib.so"):
                entry = tarfile.TarInfo(name)
                content = self.library()
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        done, report = scan(f"{self.folder}/bad.tar")
        self.assertEqual(paths(report), [f"{self.folder}/bad.tar!/good/lib.so"])
        self.assertIn("were refused: ../../etc/evil.so and 2 more", " ".join(report["unseen"]))
        self.assertFalse(os.path.exists(f"{self.folder}/good"))

    def test_what_unpacks_to_too_much_is_cut(self):
        with tarfile.open(f"{self.folder}/bomb.tar.gz", "w:gz", compresslevel=9) as archive:
            entry = tarfile.TarInfo("lib.so")
            archive.addfile(entry, io.BytesIO(b""))
            entry = tarfile.TarInfo("zeros")
            entry.size = 1100 << 20
            with open("/dev/zero", "rb") as zeros:
                archive.addfile(entry, zeros)
        done, report = scan(f"{self.folder}/bomb.tar.gz")
        self.assertIn("it unpacks to more than", " ".join(report["unseen"]))

    def test_what_is_cut_short_counts_as_far_as_it_goes(self):
        whole = tar({"lib/libcrypto.so.3": self.library(), "rest": b"x" * 1000000})
        with open(f"{self.folder}/cut.tar", "wb") as file:
            file.write(whole[:-500000])
        done, report = scan(f"{self.folder}/cut.tar")
        self.assertEqual(paths(report), [f"{self.folder}/cut.tar!/lib/libcrypto.so.3"])
        self.assertIn("ends early or is damaged", " ".join(report["unseen"]))

    def test_nothing_to_read(self):
        for name, content in (("text.tar", b"hello"), ("empty.zip", b"")):
            with open(f"{self.folder}/{name}", "wb") as file:
                file.write(content)
            done, report = scan(f"{self.folder}/{name}")
            self.assertEqual((done.returncode, report), (3, None))
            self.assertIn("not an ELF file", done.stderr)


class Roots(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        root = f"{self.folder}/root"
        for path, content in {CURL: read(CURL), **libraries(CURL)}.items():
            os.makedirs(os.path.dirname(root + path), exist_ok=True)
            with open(root + path, "wb") as file:
                file.write(content)
            os.chmod(root + path, 0o755)
        os.makedirs(f"{root}/etc")

    def test_relative_through_a_link_and_with_two_slashes(self):
        os.symlink("root", f"{self.folder}/link")
        for root, file in (("root", "root/usr/bin/curl"), ("link", "link/usr/bin/curl"), ("link", "root/usr/bin/curl"), (f"{self.folder}//root/", f"{self.folder}/root//usr/bin/curl")):
            done, report = scan("--root", root, file, cwd=self.folder)
            self.assertEqual((done.returncode, codes(report)), (1, ["TW103"]), (root, file))
            self.assertEqual(file_of(report, "curl")["missing"], [], (root, file))

    def test_a_file_outside_of_the_root_is_said(self):
        _, report = scan("--root", f"{self.folder}/root", "/usr/bin/openssl")
        self.assertIn("is not below the root", " ".join(report["unseen"]))

    def test_a_folder_that_is_a_root(self):
        with open(f"{self.folder}/root/etc/os-release", "w", encoding="ascii") as file:
            file.write("ID=debian\n")
        done, report = scan(f"{self.folder}/root")
        self.assertEqual((done.returncode, codes(report)), (1, ["TW103"]))
        self.assertIn("is a root of its own", " ".join(report["unseen"]))

    def test_variables_of_a_file(self):
        with open(f"{self.folder}/env", "w", encoding="ascii") as file:
            file.write("SSL_CERT_FILE=/nowhere\n")
        done, report = scan("--env-file", f"{self.folder}/env", CURL)
        self.assertEqual((done.returncode, codes(report)), (1, ["TW201"]))

    def test_findings_that_are_ignored_and_those_that_count(self):
        with open(f"{self.folder}/.tlswhy.toml", "w", encoding="ascii") as file:
            file.write('[[ignore]]\ncode = "TW103"\npath = "root/usr/*"\nreason = "the store is mounted"\n')
        done, report = scan("--root", "root", "root/usr/bin/curl", cwd=self.folder)
        self.assertEqual((done.returncode, codes(report)), (0, []))
        self.assertEqual(report["ignored"][0]["reason"], "the store is mounted")
        self.assertIn("the store is mounted", done.stdout)
        for arguments, status in ((("--fail-on", "none"), 0), (("--fail-on", "TW101"), 0), (("--fail-on", "TW101,TW103"), 1), (("--fail-on", "TW999"), 2)):
            done, _ = scan(*arguments, "--root", f"{self.folder}/root", f"{self.folder}/root{CURL}")
            self.assertEqual(done.returncode, status, arguments)
        with open(f"{self.folder}/bad.toml", "w", encoding="ascii") as file:
            file.write('[[ignore]]\ncode = "TW103"\n')
        done, _ = scan("--config", "bad.toml", CURL, cwd=self.folder)
        self.assertEqual(done.returncode, 3)
        self.assertIn("wants a reason", done.stderr)


class Machines(unittest.TestCase):
    def test_of_another_machine(self):
        with tempfile.TemporaryDirectory() as folder:
            head = bytearray(read("/bin/true"))
            head[4] = 1  # 32 bits (gABI, e_ident)
            head[18] = 3  # i386
            for name in ("a", "b", "c", "d"):
                with open(f"{folder}/{name}", "wb") as file:
                    file.write(head)
            done, report = scan(folder)
            self.assertEqual({one["machine"] for one in report["files"]}, {"i386 (32-bit)"})
            self.assertIn("built for i386 (32-bit)", done.stdout)
            done, _ = scan(f"{folder}/a")
            self.assertEqual(done.returncode, 3)
            self.assertIn("i386 (32-bit)", done.stderr)


if __name__ == "__main__":
    unittest.main()
