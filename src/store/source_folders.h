#pragma once
// The folders that distributions make their trust store from: what lies there counts only once the distribution's tool has taken it, and each tool
// has rules for what it takes. Data, with its source: update-ca-certificates(8) of Debian (a shell script), update-ca-trust(8) of Fedora and
// p11-kit's trust module (trust/module.c), SUSE's ca-certificates, Arch's ca-certificates-utils.

#include <string>
#include <string_view>
#include <vector>

#include "host/files.h"
#include "x509/certificate.h"

namespace tlswhy::store {

// Why a certificate in such a folder is in no store.
enum class NotTaken {
  kOtherEnding,  // only names that end in .crt are taken
  kDer,          // only PEM is
  kDeselected,   // a line of /etc/ca-certificates.conf begins with "!"
  kNotListed,    // no line of it names the file
  kDistrusted,   // the folder is for what is not trusted
  kNeutral,      // the folder is for files that say themselves what they are trusted for
  kOtherFolder,  // this distribution's tool does not look there
  kNotRun,       // nothing is wrong with it: the tool was not run since
};

// A certificate that was found there.
struct Candidate {
  x509::Certificate certificate;
  std::string path;
  NotTaken why = NotTaken::kNotRun;
  std::string text;  // the same in words
  bool der = false;
};

// The certificates in all of these folders below a root that signed `top` or are that itself; at most ten, those first that lie where this
// distribution looks.
std::vector<Candidate> find_in_source_folders(const host::Files& files, const x509::Certificate& top);

// The reason that `text` stands for.
NotTaken not_taken_of(std::string_view text);

}  // namespace tlswhy::store
