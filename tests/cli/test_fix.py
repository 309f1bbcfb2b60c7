"""tlswhy fix: settings, and remedies that change files and are undone."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from support import TLSWHY, lab

BUNDLE = "/opt/ScriptEngineServerBin/817186"


def tlswhy(*words, **kwargs):
    return subprocess.run([TLSWHY, *words], capture_output=True, text=True, timeout=60, **kwargs)


class Fix(unittest.TestCase):
    def test_env_for_the_origins_engine(self):
        done = lab("origin", TLSWHY, "fix", "env", f"{BUNDLE}/scriptengine")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\n", done.stdout)

    def test_formats(self):
        for form, text in (("systemd", "Environment=SSL_CERT_FILE="), ("docker", "ENV SSL_CERT_FILE="), ("kubernetes", "name: SSL_CERT_FILE")):
            self.assertIn(text, tlswhy("fix", "env", "--format", form, "/usr/bin/openssl").stdout)

    def test_every_variable_that_the_program_reads_and_no_other(self):
        told = json.loads(tlswhy("fix", "env", "/usr/bin/curl", "--json", "-").stdout)
        names = [one["variable"] for one in told["settings"]]
        self.assertIn("SSL_CERT_FILE", names)
        self.assertNotIn("NODE_EXTRA_CA_CERTS", names)
        self.assertEqual(len(names), len(set(names)))

    def test_forms_of_print_are_read_by_those_that_they_are_for(self):
        store = "/etc/ssl/certs/ca-certificates.crt"
        self.assertEqual(json.loads(tlswhy("fix", "env", "--print", "json", "/usr/bin/openssl").stdout)["SSL_CERT_FILE"], store)
        self.assertIn(f"\nSSL_CERT_FILE={store}\n", tlswhy("fix", "env", "--print", "dotenv", "/usr/bin/openssl").stdout)
        done = subprocess.run(["sh", "-c", tlswhy("fix", "env", "/usr/bin/openssl").stdout + 'printf %s "$SSL_CERT_FILE"'], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout, store)

    def test_a_command_is_started_with_its_variables_and_keeps_its_status(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "openssl")
            shutil.copy("/usr/bin/openssl", program)
            done = tlswhy("fix", "env", "--", program, "version", "-d")
            self.assertEqual((done.returncode, done.stdout.startswith("OPENSSLDIR")), (0, True), done.stderr)
        self.assertEqual(tlswhy("fix", "env", "--", "/usr/bin/openssl", "x509", "-in", "/nonexistent").returncode, 1)

    def test_a_set_id_program_reads_no_variable(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "openssl")
            shutil.copy("/usr/bin/openssl", program)
            os.chmod(program, 0o4755)
            done = tlswhy("fix", "env", program)
            self.assertEqual(done.returncode, 3)
            self.assertIn("fix link", done.stderr)

    def test_an_unusable_store_is_refused(self):
        done = tlswhy("fix", "env", "--store", "/etc/passwd", "/usr/bin/openssl")
        self.assertEqual(done.returncode, 3)
        self.assertIn("empty", done.stderr)


class FixFiles(unittest.TestCase):
    """Remedies that change files, on a folder of their own with a journal of its own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.mkdir(self.path("root"))

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def fix(self, *words):
        return subprocess.run([TLSWHY, "fix", *words], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                              env={**os.environ, "XDG_STATE_HOME": self.path("state")})

    def put(self, name, text):
        os.makedirs(os.path.dirname(self.path("root", name)), exist_ok=True)
        with open(self.path("root", name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.path("root", name), encoding="utf-8") as file:
            return file.read()

    def certificates(self, count):
        with open("/etc/ssl/certs/ca-certificates.crt", encoding="utf-8") as file:
            return [block + "-----END CERTIFICATE-----\n" for block in file.read().split("-----END CERTIFICATE-----\n")[:count]]

    def test_a_malformed_bundle_is_mended_and_undone(self):
        bad = "# ours\n" + self.certificates(1)[0] + "-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n"
        self.put("etc/ca.pem", bad)
        dry = self.fix("bundle", "--root", self.path("root"), "/etc/ca.pem", "--dry-run")
        self.assertIn("planned", dry.stdout)
        self.assertEqual(self.read("etc/ca.pem"), bad)
        done = self.fix("bundle", "--root", self.path("root"), "/etc/ca.pem", "--json", "-")
        told = json.loads(done.stdout)["applied"][0]
        self.assertEqual((done.returncode, told["state"], told["verified"]), (0, "applied", "/etc/ca.pem: 1 anchor"))
        self.assertIn("a certificate that can't be read", told["notes"][0])
        self.assertEqual(self.read("etc/ca.pem"), "# ours\n" + self.certificates(1)[0])
        self.assertIn(told["id"], self.fix("--list").stdout)
        self.assertEqual(self.fix("--undo", told["id"]).returncode, 0)
        self.assertEqual(self.read("etc/ca.pem"), bad)
        self.assertIn("undone", self.fix("--list").stdout)
        self.assertEqual(self.fix("--undo").returncode, 3)

    def test_the_compiled_in_place_of_a_program_in_another_root_gets_a_copy_where_it_has_no_store(self):
        done = self.fix("link", "--root", self.path("root"), "--place", "/usr/lib/ssl/cert.pem")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(os.path.islink(self.path("root/usr/lib/ssl/cert.pem")))
        self.assertIn("BEGIN CERTIFICATE", self.read("usr/lib/ssl/cert.pem"))
        self.assertEqual(self.fix("--undo").returncode, 0)
        self.assertEqual(os.listdir(self.path("root")), [])

    def test_an_anchor_is_shown_and_asked_about_first(self):
        self.put("etc/os-release", "ID=debian\nVERSION_ID=12\n")
        self.put("etc/ssl/certs/ca-certificates.crt", self.certificates(1)[0])
        self.put("company.pem", self.certificates(2)[1])
        words = ["anchor", "--root", self.path("root"), self.path("root/company.pem")]
        asked = self.fix(*words)
        self.assertEqual(asked.returncode, 2)
        self.assertIn("SHA-256  ", asked.stderr)
        self.assertFalse(os.path.exists(self.path("root/usr")))
        done = self.fix(*words, "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.read("usr/local/share/ca-certificates/company.crt"), self.certificates(2)[1])
        self.assertIn(self.certificates(2)[1], self.read("etc/ssl/certs/ca-certificates.crt"))
        self.assertEqual(self.fix("--undo").returncode, 0)
        self.assertFalse(os.path.exists(self.path("root/usr")))
        self.assertEqual(self.read("etc/ssl/certs/ca-certificates.crt"), self.certificates(1)[0])

    @unittest.skipUnless(shutil.which("certutil"), "needs certutil")
    def test_an_nss_database_takes_an_anchor_and_gives_it_back(self):
        self.put("company.pem", self.certificates(1)[0])
        database = self.path("root/nss")
        os.mkdir(database)
        subprocess.run(["certutil", "-N", "-d", "sql:" + database, "--empty-password"], check=True, capture_output=True, timeout=60)
        with open(os.path.join(database, "cert9.db"), "rb") as file:
            before = file.read()
        done = self.fix("anchor", self.path("root/company.pem"), "--no-system", "--store", database, "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = subprocess.run(["certutil", "-L", "-d", "sql:" + database], capture_output=True, text=True, timeout=60).stdout
        self.assertRegex(listed, "company +C,,")
        self.assertEqual(self.fix("--undo").returncode, 0)
        with open(os.path.join(database, "cert9.db"), "rb") as file:
            self.assertEqual(file.read(), before)

    @unittest.skipUnless(shutil.which("keytool"), "needs keytool")
    def test_a_keystore_takes_an_anchor(self):
        first, second = self.certificates(2)
        self.put("first.pem", first)
        self.put("second.pem", second)
        store = self.path("root/cacerts")
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "first", "-file", self.path("root/first.pem"), "-keystore", store, "-storepass", "changeit"],
                       check=True, capture_output=True, timeout=60)
        done = self.fix("anchor", self.path("root/second.pem"), "--no-system", "--store", store, "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = subprocess.run(["keytool", "-list", "-keystore", store, "-storepass", "changeit"], capture_output=True, text=True, timeout=60).stdout
        self.assertIn("second", listed)

    def test_what_a_package_owns_and_what_is_immutable_is_refused_and_stays(self):
        self.put("etc/ca.pem", self.certificates(1)[0] + "-----BEGIN CERTIFICATE-----\n")
        self.put("var/lib/dpkg/info/owner.list", "/etc/ca.pem\n")
        before = self.read("etc/ca.pem")
        refused = self.fix("bundle", "--root", self.path("root"), "/etc/ca.pem")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("owner (dpkg)", refused.stderr)
        self.assertEqual(self.read("etc/ca.pem"), before)

    def in_small_mount(self, options, script):
        """Runs a script in a mount namespace of its own, where {m} is a tmpfs with these options."""
        place = self.path("mount")
        os.mkdir(place)
        full = f"mount -t tmpfs -o size=64k tmpfs {place} && " + script.replace("{m}", place).replace("{mount}", f"mount -o remount,{options} {place}")
        return subprocess.run(["unshare", "-m", "sh", "-c", full], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                              env={**os.environ, "XDG_STATE_HOME": self.path("state")})

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_a_full_or_read_only_disk_is_told_and_nothing_changes(self):
        self.put("ca.pem", self.certificates(1)[0] + "-----BEGIN CERTIFICATE-----\n")
        copy = f"cp {self.path('root/ca.pem')} {{m}}/ca.pem"
        same = f"cmp {self.path('root/ca.pem')} {{m}}/ca.pem && ls -A {{m}} && echo same"
        full = self.in_small_mount("rw", f"{copy}; cat /dev/zero > {{m}}/fill 2>/dev/null; {TLSWHY} fix bundle {{m}}/ca.pem; echo status $?; {same}")
        self.assertIn("ENOSPC", full.stderr)
        self.assertEqual(full.stdout, "status 3\nca.pem\nfill\nsame\n")
        os.rmdir(self.path("mount"))
        readonly = self.in_small_mount("ro", f"{copy}; {{mount}}; {TLSWHY} fix bundle {{m}}/ca.pem; echo status $?; {same}")
        self.assertIn("EROFS", readonly.stderr)
        self.assertEqual(readonly.stdout, "status 3\nca.pem\nsame\n")
        self.assertEqual(self.fix("--list").stdout, "No remedy was applied here.\n")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_what_another_owns_is_told_and_stays(self):
        self.put("ca.pem", self.certificates(1)[0] + "-----BEGIN CERTIFICATE-----\n")
        os.chmod(self.folder.name, 0o755)
        os.mkdir(self.path("state"))
        os.chown(self.path("state"), 65534, 65534)
        before = self.read("ca.pem")
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", TLSWHY, "fix", "bundle", self.path("root/ca.pem")], capture_output=True,
                              text=True, timeout=120, env={**os.environ, "XDG_STATE_HOME": self.path("state")})
        self.assertEqual(done.returncode, 3)
        self.assertIn("EACCES", done.stderr)
        self.assertIn("nothing was changed", done.stderr)
        self.assertEqual(self.read("ca.pem"), before)

    def test_the_origins_engine_works_after_the_link_and_not_after_undo(self):
        call = f"""{BUNDLE}/scriptengine invoke {{functions}}/repro.py --event '{{"url": "wss://{{host}}/"}}'"""
        done = lab("origin", "sh", "-c", f"tlswhy fix link {BUNDLE}/scriptengine && {call} >/dev/null && echo works && tlswhy fix --undo >/dev/null && ! {call} >/dev/null 2>&1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("make /usr/local/ssl/cert.pem: -> /etc/ssl/certs/ca-certificates.crt", done.stdout)
        self.assertIn("works", done.stdout)

    def test_a_unit_gets_a_drop_in(self):
        os.makedirs(self.path("root/usr/bin"))
        done = self.fix("env", "/usr/bin/openssl", "--unit", "app", "--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("/etc/systemd/system/app.service.d/tlswhy.conf", done.stdout)


if __name__ == "__main__":
    unittest.main()
