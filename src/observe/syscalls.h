#pragma once
// The system calls that the tracer stops at, as a table. Everything else runs at full speed.

#include <linux/filter.h>

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
  kRing,        // io_uring: what goes through it does not pass here
  kTracer,      // ptrace: a process has one tracer, and that is us
};

// One argument condition for the filter: stop only when (argument & mask) == value.
struct Condition {
  unsigned argument = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
};

// No stop when argument `size` == `bytes` and `buffer` >= `from`.
struct Exemption {
  unsigned size = 0;
  std::uint64_t bytes = 0;
  unsigned buffer = 0;
  std::uint64_t from = 0;
};

struct TracedCall {
  long number;
  const char* name;
  CallKind kind;
  int directory = -1;   // index of the directory descriptor argument, -1: the working directory
  int path = 0;         // index of the path argument
  Condition only_if{};  // mask 0: always
  Exemption unless{};   // bytes 0: never
};

// All of them, for the machine this was compiled for.
std::span<const TracedCall> traced_calls();
// The row of a call number, null when it is not traced.
const TracedCall* find_call(long number);

// A seccomp program that answers SECCOMP_RET_TRACE for the table's calls, as their conditions say, and allows the rest, foreign
// architectures (32-bit programs) included. Made by filter_main.cc when tlswhy is built.
std::span<const sock_filter> call_filter();

}  // namespace tlswhy::observe
