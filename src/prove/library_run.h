#pragma once
// Verifies a chain inside the target's own library: a child process, caged, maps a copy of that very file
// and asks it, with the environment given. Says so in every report, as this is the one place where code of
// the inspected program runs.

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "host/files.h"
#include "prove/library_answer.h"

namespace tlswhy::prove {

// The library and the process whose place the child takes.
struct LibraryPlace {
  std::shared_ptr<const base::UniqueFd> crypto;  // libcrypto, open for reading; null: none that can be asked
  std::shared_ptr<const base::UniqueFd> ssl;     // the libssl beside it; may be null
  host::Credentials who;                         // the process's user
  bool own_root = false;                         // another root or mount namespace than ours
  std::shared_ptr<base::UniqueFd> root, mount_namespace;
};

// X509_verify_cert over `chain` (DER, leaf first) with X509_STORE_set_default_paths under `env`, purpose
// ssl_server. kUnsupported: the library lacks a function or does not load here; kTimeout; kSystem.
base::Result<LibraryAnswer> verify_in_library(const LibraryPlace& place, const std::vector<std::vector<std::uint8_t>>& chain,
                                              const std::map<std::string, std::string>& env);

// A whole handshake with the peer behind `socket` (connected, blocking) and verification on, in the library
// pair, with SSL_CTX_set_default_verify_paths under `env` and `servername` as SNI.
base::Result<LibraryAnswer> handshake_in_library(const LibraryPlace& place, base::UniqueFd socket, const std::string& servername,
                                                 const std::map<std::string, std::string>& env);

}  // namespace tlswhy::prove
