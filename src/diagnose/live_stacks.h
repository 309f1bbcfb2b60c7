#pragma once
// Recognises the TLS stacks of snapshots, once per process and once per file.

#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "diagnose/analyse.h"
#include "host/viewpoint.h"
#include "loader/loader.h"
#include "store/trust_store.h"

namespace tlswhy::diagnose {

// What decides what a stack in this process would find.
host::Viewpoint viewpoint_of(const facts::Snapshot& process);

class LiveStacks {
 public:
  // Begins to look at the files that these processes map, in a thread of its own; add() waits for it. Half of the work of a
  // report, and the stores are the other.
  void look_ahead(const std::vector<std::shared_ptr<const facts::Snapshot>>& processes);

  // Adds the stacks that `process` maps to `out`, with their sources judged for the chain below `top` (may be
  // null). A process that was added before is not added again.
  void add(const std::shared_ptr<const facts::Snapshot>& process, const x509::Certificate* top, Analysis& out);

  // The stores as this process sees them; shared by processes with the same root and rights.
  store::StoreReader& stores(const facts::Snapshot& process);

  // The index of the stack that made this process's handshakes: the one whose places the process looked up, or
  // the first. -1 if it has none that is modelled.
  static std::int64_t pick(const std::shared_ptr<const facts::Snapshot>& process, const Analysis& analysis);

 private:
  // A mapped ELF file, read once per path and inode.
  struct Object {
    loader::Object loading;
    std::vector<facts::Stack> stacks;
    std::shared_ptr<const base::UniqueFd> fd;  // kept only for TLS libraries
  };
  const Object& object(const facts::Snapshot& process, const facts::MappedObject& mapped);

  std::map<std::string, Object> objects_;
  std::map<std::string, store::StoreReader> readers_;
  std::set<const facts::Snapshot*> done_;
  std::future<void> ahead_;  // last: it ends before what it fills
};

}  // namespace tlswhy::diagnose
