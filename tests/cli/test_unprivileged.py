"""Everything that needs no root works without it: as nobody, in user namespaces."""
import os
import shutil
import subprocess
import tempfile
import unittest

from support import SOURCE, TLSWHY


@unittest.skipUnless(os.geteuid() == 0, "already unprivileged: the other suites show it")
class Nobody(unittest.TestCase):
    def setUp(self):
        # A copy that nobody may read: the checkout may be in a folder closed to others.
        self.folder = tempfile.mkdtemp()
        build = os.path.join(self.folder, "build", "x")
        os.makedirs(build)
        for name in ("tlswhy", "tlswhy-prove", "scriptengine", "tlswhy-lab-server", "tlswhy-lab-static"):
            shutil.copy(os.path.join(os.path.dirname(TLSWHY), name), build)
        shutil.copytree(os.path.join(SOURCE, "lab"), os.path.join(self.folder, "lab"))
        data = os.path.join(os.path.dirname(os.path.dirname(TLSWHY)), "lab")
        os.makedirs(os.path.join(self.folder, "build", "lab"))
        for name in ("bundle", "bundle-debian", "downloads"):
            shutil.copytree(os.path.join(data, name), os.path.join(self.folder, "build", "lab", name), symlinks=True)
        for name in ("release", "soversion", "stamp", "apt"):
            source = os.path.join(data, name)
            (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, os.path.join(self.folder, "build", "lab", name))
        subprocess.run(["chown", "-R", "nobody", self.folder], check=True)
        self.tlswhy = os.path.join(build, "tlswhy")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def as_nobody(self, *command):
        return subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command], capture_output=True, text=True,
                              timeout=120, cwd="/")

    def test_run(self):
        done = self.as_nobody(self.tlswhy, "run", "--", "sh", "-c", "id -un; exit 3")
        self.assertEqual((done.returncode, done.stdout), (3, "nobody\n"))

    def test_a_set_id_program_is_named(self):
        done = self.as_nobody(self.tlswhy, "run", "--plain", "--json", "-", "--", "/usr/bin/passwd", "--help")
        self.assertIn("/usr/bin/passwd has set-id bits", done.stdout)

    def test_the_origin_case_in_a_user_namespace(self):
        if self.as_nobody("unshare", "-Urmn", "true").returncode != 0:
            self.skipTest("user namespaces are not allowed here")
        done = self.as_nobody(self.tlswhy, "lab", "test", "origin", "works-env")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("2 passed, 0 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
