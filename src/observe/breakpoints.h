#pragma once
// Breakpoints in the address spaces of traced processes. Where the instruction under one is of a known simple kind it
// is carried out on the registers (elf/step.h), so that the breakpoint stays; otherwise it is lifted for one step of
// the processor, in which another thread may pass unseen but never hindered.

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "observe/call_watcher.h"
#include "observe/lifeline.h"
#include "observe/registers.h"
#include "observe/tls_library.h"
#include "observe/tracee.h"

namespace tlswhy::observe {

class Breakpoints {
 public:
  // `lifeline` may be null.
  Breakpoints(CallWatcher& watcher, Lifeline* lifeline) : watcher_(watcher), lifeline_(lifeline) {}

  // As TlsLibraries has them.
  void expect(const std::string& path, const std::function<void()>& between) { libraries_.expect(path, between); }
  [[nodiscard]] bool expects_glibc() const { return libraries_.expects_glibc(); }
  // `pid` runs a new program and is stopped: forget the old one, look at the new one's file.
  void executed(pid_t pid);
  // `child` runs with the memory of `parent`, or with a copy of it.
  void forked(pid_t parent, pid_t child, bool shares_memory);
  // The process may have mapped TLS libraries since it was last looked at. One of its threads is stopped.
  void mapped(pid_t pid);
  // The process has a connection, or may have: from now on certificates that it parses may be a peer's. Before that they
  // are anchors, of which some programs parse a hundred and more as they start (node with NODE_EXTRA_CA_CERTS).
  void connects(pid_t pid);
  // A thread or process has ended.
  void gone(pid_t tid);
  // Takes every breakpoint of the process out for good, while its threads may run. One that has hit one already is to be put back.
  void lift(pid_t pid);
  // A thread of such a process stopped with SIGTRAP: back to the instruction whose breakpoint it hit. False when that was none of ours.
  bool put_back(pid_t pid, pid_t tid);

  // The thread, whose stack pointer is `stack`, is inside a call that loads a store out of one file.
  [[nodiscard]] bool loads_file(pid_t tid, std::uint64_t stack) const;

  enum class Hit { kNotOurs, kResume, kStep };
  // A thread stopped with SIGTRAP. kResume: dealt with, let it go on; kStep: let it do one step, then call stepped().
  Hit hit(pid_t pid, pid_t tid);
  // True between kStep and stepped().
  [[nodiscard]] bool stepping(pid_t tid) const { return stepping_.contains(tid); }
  // The step is done, or something else stopped the thread meanwhile.
  void stepped(pid_t pid, pid_t tid);

 private:
  struct Site {
    std::vector<std::uint8_t> saved;
    std::vector<std::uint8_t> code;  // what stood there and behind, until it is decoded
    elf::Step step;
    const TlsLibrary* library = nullptr;
    const TlsFunction* function = nullptr;  // at the start of this one
    std::uint64_t bias = 0;
    bool behind_call = false;  // where some watched call returns to
  };
  struct Space {
    std::unordered_map<std::uint64_t, Site> sites;
    unsigned loading = 0;    // threads inside a call that loads a store
    unsigned verifying = 0;  // threads inside a call that verifies
    bool connected = false;  // a peer may send a chain
  };
  // A call whose return is awaited.
  struct Awaited {
    std::uint64_t address = 0, stack = 0, bias = 0;
    const TlsLibrary* library = nullptr;
    const TlsFunction* function = nullptr;
    Registers at_entry;
  };

  Space& space(pid_t pid);
  bool plant(pid_t pid, CodeMemory& memory, std::uint64_t address, Site*& out);
  void plant_all(pid_t pid, const TlsLibrary& library, std::uint64_t bias);
  [[nodiscard]] bool stepped_over(const Space& where, std::uint64_t address) const;
  static bool is_out(const Space& where, const Site& site);
  void settle(pid_t pid, bool (*concerned)(Call));
  void inside(pid_t pid, Call call, bool begins);
  void loading(pid_t pid, bool begins);
  void verifying(pid_t pid, bool begins);
  void drop_last(pid_t pid, std::vector<Awaited>& waiting);
  void entered(pid_t pid, pid_t tid, const Site& site, const Registers& registers);
  void returned(pid_t pid, pid_t tid, const Registers& registers);

  CallWatcher& watcher_;
  Lifeline* lifeline_;
  TlsLibraries libraries_;
  std::map<pid_t, std::shared_ptr<Space>> spaces_;
  std::map<pid_t, std::vector<Awaited>> awaited_;
  std::map<std::pair<pid_t, std::uint64_t>, std::vector<Awaited>> routines_;  // Go: a goroutine may wake on another thread
  std::map<pid_t, std::pair<const Space*, std::uint64_t>> stepping_;          // thread → what it steps over
};

}  // namespace tlswhy::observe
