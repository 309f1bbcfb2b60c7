#include "observe/tracee.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <memory>

#include "base/unique_fd.h"
#include "bytes/cursor.h"
#include "host/proc_files.h"

namespace tlswhy::observe {

using base::fail_errno;
using base::Result;

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kNativeArch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kNativeArch = AUDIT_ARCH_AARCH64;
#else
#error "tlswhy run knows x86-64 and AArch64"
#endif

constexpr std::size_t kMaxRead = 1U << 20;
constexpr std::uint64_t kMaxVectors = 1024;  // UIO_MAXIOV

// The layouts that the tracee's kernel side uses, read field by field below.
static_assert(sizeof(iovec) == 16 && offsetof(msghdr, msg_iov) == 16 && offsetof(msghdr, msg_iovlen) == 24);

}  // namespace

Result<CallStop> call_stop(pid_t tid) {
  __ptrace_syscall_info info{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info) < 0) return fail_errno(errno, "can't read the call", fmt::format("pid {}", tid));
  CallStop out;
  out.native = info.arch == kNativeArch;
  out.stack = info.stack_pointer;
  if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
    out.at = CallStop::At::kExit;
    out.result = info.exit.rval;
    return out;
  }
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY && info.op != PTRACE_SYSCALL_INFO_SECCOMP) return out;
  out.at = CallStop::At::kEntry;
  // The entry and seccomp variants begin alike (include/uapi/linux/ptrace.h).
  out.number = static_cast<long>(info.entry.nr);
  std::copy_n(info.entry.args, out.arguments.size(), out.arguments.begin());
  return out;
}

Result<std::vector<std::uint8_t>> read_memory(pid_t tid, RemoteAddress address, std::size_t size) {
  std::vector<std::uint8_t> out(std::min(size, kMaxRead));
  const iovec here{out.data(), out.size()};
  const iovec there{reinterpret_cast<void*>(address.value), out.size()};
  const ssize_t got = ::process_vm_readv(tid, &here, 1, &there, 1, 0);
  if (got < 0) return fail_errno(errno, "can't read memory", fmt::format("pid {} @{:#x}", tid, address.value));
  out.resize(static_cast<std::size_t>(got));
  return out;
}

Result<std::uint64_t> read_word(pid_t tid, RemoteAddress address) {
  TRY(raw, read_memory(tid, address, 8));
  return bytes::Cursor(raw, "word").u64_le();
}

Result<std::uint32_t> read_half(pid_t tid, RemoteAddress address) {
  TRY(raw, read_memory(tid, address, 4));
  return bytes::Cursor(raw, "word").u32_le();
}

Result<void> write_word(pid_t tid, RemoteAddress address, std::uint64_t value, std::size_t size) {
  const iovec here{&value, size};
  const iovec there{reinterpret_cast<void*>(address.value), size};
  if (::process_vm_writev(tid, &here, 1, &there, 1, 0) == static_cast<ssize_t>(size)) return {};
  return fail_errno(errno, "can't write memory", fmt::format("pid {} @{:#x}", tid, address.value));
}

Result<void> CodeMemory::write(RemoteAddress address, std::span<const std::uint8_t> code) {
  if (!file_.valid()) file_.reset(::open(fmt::format("/proc/{}/mem", pid_).c_str(), O_WRONLY | O_CLOEXEC));
  if (::pwrite(file_.get(), code.data(), code.size(), static_cast<off_t>(address.value)) == static_cast<ssize_t>(code.size())) return {};
  return fail_errno(errno, "can't write memory", fmt::format("pid {} @{:#x}", pid_, address.value));
}

Result<void> write_code(pid_t pid, RemoteAddress address, std::span<const std::uint8_t> code) { return CodeMemory(pid).write(address, code); }

Result<std::string> read_string(pid_t tid, RemoteAddress address) {
  constexpr std::uint64_t kPage = 4096, kUsual = 256;
  std::string out;
  // Never over the end of a page: a read that crosses into an unmapped one gives nothing of the good one before Linux 5.x.
  while (out.size() < PATH_MAX) {
    const std::uint64_t at = address.value + out.size();
    TRY(piece, read_memory(tid, {at}, std::min(kPage - at % kPage, out.empty() ? kUsual : kPage)));
    const auto end = std::ranges::find(piece, std::uint8_t{0});
    out.append(piece.begin(), end);
    if (end != piece.end()) return out;
  }
  return base::fail(base::Code::kLimit, "string is too long", fmt::format("pid {} @{:#x}", tid, address.value));
}

Result<std::vector<std::uint8_t>> read_vectors(pid_t tid, RemoteAddress array, std::uint64_t count, std::size_t total) {
  TRY(raw, read_memory(tid, array, std::min(count, kMaxVectors) * sizeof(iovec)));
  bytes::Cursor cursor(raw, "iovec");
  std::vector<std::uint8_t> out;
  while (cursor.remaining() >= sizeof(iovec) && out.size() < total) {
    TRY(base, cursor.u64_le());
    TRY(size, cursor.u64_le());
    const std::size_t wanted = std::min<std::uint64_t>(size, total - out.size());
    if (wanted == 0) continue;
    TRY(piece, read_memory(tid, {base}, wanted));
    out.insert(out.end(), piece.begin(), piece.end());
    if (piece.size() < wanted) break;
  }
  return out;
}

Result<MessageVectors> read_message(pid_t tid, RemoteAddress header) {
  TRY(raw, read_memory(tid, header, sizeof(msghdr)));
  bytes::Cursor cursor(raw, "msghdr");
  TRY(address, cursor.u64_le());
  TRY(address_size, cursor.u32_le());
  TRY_VOID(cursor.seek(offsetof(msghdr, msg_iov)));
  TRY(array, cursor.u64_le());
  TRY(count, cursor.u64_le());
  return MessageVectors{{array}, count, {address}, address_size};
}

Result<std::vector<std::uint8_t>> read_messages(pid_t tid, RemoteAddress array, std::uint64_t count) {
  static_assert(sizeof(mmsghdr) == 64 && offsetof(mmsghdr, msg_len) == 56);
  std::vector<std::uint8_t> out;
  for (std::uint64_t i = 0; i < std::min(count, kMaxVectors); ++i) {
    const RemoteAddress at{array.value + i * sizeof(mmsghdr)};
    TRY(message, read_message(tid, at));
    TRY(size, read_half(tid, {at.value + offsetof(mmsghdr, msg_len)}));
    TRY(piece, read_vectors(tid, message.array, message.count, size));
    out.insert(out.end(), piece.begin(), piece.end());
  }
  return out;
}

bool stops_a_job(int signal) { return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU; }

std::vector<pid_t> threads_of(pid_t pid) {
  std::vector<pid_t> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(fmt::format("/proc/{}/task", pid).c_str()), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    pid_t tid = 0;
    std::from_chars(entry->d_name, entry->d_name + std::strlen(entry->d_name), tid);
    if (tid > 0) out.push_back(tid);
  }
  return out;
}

std::string absolute_path(pid_t tid, int directory, const std::string& path) {
  if (path.starts_with('/') || path.empty()) return path;
  const std::string start = host::proc_link(tid, directory == AT_FDCWD ? "cwd" : fmt::format("fd/{}", directory));
  if (!start.starts_with('/')) return path;
  return start + (start.ends_with('/') ? "" : "/") + path;
}

}  // namespace tlswhy::observe
