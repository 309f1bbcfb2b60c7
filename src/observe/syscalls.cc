#include "observe/syscalls.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/unique_fd.h"

namespace tlswhy::observe {
namespace {

using enum CallKind;

// glibc's fstat() is newfstatat(fd, "", …, AT_EMPTY_PATH): not a look-up, and far too many to stop at.
constexpr Condition kHasPath4{3, AT_EMPTY_PATH, 0};
constexpr Condition kHasPath3{2, AT_EMPTY_PATH, 0};

constexpr std::array kCalls{
    TracedCall{SYS_openat, "openat", kLookup, 0, 1},
    TracedCall{SYS_openat2, "openat2", kLookup, 0, 1},
    TracedCall{SYS_newfstatat, "newfstatat", kLookup, 0, 1, kHasPath4},
    TracedCall{SYS_statx, "statx", kLookup, 0, 1, kHasPath3},
    TracedCall{SYS_faccessat, "faccessat", kLookup, 0, 1},
    TracedCall{SYS_faccessat2, "faccessat2", kLookup, 0, 1},
#ifdef SYS_open  // the calls that newer architectures never had
    TracedCall{SYS_open, "open", kLookup, -1, 0},
    TracedCall{SYS_stat, "stat", kLookup, -1, 0},
    TracedCall{SYS_lstat, "lstat", kLookup, -1, 0},
    TracedCall{SYS_access, "access", kLookup, -1, 0},
    TracedCall{SYS_readlink, "readlink", kLookup, -1, 0},
#endif
    TracedCall{SYS_readlinkat, "readlinkat", kLookup, 0, 1},
    TracedCall{SYS_connect, "connect", kConnect},
    TracedCall{SYS_write, "write", kSend},
    TracedCall{SYS_sendto, "sendto", kSend},
    TracedCall{SYS_read, "read", kReceive},
    TracedCall{SYS_recvfrom, "recvfrom", kReceive},
    TracedCall{SYS_writev, "writev", kSendVector},
    TracedCall{SYS_readv, "readv", kReceiveVector},
    TracedCall{SYS_sendmsg, "sendmsg", kSendMessage},
    TracedCall{SYS_recvmsg, "recvmsg", kReceiveMessage},
    TracedCall{SYS_sendmmsg, "sendmmsg", kSendMessages},
    TracedCall{SYS_recvmmsg, "recvmmsg", kReceiveMessages},
    TracedCall{SYS_sendfile, "sendfile", kMovesBytes, -1, 0},
    TracedCall{SYS_splice, "splice", kMovesBytes, -1, 2},
    TracedCall{SYS_splice, "splice", kMovesBytes, -1, 0},
    TracedCall{SYS_io_uring_setup, "io_uring_setup", kRing},
    TracedCall{SYS_ptrace, "ptrace", kTracer},
};

using Context = std::unique_ptr<void, decltype(&seccomp_release)>;

base::Result<void> add_rule(scmp_filter_ctx context, const TracedCall& call) {
  const Condition& when = call.only_if;
  const scmp_arg_cmp compare{when.argument, SCMP_CMP_MASKED_EQ, when.mask, when.value};
  const unsigned count = when.mask != 0 ? 1 : 0;
  const int error = seccomp_rule_add_array(context, SCMP_ACT_TRACE(0), static_cast<int>(call.number), count, &compare);
  if (error != 0) return base::fail_errno(-error, "can't add a seccomp rule", call.name);
  return {};
}

base::Result<std::vector<sock_filter>> export_program(scmp_filter_ctx context) {
  const base::UniqueFd memory(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!memory.valid()) return base::fail_errno(errno, "can't make a memory file");
  if (const int error = seccomp_export_bpf(context, memory.get()); error != 0) return base::fail_errno(-error, "can't build the seccomp filter");
  const auto size = static_cast<std::size_t>(::lseek(memory.get(), 0, SEEK_CUR));
  std::vector<sock_filter> program(size / sizeof(sock_filter));
  if (::pread(memory.get(), program.data(), size, 0) != static_cast<ssize_t>(size))
    return base::fail_errno(errno, "can't read the seccomp filter back");
  return program;
}

}  // namespace

std::span<const TracedCall> traced_calls() { return kCalls; }

const TracedCall* find_call(long number) {
  const auto row = std::ranges::find(kCalls, number, &TracedCall::number);
  return row == kCalls.end() ? nullptr : &*row;
}

base::Result<std::vector<sock_filter>> build_filter() {
  const Context context(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  if (!context) return base::fail(base::Code::kSystem, "libseccomp can't start");
  seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree over the numbers
  for (const TracedCall& call : kCalls) TRY_VOID(add_rule(context.get(), call));
  return export_program(context.get());
}

}  // namespace tlswhy::observe
