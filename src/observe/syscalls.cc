#include "observe/syscalls.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>

namespace tlswhy::observe {
namespace {

using enum CallKind;

// glibc's fstat() is newfstatat(fd, "", …, AT_EMPTY_PATH): not a look-up, and far too many to stop at.
constexpr std::array kHasPath4{Condition{Condition::Kind::kMasked, 3, 0, AT_EMPTY_PATH}, Condition{}};
constexpr std::array kHasPath3{Condition{Condition::Kind::kMasked, 2, 0, AT_EMPTY_PATH}, Condition{}};

// How glibc's loader reads the head of a library: a buffer of that size on the stack (FILEBUF_SIZE, elf/dl-load.c), and the
// stack of the first thread is above all that is mapped (arch/x86/mm/mmap.c, mmap_base). Every program does so once for each
// of its libraries; nobody reads a socket like this.
#ifdef __x86_64__
constexpr std::array kNotTheLoader{Condition{Condition::Kind::kIsNot, 2, 832}, Condition{Condition::Kind::kBelow, 1, 0x7ffc'0000'0000}};
#else
constexpr std::array<Condition, 2> kNotTheLoader{};
#endif

constexpr std::array kAsksForError{Condition{Condition::Kind::kMasked, 2, SO_ERROR, 0xffff'ffff}, Condition{}};

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
    TracedCall{SYS_read, "read", kReceive, -1, 0, kNotTheLoader},
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
    TracedCall{SYS_shutdown, "shutdown", kShut},
    TracedCall{SYS_getsockopt, "getsockopt", kOption, -1, 0, kAsksForError},
    TracedCall{SYS_landlock_restrict_self, "landlock_restrict_self", kConfines},
    TracedCall{SYS_io_uring_setup, "io_uring_setup", kRing},
    TracedCall{SYS_ptrace, "ptrace", kTracer},
};

}  // namespace

bool Condition::holds(const CallArguments& arguments) const {
  switch (kind) {
    case Kind::kIsNot: return arguments[argument] != value;
    case Kind::kBelow: return arguments[argument] < value;
    case Kind::kMasked: return (arguments[argument] & mask) == value;
    default: return false;
  }
}

bool TracedCall::stops(const CallArguments& arguments) const {
  const auto holds = [&](const Condition& one) { return one.holds(arguments); };
  return when.front().kind == Condition::Kind::kNone || std::ranges::any_of(when, holds);
}

std::span<const TracedCall> traced_calls() { return kCalls; }

const TracedCall* find_call(long number) {
  const auto row = std::ranges::find(kCalls, number, &TracedCall::number);
  return row == kCalls.end() ? nullptr : &*row;
}

}  // namespace tlswhy::observe
