#pragma once
// Verifies a chain inside the target's own library: a child process, caged, maps a copy of that very file
// and asks it, with the environment given. Says so in every report, as code of the inspected program runs here; its
// runtime as a whole runs in diagnose/watched_run.h.

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "host/files.h"
#include "prove/library_answer.h"
#include "prove/private_view.h"

namespace tlswhy::prove {

// The library and the process whose place the child takes.
struct LibraryPlace {
  std::shared_ptr<const base::UniqueFd> crypto;  // libcrypto, open for reading; null: none that can be asked
  std::shared_ptr<const base::UniqueFd> ssl;     // the libssl beside it; may be null
  host::Credentials who;                         // the process's user
  bool own_root = false;                         // another root or mount namespace than ours
  std::shared_ptr<base::UniqueFd> root, mount_namespace;
};

// What the process's library checked beyond the chain's issuers and dates.
struct Checks {
  bool strict = false;      // X509_V_FLAG_X509_STRICT
  bool revocation = false;  // X509_V_FLAG_CRL_CHECK
  bool weakness = false;    // keys and digests, as at security level 2
  bool purpose = true;      // that it is for TLS servers
};

// What is asked of the library: the process's own set-up, or that with something changed.
struct Trial {
  std::vector<std::vector<std::uint8_t>> chain;  // DER, leaf first
  std::map<std::string, std::string> environment;
  std::vector<FileEdit> edits;                     // of files, for the library alone
  std::vector<std::vector<std::uint8_t>> anchors;  // DER, trusted beside what the default places hold
  std::string name;                                // that the leaf has to be for; "": not asked
  std::string time;                                // as HelperRequest::time
  bool default_places = true;                      // they count as well
  bool partial_chain = false;                      // an anchor need be no root
  Checks checks = {};
  bool only_start = false;  // see start_in_library()
};

// The folder of the programs that proofs run: tlswhy-prove, Shake.class. kNotFound.
base::Result<std::string> helpers_folder();

// X509_verify_cert over the chain with X509_STORE_set_default_paths, purpose ssl_server. kUnsupported: the library lacks a function or does
// not load here, or files can't be changed for it alone; kTimeout; kSystem.
base::Result<LibraryAnswer> verify_in_library(const LibraryPlace& place, const Trial& trial);

// Whether the library pair begins at all: SSL_CTX_new(TLS_client_method()), for which it reads its configuration and loads its providers. The text
// of the answer is the library's error. Chain and anchors are not looked at.
base::Result<LibraryAnswer> start_in_library(const LibraryPlace& place, Trial trial);

// A whole handshake with the peer behind `socket` (connected, blocking) and verification on, in the library pair, with
// SSL_CTX_set_default_verify_paths and `servername` as SNI. The trial's chain is not looked at.
base::Result<LibraryAnswer> handshake_in_library(const LibraryPlace& place, const Trial& trial, base::UniqueFd socket, const std::string& servername);

}  // namespace tlswhy::prove
