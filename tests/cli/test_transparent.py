"""A hundred programs bare and under `tlswhy run`: the same output, the same errors, the same status."""
import os
import shutil
import subprocess
import tempfile
import unittest

from support import SOURCE, TLSWHY

# Words of a shell; they run in a folder with the files that `prepare` makes. Nothing of them depends on time or pids.
COMMANDS = r"""
true
false
echo a b c
printf '%s\n' one two three
cat words
cat - <words
cat /nonexistent
head -n 3 words
tail -n 3 words
tail -c 10 words
tac words
rev words
wc words
wc -l <words
sort words
sort -r words
sort -n numbers
sort words | uniq -c
uniq -d words
cut -c 1-3 words
cut -d' ' -f 2 table
paste words numbers
join sorted sorted
comm sorted sorted
nl words
fold -w 5 words
fmt -w 20 words
pr -t words
expand table
unexpand -a table
tr a-z A-Z <words
tr -d aeiou <words
split -l 2 words part- && ls part-*
csplit -s words 3 && ls xx*
od -c words
od -t x1 binary
xxd binary || od binary
base64 binary
base64 -d encoded
base32 binary
md5sum words
sha1sum words
sha256sum words
sha512sum words binary
cksum words
sum words
b2sum words
seq 1 10
seq -w 1 3 20
factor 360 97 1024
expr 6 '*' 7
expr 1 = 2
test -f words
test -d words
[ 1 -lt 2 ]
basename /a/b/c.txt .txt
dirname /a/b/c
realpath -m /a/../b
readlink link
readlink -f link
ls
ls -a
stat -c '%s %F' words
du -b words
mkdir new && rmdir new
mkdir words
touch made && rm made
rm /nonexistent/file
cp words copied && cmp words copied
mv copied moved && cat moved
ln -s words again && cat again
chmod 600 words && stat -c %a words
truncate -s 5 cut && wc -c <cut
dd if=words of=dd.out bs=4 count=2 status=none && cat dd.out
tee teed <words
tee /dev/full <words
env -i A=1 env
env A=1 sh -c 'echo $A'
nohup echo hi </dev/null 2>/dev/null
nice -n 5 nice
timeout 5 echo in time
timeout 0.2 sleep 5
sleep 0.05
yes | head -n 5
xargs -n 2 echo <words
find . -name '*.txt' | sort
find . -type f -newer words -name no-such
grep o words
grep -c o words
grep nothing words
grep -E '^[a-f]' words
sed -n 2p words
sed 's/o/0/g' words
awk '{ print NR, $1 }' table
awk 'BEGIN { exit 3 }'
diff words sorted
diff words words
patch --version | head -n 1
tar cf - words | tar tf -
gzip -c words | gunzip
xz -c words | unxz
xz -T2 -c big | xz -dc | md5sum
bzip2 -c words 2>/dev/null | bunzip2 2>/dev/null || echo none
git --version
git init -q repo && git -C repo status --short --branch
git -C repo -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && git -C repo log --format=%s
git -C repo rev-parse --is-inside-work-tree
git hash-object words
perl -e 'print "$_\n" for sort { $b <=> $a } 3, 1, 2'
perl -e 'open F, "/nonexistent" or die "no: $!\n"'
perl -MDigest::SHA -e 'print Digest::SHA::sha256_hex("x"), "\n"'
perl -e 'kill TERM => $$'
perl -e 'for (1..20) { my $p = fork; exit 0 unless $p; waitpid $p, 0 } print "forked\n"'
/usr/bin/python3 -c 'print(sum(range(1000)))'
/usr/bin/python3 -c 'import sys; sys.exit(9)'
/usr/bin/python3 -c 'raise ValueError("x")' 2>&1 | tail -n 1
/usr/bin/python3 -c 'import threading; [t.start() or t.join() for t in [threading.Thread(target=print, args=(i,)) for i in range(8)]]'
/usr/bin/python3 -c 'import subprocess; print(subprocess.run(["echo", "sub"], capture_output=True).stdout)'
/usr/bin/python3 -c 'import multiprocessing as m; p = m.get_context("fork").Pool(2); print(p.map(abs, [-1, -2])); p.terminate()'
/usr/bin/python3 -c 'import signal, os; signal.signal(signal.SIGUSR1, lambda *a: print("got")); os.kill(os.getpid(), signal.SIGUSR1)'
/usr/bin/python3 -c 'import select, socket; a, b = socket.socketpair(); b.send(b"x"); e = select.epoll(); e.register(a, 1); print(len(e.poll(1)))'
/usr/bin/python3 -c 'import os; os.kill(os.getpid(), 11)'
/usr/bin/python3 -c 'import ssl, hashlib; print(len(ssl.create_default_context().get_ca_certs()) > 0, hashlib.md5(b"x").hexdigest())'
/usr/bin/python3 -c 'import os; print(os.cpu_count(), sorted(os.sched_getaffinity(0)), os.sched_getscheduler(0))'
/usr/bin/python3 -c 'import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE), sorted(os.listdir("/proc/self/fd")) if 0 else "")'
/usr/bin/python3 -c 'import os; print(sorted(map(int, os.listdir("/proc/self/fd"))))'
/usr/bin/python3 -m json.tool data.json
/usr/bin/python3 -m unittest -q nothing 2>&1 | grep -c Error
sh -c 'exit 42'
sh -c 'kill -9 $$'
sh -c 'trap "echo bye" EXIT; exit 1'
sh -c 'echo out; echo err >&2; exit 4'
sh -c 'for i in $(seq 50); do /bin/true; done; echo done'
sh -c '(sleep 0.05; echo late) & wait; echo end'
sh -c 'cd /nonexistent'
bash -c 'echo ${BASH_VERSINFO[0]}'
bash -c 'exec 3<words; read -u 3 x; echo $x'
bash -c 'coproc cat; echo x >&${COPROC[1]}; read -u ${COPROC[0]} y; echo $y'
openssl version
openssl dgst -sha256 words
openssl rand -hex 0
openssl verify /nonexistent 2>/dev/null
curl --version | head -n 1
curl -sS http://127.0.0.1:1/
curl -sS file://$PWD/words
id -u
uname -s
pwd
nproc
getconf PAGESIZE
cal 2 2000 2>/dev/null || echo none
bc -l </dev/null 2>/dev/null; echo $?
date -u -d @0
hostname >/dev/null && echo ok
ldd /bin/true | wc -l
file words 2>/dev/null | head -n 1
make -v | head -n 1
make -f makefile -s all
gcc -x c -o hello hello.c && ./hello
cmp words sorted
shuf -i 1-1
tsort pairs
numfmt --to=iec 2048
ptx words | head -n 1
stdbuf -o0 echo unbuffered
setsid echo session
flock lockfile echo locked
getent hosts localhost | wc -l
logname 2>/dev/null; echo $?
mkfifo pipe && (cat words >pipe & cat pipe)
script -qc 'echo in a terminal' /dev/null
"""


class Transparent(unittest.TestCase):
    def prepare(self, folder):
        def write(name, text):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode())

        os.makedirs(folder)
        words = "apple\nbanana\ncherry\nbanana\ndate\negg plum\nfig\n"
        write("words", words)
        write("sorted", "".join(sorted(words.splitlines(True))))
        write("numbers", "10\n9\n100\n1\n")
        write("table", "a\t1 x\nb\t2 y\n")
        write("binary", bytes(range(256)))
        write("encoded", "aGVsbG8K\n")
        write("big", bytes(range(256)) * 8000)
        write("data.json", '{"a": [1, 2]}')
        write("pairs", "a b\nb c\n")
        write("makefile", "all:\n\t@echo made; false || echo again\n")
        write("hello.c", '#include <stdio.h>\nint main(void) { puts("hello"); return 5; }\n')
        os.symlink("words", os.path.join(folder, "link"))

    def run_in(self, base, name, words, watched):
        folder = os.path.join(base, "bare" if not watched else "watched", name, "work")
        self.prepare(folder)
        report = os.path.join(base, "report.json")
        command = ["sh", "-c", words]
        if watched:
            command = [TLSWHY, "run", "--no-probe", "--json", report, "--", *command]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        errors = done.stderr.decode(errors="replace").replace("/watched/", "/bare/")
        if watched:
            errors = errors[:errors.rindex("\ntlswhy: ")]
        status = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return status, done.stdout.decode(errors="replace").replace("/watched/", "/bare/"), errors

    def test_a_hundred_programs(self):
        commands = [line for line in COMMANDS.splitlines() if line]
        self.assertGreaterEqual(len(commands), 100)
        base = tempfile.mkdtemp(prefix="transparent-")
        self.addCleanup(shutil.rmtree, base)
        for number, words in enumerate(commands):
            with self.subTest(words):
                self.assertEqual(self.run_in(base, str(number), words, True), self.run_in(base, str(number), words, False))


class OtherTracers(unittest.TestCase):
    """The kernel gives a process one tracer. Where that is not us, or can't be another, the report says so."""

    def test_under_strace(self):
        done = subprocess.run(["strace", "-f", "-o", "/dev/null", TLSWHY, "run", "--", "echo", "hi"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, "hi\n"))
        self.assertIn("ptrace is not permitted here", done.stderr)

    def test_a_program_that_traces(self):
        done = subprocess.run([TLSWHY, "run", "--", "strace", "-o", "/dev/null", "true"], capture_output=True, text=True, timeout=60)
        self.assertIn("calls ptrace(2) itself", done.stderr)


if __name__ == "__main__":
    unittest.main()
