// Tracees print what the tracer must report; each runs under both stop mechanisms.

#include "observe/tracer.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.h"
#include "host/proc_files.h"
#include "observe/collector.h"
#include "tests/tracing.h"

namespace tlswhy::observe {
namespace {

// Writes events in the words of the tracees.
class Log : public NoEvents {
 public:
  void executed(pid_t pid) override { ++executed_, last_ = pid; }
  void forked(pid_t, pid_t) override { ++forked_; }
  void exiting(pid_t, int) override { ++exiting_; }
  void exited(pid_t, int) override { ++exited_; }
  bool wants_lookup(pid_t, const std::string& path) override { return path.find("ssl") != std::string::npos; }
  void lookup(pid_t, const char* call, const std::string& path, int error) override {
    lines_ += fmt::format("lookup {} {} {}\n", call, path, base::errno_name(error));
  }
  void connected(pid_t, int fd, const std::vector<std::uint8_t>& address, int error) override {
    lines_ += fmt::format("connect {} {}\n", address_text(address), base::errno_name(error));
    sockets_.insert(fd);
  }
  bool wants_data(pid_t pid, pid_t, int fd, Direction direction) override {
    reads_ += direction == Direction::kReceived;
    return !sockets_.empty() && host::proc_link(pid, fmt::format("fd/{}", fd)).starts_with("socket:");
  }
  void data(pid_t, pid_t, int, Direction direction, bytes::View bytes) override {
    lines_ += fmt::format("data {} {}\n", direction == Direction::kSent ? "sent" : "received", std::string(bytes.begin(), bytes.end()));
  }
  bool wants_exit(pid_t) override { return true; }
  void blind(pid_t, const std::string& what) override { blind_.insert(what); }

  std::string lines_;
  std::set<int> sockets_;
  std::set<std::string> blind_;
  int reads_ = 0;
  int executed_ = 0, forked_ = 0, exiting_ = 0, exited_ = 0;
  pid_t last_ = 0;
};

// Runs a command with its stdout in a file, and returns what it printed.
struct Ran {
  Log log;
  TraceResult result;
  std::string printed;
};

Ran trace(const std::string& words, bool seccomp) {
  Ran out;
  std::string file = ::testing::TempDir() + "tlswhy-tracee-XXXXXX";
  ::close(::mkstemp(file.data()));
  Tracer tracer(out.log, {.use_seccomp = seccomp});
  const auto result = tracer.run({"/bin/sh", "-c", fmt::format("exec {} >{}", words, file)});
  EXPECT_TRUE(result);
  if (result) out.result = *result;
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  out.printed = text.str();
  ::unlink(file.c_str());
  return out;
}

class BothWays : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Tracer, BothWays, ::testing::Bool());

// Lines with the word "nowhere", "ssl-missing" or "/etc/ssl": the loader and the shell look up other things too.
std::string only_ours(const std::string& lines) {
  std::string out;
  for (const std::string& line : base::split(lines, '\n'))
    if (line.find("nowhere") != std::string::npos || line.find("ssl-missing") != std::string::npos || line.find(" /etc/ssl ") != std::string::npos)
      out += line + "\n";
  return out;
}

TEST_P(BothWays, EveryLookupCall) {
  const Ran ran = trace(TLSWHY_TRACEES "/tracee_calls lookups", GetParam());
  EXPECT_EQ(WEXITSTATUS(ran.result.wait_status), 0);
  EXPECT_FALSE(ran.printed.empty());
  EXPECT_EQ(only_ours(ran.log.lines_), ran.printed);
}

// A server in a process of its own, not a thread: the tracer waits for every child of this one. Echoes what it gets.
class Echo {
 public:
  Echo() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&here), size), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    server_ = ::fork();
    if (server_ == 0) {
      const int peer = ::accept(listener, nullptr, nullptr);
      std::array<char, 256> text{};
      for (ssize_t got = 0; (got = ::read(peer, text.data(), text.size())) > 0;) (void)!::write(peer, text.data(), static_cast<std::size_t>(got));
      ::_exit(0);
    }
    ::close(listener);
  }
  ~Echo() { ::waitpid(server_, nullptr, 0); }
  [[nodiscard]] int port() const { return port_; }

 private:
  int port_ = 0;
  pid_t server_ = 0;
};

TEST_P(BothWays, EverySendAndReceive) {
  const Echo echo;
  const Ran ran = trace(fmt::format("{}/tracee_calls network {}", TLSWHY_TRACEES, echo.port()), GetParam());
  EXPECT_EQ(ran.log.lines_.substr(ran.log.lines_.find("connect")), ran.printed);
}

TEST_P(BothWays, WhatCantBeSeenIsSaid) {
  const Echo echo;
  const Ran ran = trace(fmt::format("{}/tracee_calls unseen {}", TLSWHY_TRACEES, echo.port()), GetParam());
  std::string all;
  for (const std::string& what : ran.log.blind_) all += what + "\n";
  for (const char* word : {"sendfile(2)", "splice(2)", "io_uring", "calls ptrace(2)"})
    EXPECT_NE(all.find(word), std::string::npos) << word << " in " << all;
  EXPECT_EQ(ran.log.blind_.size(), 4U) << all;
}

TEST_P(BothWays, ThreadsAndChildren) {
  const Ran ran = trace(TLSWHY_TRACEES "/tracee_calls threads", GetParam());
  std::size_t threads = 0, children = 0;
  for (const std::string& line : base::split(ran.log.lines_, '\n')) {
    threads += line.ends_with("/nowhere/ssl/thread ENOENT");
    children += line.ends_with("/nowhere/ssl/child ENOENT");
  }
  EXPECT_EQ(threads, 8U);
  EXPECT_EQ(children, 8U);
  EXPECT_EQ(ran.log.forked_, 9);  // threads are not processes, and a child without a signal is one
  EXPECT_EQ(ran.log.executed_, 2);
  EXPECT_FALSE(ran.result.leftovers);
}

TEST_P(BothWays, TheLoaderReadsInPeace) {
  const Ran ran = trace("/bin/true", GetParam());
#ifdef __x86_64__
  EXPECT_EQ(ran.log.reads_, 0);
#endif
  EXPECT_EQ(ran.log.executed_, 2);
}

// By trying it: it needs a right in the first user namespace, and no filter of our own.
bool may_suspend_filters() {
  const pid_t child = ::fork();
  if (child == 0)
    for (;;) ::pause();
  const bool may = ::ptrace(PTRACE_SEIZE, child, nullptr, kSuspendSeccomp) == 0;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return may;
}

// Where that is permitted, the fifty reads of a store are no stops; whatever happens meanwhile, and behind it, is seen.
TEST_P(BothWays, AStoreIsReadInPeace) {
  const std::string configuration = fmt::format("{}tlswhy-openssl-{}.cnf", ::testing::TempDir(), ::getpid());
  std::ofstream(configuration) << std::string(5000, '#') << "\n"
                               << std::string(5000, '#') << "\n"
                               << std::string(5000, '#') << "\n.include = /etc/ssl/missing-included\n";
  const Ran ran =
      trace("env OPENSSL_CONF=" + configuration + " " TLSWHY_TRACEES "/tracee_openssl loading /etc/ssl/certs/ca-certificates.crt", GetParam());
  ::unlink(configuration.c_str());
  EXPECT_EQ(WEXITSTATUS(ran.result.wait_status), 0);
  std::string seen;
  for (const std::string& line : base::split(ran.log.lines_, '\n'))
    if (line.find("/etc/ssl/missing-") != std::string::npos) seen += line + "\n";
  EXPECT_FALSE(ran.printed.empty());
  EXPECT_EQ(seen, ran.printed);
  EXPECT_EQ(ran.log.reads_ < 60, GetParam() && may_suspend_filters()) << ran.log.reads_;
}

// The command runs ahead while its exec is handled, here slowly. The loader's look at its own settings may pass then; what
// LD_PRELOAD names is looked for before those, and must wait.
TEST(Tracer, MissesNothingWhileTheCommandRunsAhead) {
  struct Slow : Log {
    void executed(pid_t pid) override {
      Log::executed(pid);
      ::usleep(20'000);
    }
  } log;
  Dl_info libc{};
  ASSERT_NE(::dladdr(reinterpret_cast<void*>(&::getpid), &libc), 0);
  const std::string preloaded = fmt::format("{}tlswhy-ssl-{}.so", ::testing::TempDir(), ::getpid());
  ASSERT_EQ(::symlink(libc.dli_fname, preloaded.c_str()), 0);
  Tracer tracer(log, {.environment = {{"LD_PRELOAD", preloaded}}});
  EXPECT_TRUE(tracer.run({"/bin/true"}));
  EXPECT_EQ(log.lines_, fmt::format("lookup openat {} 0\n", preloaded));
  ::unlink(preloaded.c_str());
}

TEST(Tracer, ReportsAnExecThatFails) {
  Log log;
  Tracer tracer(log);
  EXPECT_EQ(tracer.run({"/nonexistent/program"})->exec_error, ENOENT);
  Tracer other(log);
  EXPECT_EQ(other.run({::testing::TempDir()})->exec_error, EACCES);  // a folder
}

TEST(ConcernsTrust, StoresAndLibrariesButNotCode) {
  for (const char* path :
       {"/usr/lib/ssl/cert.pem", "/etc/ssl/certs/5ad8a5d6.0", "/x/libssl.so.3", "/etc/pki/tls", "/v/lib/python3.9/site-packages/certifi/cacert.pem"})
    EXPECT_TRUE(concerns_trust(path)) << path;
  for (const char* path : {"/usr/lib/python3.9/ssl.py", "/usr/lib/python3/dist-packages/OpenSSL", "/etc/hosts", "/tmp/ssl.pyc"})
    EXPECT_FALSE(concerns_trust(path)) << path;
}

// node and git look for openssl.cnf at each start: no reason to watch how their threads end.
TEST(Collector, AConfigurationOfOpenSslIsNoSearchForTrust) {
  Collector collector({});
  collector.lookup(::getpid(), "openat", "/usr/lib/ssl/openssl.cnf", 0);
  EXPECT_FALSE(collector.wants_exit(::getpid()));
  collector.lookup(::getpid(), "openat", "/usr/lib/ssl/cert.pem", ENOENT);
  EXPECT_TRUE(collector.wants_exit(::getpid()));
  EXPECT_EQ(collector.finish().facts.lookups.size(), 2U);
}

// Whether it could load it is seen as it ends.
TEST(Collector, ALibraryOfTlsIsWorthALookAtTheEnd) {
  Collector collector({});
  collector.lookup(::getpid(), "openat", "/x/libssl.so.1.1", ENOENT);
  EXPECT_TRUE(collector.wants_exit(::getpid()));
  collector.exiting(::getpid(), 0);
  EXPECT_TRUE(collector.finish().snapshots.empty());
  EXPECT_TRUE(collector.wants_lookup(::getpid(), "/v/lib/python3.9/lib-dynload/_ssl.cpython-39.so"));
  EXPECT_FALSE(collector.wants_lookup(::getpid(), "/v/lib/python3.9/lib-dynload/_json.cpython-39.so"));
  collector.lookup(::getpid(), "openat", "/x/libgnutls.so.30", ENOENT);
  collector.exiting(::getpid(), 1 << 8);
  const auto snapshots = collector.finish().snapshots;
  ASSERT_EQ(snapshots.size(), 1U);
  EXPECT_EQ(snapshots[0]->libraries.size(), 2U);
}

TEST(AddressText, BothFamilies) {
  EXPECT_EQ(address_text(std::vector<std::uint8_t>{2, 0, 1, 187, 127, 0, 0, 1}), "127.0.0.1:443");
  std::vector<std::uint8_t> v6(28);
  v6[0] = AF_INET6, v6[2] = 1, v6[3] = 187, v6[23] = 1;
  EXPECT_EQ(address_text(v6), "[::1]:443");
  EXPECT_EQ(address_text(std::vector<std::uint8_t>{1, 0, '/', 'x'}), "");
  EXPECT_EQ(address_text({}), "");
}

}  // namespace
}  // namespace tlswhy::observe
