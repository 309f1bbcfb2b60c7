#pragma once
// The command's process until it executes. It shares its parent's memory, thread-local storage included, and both run: nothing
// here may allocate, lock or fail into errno.

#include <linux/filter.h>
#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <span>

namespace tlswhy::observe {

constexpr char kNoFilter = 'n';
constexpr char kExecFailed = 'e';

// What it is to do, in memory of its parent's.
struct ChildOrders {
  std::span<char* const> files;  // to execute: the first that there is
  std::span<char*> arguments;    // one word too many in front, for a shell, and a null behind
  char* const* environment = nullptr;
  std::span<const int> default_signals = {};
  const sigset_t* mask = nullptr;            // none: as it is
  std::span<const sock_filter> filter = {};  // empty: none
  pid_t parent = 0;
  int go = -1;                               // a byte in it: execute; its end: don't
  int report = -1;                           // takes kNoFilter, and kExecFailed with an errno
  int parents_go = -1, parents_report = -1;  // the other ends, to be closed
};

[[noreturn]] void obey(ChildOrders& orders);

}  // namespace tlswhy::observe
