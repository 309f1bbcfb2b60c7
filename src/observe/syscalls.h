#pragma once
// The system calls that the tracer stops at, as a table. Everything else runs at full speed.

#include <linux/filter.h>

#include <array>
#include <cstdint>
#include <span>

namespace tlswhy::observe {

enum class CallKind {
  kLookup,  // takes a path
  kConnect,
  kSend,  // fd, buffer, size → bytes sent
  kReceive,
  kSendVector,  // fd, iovec, count
  kReceiveVector,
  kSendMessage,  // fd, msghdr
  kReceiveMessage,
  kSendMessages,  // fd, mmsghdr array → messages sent
  kReceiveMessages,
  kMovesBytes,  // between descriptors inside the kernel: the one that may be a socket is at `path`
  kShut,        // shutdown(2)
  kOption,      // getsockopt(2) of SO_ERROR: how a connect(2) went that was under way
  kConfines,    // landlock_restrict_self(2): from now on files are refused to it
  kRing,        // io_uring: what goes through it does not pass here
  kTracer,      // ptrace: a process has one tracer, and that is us
};

using CallArguments = std::array<std::uint64_t, 6>;

// What the filter can ask of an argument.
struct Condition {
  enum class Kind { kNone, kIsNot, kBelow, kMasked };  // kMasked: (argument & mask) == value
  Kind kind = Kind::kNone;
  unsigned argument = 0;
  std::uint64_t value = 0;
  std::uint64_t mask = 0;
  [[nodiscard]] bool holds(const CallArguments& arguments) const;
};

struct TracedCall {
  long number;
  const char* name;
  CallKind kind;
  int directory = -1;                  // index of the directory descriptor argument, -1: the working directory
  int path = 0;                        // index of the path argument
  std::array<Condition, 2> when = {};  // it is a stop where one of them holds; without any, always
  [[nodiscard]] bool stops(const CallArguments& arguments) const;
};

// All of them, for the machine this was compiled for.
std::span<const TracedCall> traced_calls();
// The row of a call number, null when it is not traced.
const TracedCall* find_call(long number);

// A seccomp program that answers SECCOMP_RET_TRACE for the table's calls, as their conditions say, and allows the rest, foreign
// architectures (32-bit programs) included. Made by filter_main.cc when tlswhy is built.
std::span<const sock_filter> call_filter();

}  // namespace tlswhy::observe
