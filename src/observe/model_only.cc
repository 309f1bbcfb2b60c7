#include "observe/model_only.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "host/proc_files.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kMaxProcesses = 64;

}  // namespace

void ModelOnly::look(pid_t pid) {
  if (last_.size() >= kMaxProcesses && !last_.contains(pid)) return;
  auto shot = take_snapshot(pid, read_process(pid, variables_));
  // A process at its start or end maps next to nothing: the fullest look counts.
  if (shot && (!last_[pid] || (*shot)->objects.size() >= last_[pid]->objects.size())) last_[pid] = std::move(*shot);
  const auto children = host::read_proc(pid, fmt::format("task/{}/children", pid).c_str());
  if (!children) return;
  for (const std::string& word : base::split(*children, ' ')) {
    pid_t child = 0;
    std::from_chars(word.data(), word.data() + word.size(), child);
    if (child > 0) look(child);
  }
}

void ModelOnly::move_into(facts::Recording& recording) {
  for (auto& [pid, shot] : last_) {
    if (!shot) continue;
    recording.facts.processes.push_back(shot->process);
    recording.snapshots.push_back(std::move(shot));
  }
  last_.clear();
}

}  // namespace tlswhy::observe
