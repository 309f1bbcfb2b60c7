#include "prove/library_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <functional>

#include "base/text.h"
#include "prove/library_api.h"
#include "prove/sandbox.h"

namespace tlswhy::prove {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::UniqueFd;

namespace {

using Chain = std::vector<std::vector<std::uint8_t>>;
using Environment = std::map<std::string, std::string>;

constexpr int kDeadlineMs = 15'000;
constexpr std::size_t kMaxAnswer = 4096;
constexpr int kSslCtrlSetHostname = 55;  // SSL_CTRL_SET_TLSEXT_HOSTNAME, ssl.h
constexpr int kSslVerifyPeer = 1;

Result<UniqueFd> to_memory(const host::Bytes& bytes, const char* name) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "can't make a memory file");
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t put = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (put <= 0) return fail_errno(errno, "can't fill a memory file");
    done += static_cast<std::size_t>(put);
  }
  return fd;
}

// ---- the child --------------------------------------------------------------------------------------

Result<void> take_place(const LibraryPlace& place) {
  if (place.mount_namespace && ::setns(place.mount_namespace->get(), CLONE_NEWNS) != 0)
    return fail_errno(errno, "can't enter the mount namespace of the process");
  if (place.own_root && (::fchdir(place.root->get()) != 0 || ::chroot(".") != 0))
    return fail_errno(errno, "can't enter the root directory of the process");
  if (::geteuid() != 0 || place.who.uid == 0) return {};
  if (::setgroups(place.who.groups.size(), place.who.groups.data()) != 0 || ::setresgid(place.who.gid, place.who.gid, place.who.gid) != 0 ||
      ::setresuid(place.who.uid, place.who.uid, place.who.uid) != 0)
    return fail_errno(errno, "can't become the user of the process");
  return {};
}

void set_environment(const Environment& env) {
  ::clearenv();
  for (const auto& [name, value] : env)
    if (!name.starts_with("LD_")) ::setenv(name.c_str(), value.c_str(), 1);
  // The store is in question, not the configuration: a broken openssl.cnf has codes of its own.
}

Result<LibraryAnswer> verify_here(const CryptoApi& api, const Chain& chain) {
  void* untrusted = api.sk_new_null();
  void* leaf = nullptr;
  for (const auto& der : chain) {
    const unsigned char* at = der.data();
    void* certificate = api.d2i_X509(nullptr, &at, static_cast<long>(der.size()));
    if (certificate == nullptr) return fail(Code::kMalformed, "the library can't read a certificate of the chain");
    if (leaf == nullptr)
      leaf = certificate;
    else
      api.sk_push(untrusted, certificate);
  }
  void* store = api.X509_STORE_new();
  api.X509_STORE_set_default_paths(store);
  void* context = api.X509_STORE_CTX_new();
  if (leaf == nullptr || context == nullptr || api.X509_STORE_CTX_init(context, store, leaf, untrusted) != 1)
    return fail(Code::kSystem, "the library can't start a verification");
  api.X509_STORE_CTX_set_default(context, "ssl_server");
  LibraryAnswer answer;
  answer.ok = api.X509_verify_cert(context) == 1;
  answer.code = api.X509_STORE_CTX_get_error(context);
  answer.depth = api.X509_STORE_CTX_get_error_depth(context);
  const char* text = api.X509_verify_cert_error_string(answer.code);
  answer.text = text != nullptr ? text : "";
  return answer;
}

Result<LibraryAnswer> handshake_here(const CryptoApi& crypto, const SslApi& ssl, int socket, const std::string& servername) {
  void* context = ssl.SSL_CTX_new(ssl.TLS_client_method());
  if (context == nullptr) return fail(Code::kSystem, "the library can't make a context");
  ssl.SSL_CTX_set_default_verify_paths(context);
  ssl.SSL_CTX_set_verify(context, kSslVerifyPeer, nullptr);
  void* session = ssl.SSL_new(context);
  if (session == nullptr || ssl.SSL_set_fd(session, socket) != 1) return fail(Code::kSystem, "the library can't make a session");
  if (!servername.empty()) ssl.SSL_ctrl(session, kSslCtrlSetHostname, 0, const_cast<char*>(servername.c_str()));
  LibraryAnswer answer;
  answer.ok = ssl.SSL_connect(session) == 1;
  answer.code = static_cast<int>(ssl.SSL_get_verify_result(session));
  const char* text = crypto.X509_verify_cert_error_string(answer.code);
  answer.text = text != nullptr ? text : "";
  if (!answer.ok && answer.code == 0) answer.text = "the handshake failed for another reason";
  return answer;
}

// One line: "ok code depth text" or "error code text".
std::string encode(const Result<LibraryAnswer>& answer) {
  if (!answer) return fmt::format("error {} {}", static_cast<int>(answer.error().code), answer.error().message);
  return fmt::format("answer {} {} {} {}", answer->ok ? 1 : 0, answer->code, answer->depth, answer->text);
}

using Task = std::function<Result<LibraryAnswer>()>;

[[noreturn]] void child(const LibraryPlace& place, const Environment& env, int answer_fd, const Task& task) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto run = [&]() -> Result<LibraryAnswer> {
    TRY_VOID(take_place(place));
    set_environment(env);
    TRY_VOID(enter_sandbox());
    return task();
  };
  const std::string line = encode(run());
  (void)!::write(answer_fd, line.data(), std::min(line.size(), kMaxAnswer));
  ::_exit(0);
}

// ---- the parent -------------------------------------------------------------------------------------

int left_ms(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

// Reads to the end of the pipe, 4 KiB at most, by the deadline.
std::string read_answer(int fd) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kDeadlineMs);
  std::string out;
  std::array<char, kMaxAnswer> piece{};
  while (out.size() < kMaxAnswer) {
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, left_ms(until));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got <= 0) break;
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
  return out;
}

Result<LibraryAnswer> decode(const std::string& line, int status) {
  const auto words = base::split(line, ' ');
  if (words.size() >= 5 && words[0] == "answer") {
    LibraryAnswer answer;
    answer.ok = words[1] == "1";
    std::from_chars(words[2].data(), words[2].data() + words[2].size(), answer.code);
    std::from_chars(words[3].data(), words[3].data() + words[3].size(), answer.depth);
    answer.text = base::printable(line.substr(words[0].size() + words[1].size() + words[2].size() + words[3].size() + 4), 200);
    return answer;
  }
  if (words.size() >= 3 && words[0] == "error")
    return fail(Code::kUnsupported, base::printable(line.substr(words[0].size() + words[1].size() + 2), 400));
  if (WIFSIGNALED(status)) return fail(Code::kSystem, fmt::format("the library died in the sandbox of signal {}", WTERMSIG(status)));
  return fail(Code::kTimeout, "the library gave no answer in the sandbox");
}

Result<LibraryAnswer> in_child(const LibraryPlace& place, const Environment& env, const Task& task) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fail_errno(errno, "can't make a pipe");
  UniqueFd reader(pipe[0]), writer(pipe[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "can't start a process");
  if (pid == 0) child(place, env, writer.get(), task);
  writer.reset();
  const std::string line = read_answer(reader.get());
  ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {
  }
  return decode(line, status);
}

}  // namespace

Result<LibraryAnswer> verify_in_library(const LibraryPlace& place, const Chain& chain, const Environment& env) {
  TRY(crypto, to_memory(place.crypto, "libcrypto"));
  return in_child(place, env, [&]() -> Result<LibraryAnswer> {
    TRY(api, load_crypto(crypto.get()));
    return verify_here(api, chain);
  });
}

Result<LibraryAnswer> handshake_in_library(const LibraryPlace& place, UniqueFd socket, const std::string& servername, const Environment& env) {
  if (place.ssl.empty()) return fail(Code::kUnsupported, "no libssl beside the library");
  TRY(crypto, to_memory(place.crypto, "libcrypto"));
  TRY(ssl, to_memory(place.ssl, "libssl"));
  return in_child(place, env, [&]() -> Result<LibraryAnswer> {
    TRY(crypto_api, load_crypto(crypto.get()));
    TRY(ssl_api, load_ssl(ssl.get()));
    return handshake_here(crypto_api, ssl_api, socket.get(), servername);
  });
}

}  // namespace tlswhy::prove
