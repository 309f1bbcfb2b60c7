// A tracee that prints what the tracer must report of it, one line per event:
//   lookup CALL PATH ERRNO      connect PEER ERRNO      data sent|received TEXT
// Usage: tracee_calls lookups | network PORT | unseen PORT | threads; or kill, which kills its tracer and exits with 7.

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

void report(const char* call, const char* path, long result) {
  const int error = errno;
  std::printf("lookup %s %s %s\n", call, path, result < 0 ? strerrorname_np(error) : "0");
}

int lookups() {
  const char* missing = "/nowhere/ssl/cert.pem";
  struct stat st{};
  struct statx stx{};
  open_how how{};
  report("openat", missing, ::open(missing, O_RDONLY));
  report("openat", "/etc/ssl", ::open("/etc/ssl", O_RDONLY));
  report("openat2", missing, ::syscall(SYS_openat2, AT_FDCWD, missing, &how, sizeof how));
  report("newfstatat", missing, ::syscall(SYS_newfstatat, AT_FDCWD, missing, &st, 0));
  report("statx", missing, ::syscall(SYS_statx, AT_FDCWD, missing, 0, STATX_BASIC_STATS, &stx));
  report("faccessat", missing, ::syscall(SYS_faccessat, AT_FDCWD, missing, R_OK));
  report("faccessat2", missing, ::syscall(SYS_faccessat2, AT_FDCWD, missing, R_OK, 0));
#ifdef SYS_open
  report("open", missing, ::syscall(SYS_open, missing, O_RDONLY));
  report("stat", missing, ::syscall(SYS_stat, missing, &st));
  report("lstat", missing, ::syscall(SYS_lstat, missing, &st));
  report("access", missing, ::syscall(SYS_access, missing, R_OK));
  char target[16];
  report("readlink", missing, ::syscall(SYS_readlink, missing, target, sizeof target));
#endif
  // Relative to a descriptor and to the working directory: reported as absolute paths.
  const int usr = ::open("/usr", O_RDONLY | O_DIRECTORY);
  report("openat", "/usr/ssl-missing", ::openat(usr, "ssl-missing", O_RDONLY));
  if (::chdir("/usr") != 0) return 1;
  report("openat", "/usr/ssl-missing", ::open("ssl-missing", O_RDONLY));
  // Not a look-up, and not reported: fstat by newfstatat; an unreadable path.
  ::syscall(SYS_newfstatat, usr, "", &st, AT_EMPTY_PATH);
  ::syscall(SYS_openat, AT_FDCWD, 1L, O_RDONLY);
  ::open("/etc/hostname-without-interest", O_RDONLY);
  return 0;
}

int network(int port) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<unsigned short>(port));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int connected = ::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer);
  std::printf("connect 127.0.0.1:%d %s\n", port, connected == 0 ? "0" : strerrorname_np(errno));
  char text[16] = {};
  (void)!::write(fd, "one", 3);
  (void)!::read(fd, text, 3);
  ::send(fd, "two", 3, 0);
  ::recv(fd, text, 3, MSG_PEEK);  // does not count
  ::recv(fd, text, 3, 0);
  iovec parts[2] = {{const_cast<char*>("th"), 2}, {const_cast<char*>("ree"), 3}};
  (void)!::writev(fd, parts, 2);
  iovec into[2] = {{text, 1}, {text + 1, 4}};
  (void)!::readv(fd, into, 2);
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  ::sendmsg(fd, &message, 0);
  message.msg_iov = into;
  ::recvmsg(fd, &message, MSG_WAITALL);
  mmsghdr messages[2] = {};
  iovec words[2] = {{const_cast<char*>("fo"), 2}, {const_cast<char*>("ur"), 2}};
  for (int i = 0; i < 2; ++i) messages[i].msg_hdr.msg_iov = &words[i], messages[i].msg_hdr.msg_iovlen = 1;
  ::sendmmsg(fd, messages, 2, 0);
  iovec room{text, 4};
  messages[0].msg_hdr.msg_iov = &room;
  ::recvmmsg(fd, messages, 1, MSG_WAITALL, nullptr);
  const int copy = ::dup(fd);
  ::close(fd);
  (void)!::write(copy, "six", 3);
  (void)!::read(copy, text, 3);
  // As much as the loader reads of a library, but elsewhere; on the stack, but not as much.
  static char elsewhere[832];
  char more[833];
  (void)!::write(copy, "seven", 5);
  (void)!::read(copy, elsewhere, sizeof elsewhere);
  (void)!::write(copy, "eight", 5);
  (void)!::read(copy, more, sizeof more);
  for (const char* words : {"one", "two", "three", "three", "four", "six", "seven", "eight"})
    std::printf("data sent %s\ndata received %s\n", words, words);
  return 0;
}

// Calls whose work the tracer can't see: it must say so, once for each kind.
int unseen(int port) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<unsigned short>(port));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0) return 1;
  const int file = ::open("/etc/passwd", O_RDONLY);
  ::sendfile(fd, file, nullptr, 4);
  int pipes[2];
  if (::pipe(pipes) != 0 || ::write(pipes[1], "x", 1) != 1) return 1;
  ::splice(pipes[0], nullptr, fd, nullptr, 1, 0);
  ::sendfile(pipes[1], file, nullptr, 1);  // no socket: of no concern
  ::syscall(SYS_io_uring_setup, 1, nullptr);
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  return 0;
}

// A process whose end sends no signal: the kernel announces it as it does threads (ptrace(2), PTRACE_O_TRACECLONE).
void silent_child() {
  static std::array<char, 65'536> stack;
  const auto run = [](void*) { return ::access("/nowhere/ssl/silent", R_OK); };
  const pid_t child = ::clone(run, stack.data() + stack.size(), 0, nullptr);
  ::waitpid(child, nullptr, __WALL);
}

int threads() {
  std::vector<std::thread> all;
  for (int i = 0; i < 8; ++i) all.emplace_back([] { ::access("/nowhere/ssl/thread", R_OK); });
  for (std::thread& one : all) one.join();
  silent_child();
  for (int i = 0; i < 8; ++i)
    if (const pid_t child = ::fork(); child == 0)
      ::_exit(::access("/nowhere/ssl/child", R_OK) == 0);
    else
      ::waitpid(child, nullptr, 0);
  return 0;
}

// The first deed of all. It makes no further call, since those may fail until somebody traces again.
int kill_tracer() {
  std::array<char, 4096> status{};
  const int fd = ::open("/proc/self/status", O_RDONLY);
  if (::read(fd, status.data(), status.size() - 1) <= 0) return 1;
  const char* line = std::strstr(status.data(), "TracerPid:");
  const pid_t tracer = line != nullptr ? std::atoi(line + std::strlen("TracerPid:")) : 0;
  if (tracer == 0 || ::kill(tracer, SIGKILL) != 0) return 1;
  volatile bool busy = true;
  for (unsigned i = 0; i < 500'000'000 && busy; ++i) {
  }
  return 7;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "lookups") return lookups();
  if (what == "network" && argc > 2) return network(std::atoi(argv[2]));
  if (what == "unseen" && argc > 2) return unseen(std::atoi(argv[2]));
  if (what == "threads") return threads();
  if (what == "kill") return kill_tracer();
  return 2;
}
