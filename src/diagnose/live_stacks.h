#pragma once
// Recognises the TLS stacks of snapshots, once per process and once per file.

#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "diagnose/analyse.h"
#include "diagnose/attribution.h"
#include "host/viewpoint.h"
#include "loader/loader.h"
#include "store/anchor_reader.h"

namespace tlswhy::diagnose {

// What decides what a stack in this process would find.
host::Viewpoint viewpoint_of(const facts::Snapshot& process);

class LiveStacks {
 public:
  // Begins to look at the files that these processes map, in a thread of its own; add() waits for it. Half of the work of a
  // report, and the stores are the other.
  void look_ahead(const std::vector<std::shared_ptr<const facts::Snapshot>>& processes);

  // Adds the stacks that `process` maps to `out`, with their sources judged for the chain below `top` (may be
  // null) and for the store that its process filled (`filled`, as facts::TrustCall::store; 0: any). A process that was added before is not
  // added again.
  void add(const std::shared_ptr<const facts::Snapshot>& process, const x509::Certificate* top, std::uint64_t filled, Analysis& out);

  // The stores as this process sees them; shared by processes with the same root and rights.
  store::AnchorReader& stores(const facts::Snapshot& process);

  // Says which of the stacks of this process the handshake went through: its `stack` (what verified it) and `stack_index` (whose
  // places count), by what was added before.
  void attribute(const std::shared_ptr<const facts::Snapshot>& process, facts::Handshake& handshake, Analysis& out);

 private:
  // A mapped ELF file, read once per path and inode.
  struct Object {
    loader::Object loading;
    std::vector<facts::Stack> stacks;
    std::shared_ptr<const base::UniqueFd> fd;  // kept only for TLS libraries
  };
  const Object& object(const facts::Snapshot& process, const facts::MappedObject& mapped);

  std::map<std::string, Object> objects_;
  std::map<std::string, store::AnchorReader> readers_;
  std::set<const facts::Snapshot*> done_;
  std::map<std::pair<const facts::Snapshot*, std::string>, Attribution> attributed_;  // by the file that verified
  std::future<void> ahead_;                                                           // last: it ends before what it fills
};

}  // namespace tlswhy::diagnose
