"""Breakpoints in TLS libraries: many threads, dlopen and dlclose, signals, exec in a thread, attach and detach, kill -9."""
import os
import signal
import subprocess
import tempfile
import time
import unittest

from authority import WithAuthority
from support import TLSWHY, TRACEES, tlswhy

PROGRAM = f"{TRACEES}/tracee_openssl"


class Breakpoints(WithAuthority):
    def verdicts(self, seen):
        return sorted(shake["verify"]["code"] for shake in seen["handshakes"])

    def printed(self, text):
        return sorted(int(line.split()[1]) for line in text.splitlines() if line.startswith("verify"))

    def check(self, *words, count):
        for version in ("1.2", "1.3"):
            with self.authority.server("ok", version) as server:
                done, seen = tlswhy("run", "--no-probe", "--", PROGRAM, words[0], str(server.port), *words[1:])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(len(seen["handshakes"]), count)
                self.assertEqual(self.verdicts(seen), self.printed(done.stdout))
                for shake in seen["handshakes"]:
                    self.assertEqual((shake["verify"]["seen_by"], len(shake["chain"]), shake["anchors_loaded"]), ("process", 1, 0))
                    self.assertIn("libcrypto.so.3", shake["library"])
                yield done, seen

    def test_64_threads_at_once(self):
        for _, seen in self.check("threads", "64", count=64):
            self.assertEqual(len({shake["thread"] for shake in seen["handshakes"]}), 64)

    def test_library_loaded_again_and_again(self):
        list(self.check("reload", count=3))

    def test_a_storm_of_signals(self):
        for done, _ in self.check("signals", count=20):
            self.assertTrue(done.stdout.endswith("signals ok\n"), done.stdout)

    def test_exec_in_a_thread(self):
        list(self.check("exec", PROGRAM, count=1))

    def test_a_connection_from_before_the_exec(self):
        """What is parsed counts once the program's bytes move, though it never called connect()."""
        child = ("import socket, ssl, sys\ntry: ssl.create_default_context().wrap_socket(socket.socket(fileno=int(sys.argv[1])), server_hostname='localhost')\n"
                 "except ssl.SSLError as error: print(error.verify_code)\n")
        parent = ("import os, socket, sys\npeer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\npeer.set_inheritable(True)\n"
                  "os.execv(sys.executable, [sys.executable, '-c', sys.argv[2], str(peer.fileno())])\n")
        with self.authority.server("ok", "1.3") as server:
            done, seen = tlswhy("run", "--no-probe", "--", "/usr/bin/python3", "-c", parent, str(server.port), child)
            self.assertEqual(done.stdout, "20\n", done.stderr)
            self.assertEqual([(one["verify"]["code"], len(one["chain"])) for one in seen["handshakes"]], [(20, 1)])

    def test_parsing_is_not_stopped_before_there_is_a_peer(self):
        """The program looks at its own code: a breakpoint changes the first byte of the function that it stands at."""
        script = ("import ctypes, socket, sys\nlibrary = ctypes.CDLL('libcrypto.so.3')\n"
                  "for name in ('d2i_X509', 'X509_verify_cert'):\n    code = ctypes.cast(library[name], ctypes.c_void_p).value\n    print(ctypes.string_at(code, 1).hex())\n"
                  "    socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n    print(ctypes.string_at(code, 1).hex())\n")
        with self.authority.server("ok", "1.3") as server:
            alone = subprocess.run(["/usr/bin/python3", "-c", script, str(server.port)], capture_output=True, text=True, check=True).stdout.split()
            watched = tlswhy("run", "--no-probe", "--", "/usr/bin/python3", "-c", script, str(server.port))[0].stdout.split()
        self.assertEqual([one == other for one, other in zip(alone, watched, strict=True)], [True, False, False, False])

    def test_watch_attaches_and_leaves_no_trace(self):
        script = ("import socket,ssl,sys,time\n"
                  "def shake():\n"
                  "    try: ssl.create_default_context().wrap_socket(socket.create_connection(('localhost', int(sys.argv[1]))), server_hostname='localhost')\n"
                  "    except ssl.SSLError as error: return error.verify_code\n"
                  "for i in range(60):\n    print(shake(), flush=True)\n    time.sleep(0.05)\n")
        with self.authority.server("ok", "1.3") as server:
            process = subprocess.Popen(["/usr/bin/python3", "-c", script, str(server.port)], stdout=subprocess.PIPE, text=True)
            process.stdout.readline()
            done, seen = tlswhy("pid", "--watch", "1", str(process.pid))
            self.assertEqual(done.returncode, 1, done.stderr)
            with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
                self.assertIn("TracerPid:\t0\n", file.read())
            rest = process.communicate(timeout=60)[0].split()
            self.assertEqual(process.returncode, 0)
            self.assertEqual(set(rest), {"20"})
            self.assertGreater(len(seen["handshakes"]), 2)
            seen["handshakes"].pop()  # the watch may have ended in the middle of it
            self.assertEqual(set(self.verdicts(seen)), {20})


    def test_watch_killed_leaves_the_process_alive(self):
        script = "import ssl,time\nfor i in range(60):\n    ssl.create_default_context()\n    print(i, flush=True)\n    time.sleep(0.05)\n"
        process = subprocess.Popen(["/usr/bin/python3", "-c", script], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        process.stdout.readline()
        watcher = subprocess.Popen([TLSWHY, "pid", "--watch", "30", str(process.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.6)
        watcher.kill()
        watcher.wait()
        time.sleep(0.3)
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            self.assertIn("TracerPid:\t0\n", file.read())
        self.assertEqual(len(process.communicate(timeout=60)[0].split()), 59)
        self.assertEqual(process.returncode, 0)


class Killed(unittest.TestCase):
    """kill -9 of any process of tlswhy: the command's calls and status stay its own, nothing stays behind."""

    SCRIPT = ("import os,ssl,sys\nssl.create_default_context()\nopen(sys.argv[1], 'w').close()\nbad = 0\nfor i in range(40000):\n    try: os.close(os.open('/etc/hostname', os.O_RDONLY))\n"
              "    except OSError: bad += 1\nprint(bad)\n")

    def start(self):
        """Watched, with its stores loaded, at the beginning of its loop."""
        with tempfile.TemporaryDirectory() as folder:
            ready = os.path.join(folder, "ready")
            process = subprocess.Popen([TLSWHY, "run", "--", "/usr/bin/python3", "-c", self.SCRIPT, ready], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            deadline = time.time() + 30
            while not os.path.exists(ready) and time.time() < deadline:
                time.sleep(0.01)
            self.assertTrue(os.path.exists(ready))
        return process

    def child(self, process, name):
        """It may not have its name yet."""
        deadline = time.time() + 10
        while time.time() < deadline:
            found = subprocess.run(["pgrep", "-x", "-P", str(process.pid), name], capture_output=True, text=True).stdout.split()
            if found:
                return int(found[0])
            time.sleep(0.01)
        self.fail(f"no {name}")

    def test_the_front(self):
        process = self.start()
        worker = self.child(process, "observer")
        process.kill()
        out, _ = process.communicate(timeout=60)  # the pipe closes when the command and the worker have ended
        self.assertEqual(out, "0\n")
        deadline = time.time() + 10
        while os.path.exists(f"/proc/{worker}/exe") and time.time() < deadline:
            time.sleep(0.05)
        self.assertFalse(os.path.exists(f"/proc/{worker}/exe"))

    def test_the_guardian(self):
        process = self.start()
        os.kill(self.child(process, "guardian"), signal.SIGKILL)
        self.assertEqual(process.communicate(timeout=60)[0], "0\n")
        self.assertEqual(process.returncode, 0)

    def test_the_tracer_before_there_is_a_guardian(self):
        done = subprocess.run([TLSWHY, "run", "--", f"{TRACEES}/tracee_calls", "kill"], capture_output=True, text=True, timeout=60)
        self.assertIn("goes on", done.stderr)
        self.assertEqual(done.returncode, 7)

    def test_the_guardian_comes_first_until_it_has_taken_over(self):
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        except PermissionError:
            self.skipTest("takes CAP_SYS_NICE")
        process = self.start()
        guardian = self.child(process, "guardian")
        self.assertEqual(os.sched_getscheduler(guardian), os.SCHED_FIFO)
        os.kill(self.child(process, "observer"), signal.SIGKILL)
        self.assertIn("goes on", process.stderr.readline())
        self.assertEqual(os.sched_getscheduler(guardian), os.SCHED_OTHER)  # the command's calls are its business now
        process.communicate(timeout=60)

    def test_the_tracer(self):
        # Its tracees are detached and seized again by another process. The kernel leaves microseconds between the two, in
        # which a call can be lost: one try in some dozens, most tries where every processor is taken. There the command may
        # even end before it is seized again: then nobody has its status, and that is said.
        lost = []
        while 0 not in lost and len(lost) < 10:
            process = self.start()
            guardian = self.child(process, "guardian")
            os.kill(self.child(process, "observer"), signal.SIGKILL)
            out, err = process.communicate(timeout=60)
            self.assertIn("goes on", err)
            if process.returncode != 0:
                self.assertIn("ended unexpectedly", err)
            lost.append(int(out) if process.returncode == 0 else None)
            deadline = time.time() + 10
            while os.path.exists(f"/proc/{guardian}/exe") and time.time() < deadline:
                time.sleep(0.05)
            self.assertFalse(os.path.exists(f"/proc/{guardian}/exe"))
        self.assertIn(0, lost)


if __name__ == "__main__":
    unittest.main()
