#include "observe/filter_pause.h"

#include <fmt/format.h>
#include <sys/ptrace.h>

#include <cerrno>

#include "host/proc_files.h"
#include "host/proc_text.h"

namespace tlswhy::observe {
namespace {

bool set_options(pid_t tid, unsigned long options) { return ::ptrace(PTRACE_SETOPTIONS, tid, nullptr, options) == 0; }

}  // namespace

bool FilterPause::begin(pid_t tid, unsigned long options) {
  if (!permitted_) return false;
  const auto status = host::read_proc(tid, "status");
  if (!status || host::parse_status(*status).filters != 1) return false;
  if (set_options(tid, options | kSuspendSeccomp)) return true;
  permitted_ = errno == ESRCH;  // killed meanwhile
  return false;
}

void FilterPause::end(pid_t tid, unsigned long options) { set_options(tid, options); }

}  // namespace tlswhy::observe
