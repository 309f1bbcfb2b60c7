#pragma once
// What watching, a capture or a probe hands to the diagnosis: facts, and what can't be written down of the processes behind them.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "facts/facts.h"
#include "host/files.h"
#include "host/proc_text.h"

namespace tlswhy::facts {

struct MappedObject {
  host::MappedFile file;
  std::shared_ptr<const base::UniqueFd> saved;  // a file that is gone from its path
};

// A process as it stood at one moment: what it maps, its environment at exec, its root.
struct Snapshot {
  Process process;
  host::Credentials who;
  std::vector<MappedObject> objects;                // executable mappings of files, the program first
  std::shared_ptr<const host::Files> files;         // its root
  std::shared_ptr<base::UniqueFd> root;             // the same as a descriptor
  std::shared_ptr<base::UniqueFd> mount_namespace;  // only when it is not ours
  std::vector<std::string> unseen;
  std::vector<std::string> libraries = {};  // shared objects that it looked for, by their paths
  std::optional<Stack> assumed = {};        // the stack that somebody named, where no file of it was looked at
};

// A handshake with what later steps need beside its facts.
struct RecordedHandshake {
  Handshake facts;
  std::vector<std::vector<std::uint8_t>> chain;  // DER, leaf first
  std::shared_ptr<const Snapshot> process;       // null when it could not be taken
  bool client_sent_data = false;                 // behind the handshake
  // Of mutual TLS: the client's chain, and the names of the authorities that the server asked for.
  std::vector<std::vector<std::uint8_t>> client_chain = {}, authorities = {};
  std::string end_error = {};            // what the program said of an end without close_notify
  std::vector<std::uint8_t> hello = {};  // the ClientHello as it was sent, where no ServerHello came
};

struct Recording {
  Facts facts;  // without handshakes and stacks
  std::vector<RecordedHandshake> handshakes;
  std::vector<std::shared_ptr<const Snapshot>> snapshots;  // of every process that concerned trust
};

}  // namespace tlswhy::facts
