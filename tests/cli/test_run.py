"""`tlswhy run` is transparent: output, status, signals and job control are the command's own."""
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support import SOURCE, TLSWHY, TRACEES, lab, run, tlswhy


class Status(unittest.TestCase):
    def test_status_and_output_are_the_commands(self):
        done = run("sh", "-c", "echo out; echo err >&2; exit 7")
        self.assertEqual((done.returncode, done.stdout), (7, "out\n"))
        self.assertTrue(done.stderr.startswith("err\n"))

    def test_stdin_is_the_commands(self):
        self.assertEqual(run("cat", input="abc").stdout, "abc")

    def test_not_found_is_127(self):
        done = run("/nonexistent/program")
        self.assertEqual(done.returncode, 127)
        self.assertIn("/nonexistent/program: command not found", done.stderr)

    def test_not_executable_is_126(self):
        with tempfile.NamedTemporaryFile() as file:
            done = run(file.name)
        self.assertEqual(done.returncode, 126)
        self.assertIn("permission denied", done.stderr)

    def test_killed_by_a_signal_is_128_plus(self):
        self.assertEqual(run("sh", "-c", "kill -SEGV $$").returncode, 128 + signal.SIGSEGV)

    def test_no_command_is_usage(self):
        self.assertEqual(subprocess.run([TLSWHY, "run"], capture_output=True).returncode, 2)

    def test_a_script_without_a_hash_bang_runs_as_a_shell_would(self):
        with tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False) as script:
            script.write("exit 5\n")
        os.chmod(script.name, 0o755)
        self.assertEqual(run(script.name).returncode, 5)
        os.unlink(script.name)

    def test_it_is_looked_for_as_a_shell_would(self):
        """Past a folder of that name and a file that is not executable; a script without "#!" gets the words it was given."""
        with tempfile.TemporaryDirectory() as base:
            for folder in ("folder/tool", "file", "script"):
                os.makedirs(os.path.join(base, folder))
            for name, mode in (("file", 0o644), ("script", 0o755)):
                path = os.path.join(base, name, "tool")
                with open(path, "w", encoding="ascii") as file:
                    file.write('echo "$0 $@"\n')
                os.chmod(path, mode)
            path = {folder: os.path.join(base, folder) for folder in ("folder", "file", "script")}
            done = run("tool", "a b", "c", env={**os.environ, "PATH": ":".join(path.values())})
            self.assertEqual((done.stdout, done.returncode), (f"{path['script']}/tool a b c\n", 0))
            for folder, status in (("folder", 126), ("file", 126), ("nowhere", 127)):
                self.assertEqual(run("tool", env={**os.environ, "PATH": path.get(folder, "/nowhere")}).returncode, status, folder)


class Begun(unittest.TestCase):
    """What the command finds when it begins."""

    def test_its_parent_is_what_was_started(self):
        process = subprocess.Popen([TLSWHY, "run", "--", "sh", "-c", "echo $PPID"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.communicate(timeout=60)[0], f"{process.pid}\n")

    def test_what_was_started_waits_in_one_thread(self):
        """The end of another would take its time, for which somebody waits."""
        script = "sleep 0.3; ls /proc/$PPID/task | wc -l; for pid in $(cat /proc/$PPID/task/$PPID/children); do cat /proc/$pid/comm; done"
        done = run("sh", "-c", script)
        threads, *children = done.stdout.split()
        self.assertEqual(threads, "1")
        self.assertEqual(sorted(children), ["guardian", "observer", "sh"])

    def test_its_signals_processors_descriptors_and_environment_are_the_callers(self):
        show = "import os; print([l for l in open('/proc/self/status') if l[:3] in ('Sig', 'Shd', 'Cpu') and l[:4] != 'SigQ'], sorted(os.listdir('/proc/self/fd')), sorted(os.environ.items()))"
        def set_some():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
        for options in ((), ("--keylog", "auto")):  # made by the front, and by the worker
            bare = subprocess.run(["/usr/bin/python3", "-c", show], capture_output=True, text=True, preexec_fn=set_some, check=True)
            done = run("/usr/bin/python3", "-c", show, options=options, preexec_fn=set_some)
            seen = done.stdout
            if options:
                seen = re.sub(r"\('SSLKEYLOGFILE', '[^']*'\), ", "", seen)
            self.assertEqual(seen, bare.stdout, options)


class Signals(unittest.TestCase):
    def start(self, *command):
        return subprocess.Popen([TLSWHY, "run", "--", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_a_signal_to_tlswhy_reaches_the_command(self):
        program = "import signal,sys\nsignal.signal(signal.SIGTERM, lambda *a: sys.exit(42))\nprint('ready', flush=True)\nsignal.pause()"
        process = self.start("/usr/bin/python3", "-c", program)
        self.assertEqual(process.stdout.readline(), "ready\n")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 42)

    def test_ctrl_c_and_ctrl_z_on_a_terminal(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ["PS1"] = "$ "
            os.execvp("bash", ["bash", "--norc", "-i"])
        seen = ""

        def until(text, seconds=20):
            nonlocal seen
            end = time.time() + seconds
            while text not in seen and time.time() < end:
                if select.select([terminal], [], [], 0.2)[0]:
                    seen += os.read(terminal, 4096).decode(errors="replace")
            self.assertIn(text, seen)
            seen = seen.split(text, 1)[1]

        def say(text):
            os.write(terminal, text.encode())

        say(f"{TLSWHY} run --plain -- sh -c 'echo st''arted; sleep 30'\n")
        until("started")
        time.sleep(0.3)
        say("\x1a")
        until("Stopped")
        say("fg\n")
        until("sleep 30")
        time.sleep(0.3)
        say("\x03")
        until("NO TLS")
        say("echo status=$?\n")
        until("status=130")
        say("exit\n")
        os.close(terminal)
        os.waitpid(pid, 0)

    def test_killing_tlswhy_leaves_the_command_unharmed(self):
        with tempfile.TemporaryDirectory() as folder:
            done = os.path.join(folder, "done")
            process = self.start("sh", "-c", f"echo ready; sleep 1; ls / >/dev/null && echo fine >{done}")
            self.assertEqual(process.stdout.readline(), "ready\n")
            process.kill()
            process.wait()
            end = time.time() + 10
            while not os.path.exists(done) and time.time() < end:
                time.sleep(0.05)
            time.sleep(0.1)
            with open(done, encoding="ascii") as file:
                self.assertEqual(file.read(), "fine\n")
            process.communicate()


class Processes(unittest.TestCase):
    def test_a_daemon_lives_on(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "daemon")
            begun = time.time()
            done = run(f"{TRACEES}/tracee_daemon", path)
            self.assertEqual(done.returncode, 0)
            self.assertLess(time.time() - begun, 2.5)  # did not wait for the daemon, which sleeps 3 s
            end = time.time() + 10
            while not (os.path.exists(path) and os.path.getsize(path)) and time.time() < end:
                time.sleep(0.05)
            with open(path, encoding="ascii") as file:
                self.assertEqual(file.read(), "alive")

    def test_ten_thousand_children(self):
        script = "for i in $(seq 10000); do (:) ; done; exit 3"
        done, told = tlswhy("run", "--", "sh", "-c", script, timeout=250)
        self.assertEqual(done.returncode, 3)
        self.assertGreaterEqual(told["processes_total"], 10000)
        self.assertLess(len(told["processes"]), 100)

    def test_a_huge_environment(self):
        limit = resource.getrlimit(resource.RLIMIT_STACK)[0]
        size = 100_000 if limit == resource.RLIM_INFINITY else min(100_000, limit // 64)
        big = {f"VARIABLE_{i}": "x" * size for i in range(8)}
        done = run("sh", "-c", "echo ${#VARIABLE_7}", env={**os.environ, **big})
        self.assertEqual(done.stdout, f"{size}\n")

    def test_a_program_that_was_deleted_while_it_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "prog")
            subprocess.run(["cp", "/bin/sh", path], check=True)
            self.assertEqual(run(path, "-c", f"rm {path}; ls /usr/lib/ssl >/dev/null; exit 4").returncode, 4)


class Output(unittest.TestCase):
    def test_stdout_closed(self):
        self.assertEqual(run("sh", "-c", "exit 9", preexec_fn=lambda: os.close(1)).returncode, 9)

    def test_stderr_closed(self):
        self.assertEqual(run("sh", "-c", "exit 9", preexec_fn=lambda: os.close(2)).returncode, 9)

    def test_json_on_stdout(self):
        done = run("true", options=["--json", "-"])
        self.assertEqual(json.loads(done.stdout)["schema"], "tlswhy/1")

    def test_json_to_a_full_disk_keeps_the_old_file_and_the_status(self):
        done = run("sh", "-c", "exit 6", options=["--json", "/dev/full"])
        self.assertEqual(done.returncode, 6)
        self.assertIn("ENOSPC", done.stderr)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "report.json")
            with open(path, "w", encoding="ascii") as file:
                file.write("old")
            limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            done = run("sh", "-c", "exit 6", options=["--json", path], preexec_fn=limit, restore_signals=False)
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            self.assertEqual(done.returncode, 6)
            self.assertIn("can't write", done.stderr)
            with open(path, encoding="ascii") as file:
                self.assertEqual(file.read(), "old")
            self.assertEqual(os.listdir(folder), ["report.json"])

    def test_no_colour_in_a_pipe_and_none_with_no_color(self):
        self.assertNotIn("\x1b", run("true").stderr)
        self.assertIn("\x1b", lab("origin", TLSWHY, "run", "--color", "always", "--", "/opt/ScriptEngineServerBin/817186/scriptengine",
                                  "invoke", "/opt/functions/sdk.py", "--event", '{"url": "wss://speech.origin.test/"}').stderr)


class Restricted(unittest.TestCase):
    def test_ptrace_not_permitted_still_runs_and_says_so(self):
        done, told = tlswhy("run", "--", "sh", "-c", "echo out; exit 5", wrapper=[f"{TRACEES}/tracee_deny_ptrace"])
        self.assertEqual((done.returncode, done.stdout), (5, "out\n"))
        self.assertEqual(told["outcome"], "unknown")
        self.assertTrue(any("ptrace" in line for line in told["unseen"]))
        self.assertIn("to let tlswhy watch", done.stderr)

    def test_ptrace_not_permitted_judges_the_set_up(self):
        done = lab("origin", f"{TRACEES}/tracee_deny_ptrace", TLSWHY, "run", "--json", "-", "--",
                   "/opt/ScriptEngineServerBin/817186/scriptengine", "invoke", "/opt/functions/sdk.py", "--event",
                   '{"url": "wss://speech.origin.test/"}')
        told = json.loads(done.stdout.split('"started"\n', 1)[1])
        self.assertEqual(told["findings"][0]["code"], "TW101")
        self.assertEqual(told["findings"][0]["certainty"], "suspected")

    @unittest.skipUnless(os.geteuid() == 0, "hides /proc with a mount")
    def test_without_proc_the_wire_is_still_read(self):
        client = ("import socket, ssl\nssl.create_default_context(cafile='/opt/lab/root.pem').wrap_socket("
                  "socket.create_connection(('speech.origin.test', 443)), server_hostname='wrong.test')")
        done = lab("origin", "sh", "-c", "mount -t tmpfs none /proc && exec \"$0\" \"$@\"", TLSWHY, "run", "--json", "-", "--",
                   "/usr/bin/python3", "-c", client)
        told = json.loads(done.stdout)
        self.assertEqual((done.returncode, told["outcome"]), (1, "failed"))
        self.assertEqual(told["handshakes"][0]["alert"]["sender"], "client")
        self.assertTrue(any("/proc" in line for line in told["unseen"]))

    def test_under_strace_it_says_so(self):
        done = subprocess.run(["strace", "-f", "-o", "/dev/null", TLSWHY, "run", "--", "sh", "-c", "exit 5"], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 5)
        self.assertIn("ptrace is not permitted here", done.stderr)


class Transparency(unittest.TestCase):
    """Existing programs, bare and watched: the same output and status."""

    def test_programs(self):
        commands = [
            ["ls", "-la", "/usr"], ["ls", "/nonexistent"], ["cat", "/etc/passwd"], ["sort", "/etc/passwd"], ["wc", "-l", "/etc/services"],
            ["sha256sum", "/bin/ls"], ["find", "/etc/apt", "-type", "f"], ["du", "-s", "/etc/ssl"], ["env", "-i", "true"], ["false"],
            ["sh", "-c", "seq 1000 | sort -rn | head -3"], ["sh", "-c", "yes | head -5"], ["sh", "-c", "trap 'echo t' TERM; kill -TERM $$; echo x"],
            ["sh", "-c", "ulimit -n"], ["bash", "-c", "coproc cat; echo hi >&${COPROC[1]}; read -r x <&${COPROC[0]}; echo $x"],
            ["tar", "cf", "-", "-C", "/etc", "apt"], ["gzip", "-c", "/etc/passwd"], ["xz", "-T2", "-c", "/bin/ls"], ["grep", "-c", "root", "/etc/passwd"],
            ["git", "-C", SOURCE, "rev-parse", "--is-inside-work-tree"], ["git", "--version"], ["perl", "-e", "print fork() ? 'p' : 'c'; wait"],
            ["perl", "-e", "alarm 1; sleep 5"], ["/usr/bin/python3", "-c", "import threading; [threading.Thread(target=__import__('os').write, args=(1, b't\\n')).start() for _ in range(3)]"],
            ["/usr/bin/python3", "-c", "import subprocess; print(subprocess.run(['id','-u'], capture_output=True, text=True).stdout)"],
            ["/usr/bin/python3", "-m", "unittest", "-h"], ["/usr/bin/python3", "-c", "import os; os._exit(200)"], ["timeout", "1", "sleep", "5"],
            ["sh", "-c", "sleep 9 & kill -STOP $!; kill -CONT $!; kill $!; wait; echo done"], ["openssl", "version", "-d"], ["openssl", "rand", "-hex", "0"],
            ["nice", "-n", "5", "nice"], ["setsid", "-w", "sh", "-c", "exit 3"], ["cmp", "/bin/ls", "/bin/cat"], ["awk", "BEGIN{print 1+1}"],
            ["sed", "-n", "1p", "/etc/passwd"], ["dd", "if=/dev/zero", "bs=1M", "count=8", "status=none"], ["stat", "-c", "%s", "/bin/ls"],
        ]
        for command in commands:
            with self.subTest(command=command):
                bare = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
                with tempfile.TemporaryFile() as out:
                    watched = subprocess.run([TLSWHY, "run", "--", *command], stdout=out, stderr=subprocess.DEVNULL, timeout=60)
                    out.seek(0)
                    text = out.read()
                # The shell's way to name a signal's status, where the bare run is reported as the signal.
                status = bare.returncode if bare.returncode >= 0 else 128 - bare.returncode
                self.assertEqual((watched.returncode, sorted(text.splitlines())), (status, sorted(bare.stdout.splitlines())))


if __name__ == "__main__":
    sys.exit(unittest.main())
