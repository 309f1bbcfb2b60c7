#pragma once
// What the proof's helper process does: takes the place of the process under test, cages itself, asks the library.
// The helper is a program of its own (helper_main.cc) without an OpenSSL linked in: in a process that has one already,
// a second libcrypto of the same SONAME would have its calls bound to the first.

#include <string>
#include <vector>

#include "base/result.h"

namespace tlswhy::prove {

// The request as the helper reads it. Descriptors are inherited; -1: none.
struct HelperRequest {
  int crypto = -1, ssl = -1;            // files of the two libraries
  int chain = -1;                       // DER certificates, each behind its length (4 bytes, network order)
  int environment = -1;                 // NAME=VALUE, each with a NUL behind it
  int socket = -1;                      // a connected peer: shake hands instead of verifying the chain
  int root = -1, mount_namespace = -1;  // where to go first
  int edits = -1;                       // changes of files, as private_view.h packs them
  int anchors = -1;                     // certificates to trust, as `chain`
  std::string terms;                    // letters, one for each of prove::Trial's switches that is on (library_run.cc)
  std::string servername;
  std::string name;  // that the leaf has to be for; "": not asked
  std::string time;  // at which the chain is judged, seconds since 1970; "": now; "unchecked": dates do not count
  std::string user;  // "uid:gid:group,group"; "" to stay who we are
};

struct LibraryAnswer;

// Runs the request in this process, for good: the cage does not open again.
base::Result<LibraryAnswer> answer_request(const HelperRequest& request);

// The request as program arguments, and back; kUsage for arguments that are none.
std::vector<std::string> to_arguments(const HelperRequest& request);
base::Result<HelperRequest> from_arguments(const std::vector<std::string>& arguments);

// The answer as one line, and back. An error is an answer too.
std::string encode(const base::Result<LibraryAnswer>& answer);
base::Result<LibraryAnswer> decode(const std::string& line);

}  // namespace tlswhy::prove
