#include "prove/library_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>

#include "base/text.h"
#include "prove/helper.h"

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
constexpr off_t kMaxLibrary = off_t{1} << 30;

constexpr const char* kHelper = "tlswhy-prove";

Result<UniqueFd> open_helper() {
  TRY(folder, helpers_folder());
  UniqueFd fd(::open((folder + "/" + kHelper).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno(errno, "can't open", kHelper);
  return fd;
}

// A memory file that a helper inherits.
Result<UniqueFd> to_memory(const void* data, std::size_t size) {
  UniqueFd fd(::memfd_create("tlswhy-proof", 0));
  if (!fd.valid()) return fail_errno(errno, "can't make a memory file");
  const auto* bytes = static_cast<const char*>(data);
  for (std::size_t done = 0; done < size;) {
    const ssize_t put = ::write(fd.get(), bytes + done, size - done);
    if (put <= 0) return fail_errno(errno, "can't fill a memory file");
    done += static_cast<std::size_t>(put);
  }
  return fd;
}

// A copy: the helper's user need not be one that may open the file, nor see it at all. Empty for none.
Result<UniqueFd> copy_of(const std::shared_ptr<const UniqueFd>& file) {
  TRY(fd, to_memory("", 0));
  struct stat st{};
  if (!file || ::fstat(file->get(), &st) != 0) return fd;
  if (st.st_size > kMaxLibrary) return fail(Code::kLimit, "the library is too large to be copied");
  for (off_t at = 0; at < st.st_size;) {
    const ssize_t got = ::sendfile(fd.get(), file->get(), &at, static_cast<std::size_t>(st.st_size - at));
    if (got < 0 && errno != EINTR) return fail_errno(errno, "can't copy the library");
    if (got == 0) break;
  }
  return fd;
}

std::string pack(const Chain& chain) {
  std::string out;
  for (const auto& der : chain) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(der.size() >> shift & 0xff);
    out.append(der.begin(), der.end());
  }
  return out;
}

std::string pack(const Environment& env) {
  std::string out;
  for (const auto& [name, value] : env) out += fmt::format("{}={}", name, value) + '\0';
  return out;
}

std::string user_of(const host::Credentials& who) {
  std::string out = fmt::format("{}:{}:", who.uid, who.gid);
  for (const gid_t group : who.groups) out += fmt::format("{},", group);
  return out;
}

int inheritable(const std::shared_ptr<UniqueFd>& fd) { return fd && fd->valid() ? ::dup(fd->get()) : -1; }

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

Result<LibraryAnswer> run_helper(const HelperRequest& request) {
  TRY(helper, open_helper());
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fail_errno(errno, "can't make a pipe");
  const UniqueFd reader(pipe[0]);
  UniqueFd writer(pipe[1]);
  std::vector<std::string> words = to_arguments(request);
  words.insert(words.begin(), "tlswhy-prove");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "can't start a process");
  if (pid == 0) {
    std::array<char*, 1> nothing{nullptr};
    ::dup2(writer.get(), STDOUT_FILENO);
    ::fexecve(helper.get(), arguments.data(), nothing.data());
    ::_exit(127);
  }
  writer.reset();
  const std::string line = read_answer(reader.get());
  ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {
  }
  if (line.empty() && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
    return fail(Code::kSystem, fmt::format("the library died in the sandbox of signal {}", WTERMSIG(status)));
  return decode(line);
}

Result<UniqueFd> in_memory(const std::string& bytes) { return to_memory(bytes.data(), bytes.size()); }

std::string terms_of(const Trial& trial) {
  std::string out;
  for (const auto& [letter, counts] : {std::pair{'d', trial.default_places},
                                       {'p', trial.partial_chain},
                                       {'b', trial.only_start},
                                       {'s', trial.checks.strict},
                                       {'r', trial.checks.revocation},
                                       {'w', trial.checks.weakness},
                                       {'u', trial.checks.purpose}})
    if (counts) out += letter;
  return out;
}

Result<LibraryAnswer> ask(const LibraryPlace& place, const Trial& trial, int socket, const std::string& servername) {
  HelperRequest request;
  TRY(crypto, copy_of(place.crypto));
  TRY(ssl, copy_of(place.ssl));
  TRY(chain, in_memory(pack(trial.chain)));
  TRY(environment, in_memory(pack(trial.environment)));
  TRY(edits, in_memory(pack(trial.edits)));
  TRY(anchors, in_memory(pack(trial.anchors)));
  const UniqueFd root(place.own_root ? inheritable(place.root) : -1), mount_namespace(inheritable(place.mount_namespace));
  const UniqueFd peer(socket >= 0 ? ::dup(socket) : -1);
  request.crypto = crypto.get();
  request.ssl = ssl.get();
  request.chain = chain.get();
  request.environment = environment.get();
  request.edits = edits.get();
  request.anchors = anchors.get();
  request.socket = peer.get();
  request.root = root.get();
  request.mount_namespace = mount_namespace.get();
  request.servername = servername;
  request.name = trial.name;
  request.time = trial.time;
  request.terms = terms_of(trial);
  request.user = user_of(place.who);
  return run_helper(request);
}

}  // namespace

// Beside this program, or where it is installed.
Result<std::string> helpers_folder() {
  std::error_code ignored;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& folder : {here, here / ".." / "lib" / "tlswhy"})
    if (::access((folder / kHelper).c_str(), R_OK) == 0) return folder.string();
  return fail(Code::kNotFound, "tlswhy-prove is not installed beside tlswhy", here.string());
}

Result<LibraryAnswer> verify_in_library(const LibraryPlace& place, const Trial& trial) { return ask(place, trial, -1, ""); }

Result<LibraryAnswer> start_in_library(const LibraryPlace& place, Trial trial) {
  if (!place.ssl) return fail(Code::kUnsupported, "no libssl beside the library");
  trial.only_start = true;
  return ask(place, trial, -1, "");
}

Result<LibraryAnswer> handshake_in_library(const LibraryPlace& place, const Trial& trial, UniqueFd socket, const std::string& servername) {
  if (!place.ssl) return fail(Code::kUnsupported, "no libssl beside the library");
  return ask(place, trial, socket.get(), servername);
}

}  // namespace tlswhy::prove
