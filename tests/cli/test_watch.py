"""`pid --watch`: it ends on time and at a signal, whatever the process does, which goes on as if nobody had been there."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

from authority import WithAuthority
from support import TLSWHY, tlswhy

SECONDS = 1
SLACK = 4  # for a machine where other tests run; what this is about took for ever
PYTHON = "/usr/bin/python3"


def status(pid, field):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return re.search(rf"^{field}:\s*(\S+)", file.read(), re.M).group(1)


class Watch(unittest.TestCase):
    def start(self, *command, **kwargs):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **kwargs)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def ready(self, *command, **kwargs):
        """Started, and it has said so in a line."""
        process = self.start(*command, **kwargs)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def wait_until(self, condition):
        end = time.time() + 10
        while not condition() and time.time() < end:
            time.sleep(0.02)
        self.assertTrue(condition())

    def is_free(self, pid):
        """Every thread of it is traced by nobody, and soon: the last stop is over microseconds after tlswhy's thread is."""
        self.wait_until(lambda: all(status(int(tid), "TracerPid") == "0" for tid in os.listdir(f"/proc/{pid}/task")))

    def watch(self, process, seconds=SECONDS):
        began = time.monotonic()
        done, report = tlswhy("pid", "--watch", str(seconds), str(process.pid), timeout=60)
        took = time.monotonic() - began
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIsNotNone(report)
        self.assertLess(took, seconds + SLACK)
        return took

    def check(self, process):
        self.assertGreaterEqual(self.watch(process), SECONDS)
        self.is_free(process.pid)

    def check_answers(self, process):
        """As check(), and a line is still answered with one."""
        self.check(process)
        process.stdin.write("go on\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "here\n")


class EveryState(Watch):
    def test_asleep_for_its_time(self):
        began = time.monotonic()
        process = self.start("sleep", "4")
        self.check(process)
        self.assertEqual(process.wait(30), 0)
        self.assertAlmostEqual(time.monotonic() - began, 4, delta=0.5)

    def test_a_call_that_is_cut_short_by_signals_is_not_at_the_end(self):
        """semop(2) is never restarted. Being attached to may interrupt it, letting it go must not."""
        script = ("import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\nsemaphore = libc.semget(0, 1, 0o600)\n"
                  "class Operation(ctypes.Structure): _fields_ = [('number', ctypes.c_ushort), ('change', ctypes.c_short), ('flags', ctypes.c_short)]\n"
                  "class Time(ctypes.Structure): _fields_ = [('seconds', ctypes.c_long), ('nanoseconds', ctypes.c_long)]\n"
                  "print('ready', flush=True)\nfor i in range(9):\n    libc.semtimedop(semaphore, ctypes.byref(Operation(0, -1, 0)), 1, ctypes.byref(Time(4, 0)))\n"
                  "    print(errno.errorcode[ctypes.get_errno()], flush=True)\n    if ctypes.get_errno() != errno.EINTR: break\nlibc.semctl(semaphore, 0, 0)\n")
        process = self.ready(PYTHON, "-c", script)
        self.check(process)
        self.assertEqual(process.communicate(timeout=30)[0].split(), ["EINTR", "EAGAIN"])

    def test_reading(self):
        self.check_answers(self.ready(PYTHON, "-c", "print('ready', flush=True); input(); print('here', flush=True)"))

    def test_node_in_epoll_wait(self):
        self.check_answers(self.ready("node", "-e", "console.log('ready'); process.stdin.once('data', () => { console.log('here'); process.exit() })"))

    def test_java_in_futex(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/Waits.java", "w", encoding="ascii") as file:
                file.write('class Waits { public static void main(String[] words) throws Exception { System.out.println("ready"); System.in.read(); System.out.println("here"); } }\n')
            self.check_answers(self.ready("java", "-Xshare:auto", f"{folder}/Waits.java"))

    def test_many_threads(self):
        """32 that sleep, 16 that call all the time, and one that never calls."""
        script = ("import os, sys, threading, time\nsys.setswitchinterval(0.001)\ndef ask():\n    while True: os.stat('/')\ndef count():\n    while True: pass\n"
                  "for what, number in ((threading.Event().wait, 32), (ask, 16), (count, 1)):\n"
                  "    for i in range(number): threading.Thread(target=what, daemon=True).start()\n"
                  "print('ready', flush=True); input(); print('here', flush=True); os._exit(0)\n")
        self.check_answers(self.ready(PYTHON, "-c", script))

    def test_it_computes(self):
        process = self.ready("sh", "-c", "echo ready; while :; do :; done")
        self.check(process)
        self.assertIsNone(process.poll())

    def test_stopped(self):
        """It is stopped before, while and after."""
        process = self.ready(PYTHON, "-c", "print('ready', flush=True); input(); print('here', flush=True)")
        os.kill(process.pid, signal.SIGSTOP)
        self.wait_until(lambda: status(process.pid, "State") in "Tt")
        self.check(process)
        self.wait_until(lambda: status(process.pid, "State") == "T")
        process.stdin.write("go on\n")
        process.stdin.flush()
        time.sleep(0.2)
        self.assertEqual(status(process.pid, "State"), "T")
        os.kill(process.pid, signal.SIGCONT)
        self.assertEqual(process.stdout.readline(), "here\n")

    def test_stopped_while_it_is_watched(self):
        process = self.start("sleep", "60")
        watcher = self.start(TLSWHY, "pid", "--watch", "2", str(process.pid))
        self.wait_until(lambda: status(process.pid, "TracerPid") != "0")
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGSTOP)
        self.assertEqual(watcher.wait(30), 0)
        self.is_free(process.pid)
        self.wait_until(lambda: status(process.pid, "State") == "T")
        os.kill(process.pid, signal.SIGCONT)
        self.wait_until(lambda: status(process.pid, "State") == "S")

    def test_a_parent_that_waits_in_vfork(self):
        with tempfile.TemporaryDirectory() as folder:
            source = ('#include <stdio.h>\n#include <unistd.h>\nint main(void) {\n  puts("ready"); fflush(stdout);\n  for (;;) {\n    sleep(1);\n'
                      '    if (vfork() == 0) { sleep(4); _exit(0); }\n    puts("here"); fflush(stdout);\n  }\n}\n')
            subprocess.run(["gcc", "-x", "c", "-", "-o", f"{folder}/vforks"], input=source, text=True, check=True, stderr=subprocess.DEVNULL)
            process = self.ready(f"{folder}/vforks")
            self.assertGreaterEqual(self.watch(process, 3), 3)
            self.is_free(process.pid)
            self.assertEqual(process.stdout.readline(), "here\n")

    def test_it_forks_all_the_time(self):
        process = self.ready("sh", "-c", "echo ready; for i in $(seq 4000); do /bin/true; done; echo here")
        self.check(process)
        self.assertEqual(process.communicate(timeout=60)[0], "here\n")
        self.assertEqual(process.returncode, 0)

    def test_it_ends_meanwhile(self):
        process = self.start("sleep", "1")
        self.assertLess(self.watch(process, 30), 1 + SLACK)
        self.assertEqual(process.wait(30), 0)

    def test_its_first_thread_has_ended(self):
        with tempfile.TemporaryDirectory() as folder:
            source = ('#include <pthread.h>\n#include <stdio.h>\n#include <unistd.h>\nstatic void* stay(void* none) { sleep(6); puts("here"); fflush(stdout); _exit(0); return none; }\n'
                      'int main(void) {\n  pthread_t thread;\n  pthread_create(&thread, NULL, stay, NULL);\n  puts("ready"); fflush(stdout);\n  sleep(1);\n  pthread_exit(NULL);\n}\n')
            subprocess.run(["gcc", "-x", "c", "-", "-pthread", "-o", f"{folder}/leaves"], input=source, text=True, check=True)
            process = self.ready(f"{folder}/leaves")
            self.assertGreaterEqual(self.watch(process, 2), 2)
            self.assertEqual(process.communicate(timeout=30)[0], "here\n")

    def test_signals_keep_coming(self):
        """None is lost where the process is let go."""
        script = ("import signal, sys, time\ngot = 0\ndef count(*_):\n    global got\n    got += 1\nsignal.signal(signal.SIGUSR1, count)\nprint('ready', flush=True)\n"
                  "while got < 1000: time.sleep(0.001)\nprint('here', flush=True)\n")
        process = self.ready(PYTHON, "-c", script)
        watcher = self.start(TLSWHY, "pid", "--watch", "1", str(process.pid))
        for i in range(1000):
            os.kill(process.pid, signal.SIGUSR1)
            self.wait_until(lambda: int(status(process.pid, "ShdPnd"), 16) == 0 and int(status(process.pid, "SigPnd"), 16) == 0)
            time.sleep(0.002)
        self.assertEqual(process.stdout.readline(), "here\n")
        self.assertEqual(watcher.wait(30), 0)


class Refusals(Watch):
    def refused(self, pid, words):
        done, _ = tlswhy("pid", "--watch", "5", str(pid), timeout=20)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, words)

    def test_traced_already(self):
        process = self.start("sleep", "60")
        first = self.start(TLSWHY, "pid", "--watch", "30", str(process.pid))
        self.wait_until(lambda: status(process.pid, "TracerPid") != "0")
        self.refused(process.pid, rf"pid {process.pid}, which process \d+ \(tlswhy\) traces already: can't attach \(EPERM\)")
        first.terminate()
        self.assertEqual(first.wait(30), 0)
        self.is_free(process.pid)

    def test_a_zombie(self):
        process = self.start("true")
        self.wait_until(lambda: status(process.pid, "State") == "Z")
        self.refused(process.pid, "it has ended and only waits for its parent")

    def test_nobody(self):
        self.refused(4194304, "there is no such process")


class Ended(WithAuthority):
    """By a signal, at once, with what was seen until then."""

    SCRIPT = ("import socket,ssl,sys,time\nwhile True:\n    try: ssl.create_default_context().wrap_socket(socket.create_connection(('localhost', int(sys.argv[1]))), "
              "server_hostname='localhost')\n    except ssl.SSLError: print('refused', flush=True)\n    time.sleep(float(sys.argv[2]))\n")

    def check(self, number, pause, status_then, seen):
        with self.authority.server("ok", "1.3") as server, tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen([PYTHON, "-c", self.SCRIPT, str(server.port), pause], stdout=subprocess.PIPE, text=True)
            self.addCleanup(process.communicate)
            self.addCleanup(process.kill)
            process.stdout.readline()
            watcher = subprocess.Popen([TLSWHY, "pid", "--watch", "300", "--json", f"{folder}/report", str(process.pid)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(1.5)
            watcher.send_signal(number)
            began = time.monotonic()
            while status(process.pid, "TracerPid") != "0" and time.monotonic() < began + 10:
                time.sleep(0.02)
            self.assertLess(time.monotonic() - began, 2)
            out, err = watcher.communicate(timeout=60)
            self.assertEqual(watcher.returncode, status_then, out + err)
            self.assertIsNone(process.poll())
            with open(f"{folder}/report", encoding="utf-8") as file:
                self.assertEqual(bool(json.load(file)["handshakes"]), seen)

    def test_interrupt(self):
        self.check(signal.SIGINT, "60", 0, False)
        self.check(signal.SIGINT, "0", 1, True)

    def test_terminate(self):
        self.check(signal.SIGTERM, "60", 0, False)
        self.check(signal.SIGTERM, "0", 1, True)


if __name__ == "__main__":
    unittest.main()
