#pragma once
// The one value of a diagnosis: what would have to be different for the program to succeed. It is tried on the model (an overlay of files,
// environment, time), in the caged library (the same edits in a mount namespace of its own), printed as a command, and applied by `fix`.

#include <string>
#include <string_view>
#include <vector>

#include "facts/words.h"

namespace tlswhy::findings {

enum class EditKind {
  kSetVariable,      // target: its name; value: what it is set to
  kUnsetVariable,    // target: its name
  kSetOption,        // target: an option of the command line, "--cacert"; value: what it is given there
  kUnsetOption,      // target: the option, which goes with its value
  kWriteFile,        // target: the file; value: its new contents
  kMakeLink,         // target: where the link is made, in the place of what was there; value: where it leads
  kSetMode,          // target: a file or directory; value: what chmod takes, "a+rX"
  kRehash,           // target: the directory that gets hash names
  kAddAnchor,        // target: the certificate's subject; value: its DER in base64
  kAddIntermediate,  // the same, sent by the peer
  kPeerName,         // value: the name that is asked for
  kTime,             // value: UTC, ISO 8601; kNow; "unchecked": dates do not count (in a proof only)
  kFreshProcess,     // nothing but a new start
  kOtherLibrary,     // target: the library that takes the place of the one at hand
  kUnconfined,       // a start outside of what confines the process
  kDropPrivileges,   // target: a program that loses its set-id bits and file capabilities, so that it heeds the environment
  kRepairBundle,     // target: a file of certificates that is written anew, without what can't be read
  kDropCertificate,  // target: the subject of a certificate that the peer does not send; value: its DER in base64
  kCheckOff,         // target: "strictness", "security level", "purpose", "revocation": does not count (in a proof only)
};

inline constexpr facts::Words<EditKind, 19> kEditWords{{{EditKind::kSetVariable, "set_variable"},
                                                        {EditKind::kUnsetVariable, "unset_variable"},
                                                        {EditKind::kSetOption, "set_option"},
                                                        {EditKind::kUnsetOption, "unset_option"},
                                                        {EditKind::kWriteFile, "write_file"},
                                                        {EditKind::kMakeLink, "make_link"},
                                                        {EditKind::kSetMode, "set_mode"},
                                                        {EditKind::kRehash, "rehash"},
                                                        {EditKind::kAddAnchor, "add_anchor"},
                                                        {EditKind::kAddIntermediate, "add_intermediate"},
                                                        {EditKind::kPeerName, "peer_name"},
                                                        {EditKind::kTime, "time"},
                                                        {EditKind::kFreshProcess, "fresh_process"},
                                                        {EditKind::kDropPrivileges, "drop_privileges"},
                                                        {EditKind::kRepairBundle, "repair_bundle"},
                                                        {EditKind::kDropCertificate, "drop_certificate"},
                                                        {EditKind::kCheckOff, "check_off"},
                                                        {EditKind::kOtherLibrary, "other_library"},
                                                        {EditKind::kUnconfined, "unconfined"}}};

constexpr const auto& words_of(EditKind) { return kEditWords; }

// Targets of kCheckOff.
inline constexpr const char *kStrictness = "strictness", *kSecurityLevel = "security level", *kPurposeCheck = "purpose",
                            *kRevocationCheck = "revocation";
// Value of kTime: this machine's clock, where the process went by another.
inline constexpr const char* kNow = "now";

struct Edit {
  EditKind kind = EditKind::kSetVariable;
  std::string target, value;
  bool operator==(const Edit&) const = default;
};

struct Change {
  std::vector<Edit> edits;
  [[nodiscard]] bool empty() const { return edits.empty(); }
  // In words, for a proof's line: "SSL_CERT_FILE=/x", "chmod a+rX /y".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool has(EditKind kind) const { return find(kind) != nullptr; }
  // Whether this check is switched off.
  [[nodiscard]] bool waives(std::string_view check) const;
  // What the process had can't be had again (a store that it loaded long ago, another clock): a trial of the change is one of what is here.
  [[nodiscard]] bool is_of_the_past() const;
  // The first edit of this kind; null: none.
  [[nodiscard]] const Edit* find(EditKind kind) const;
  // The words of a command with its options changed.
  [[nodiscard]] std::vector<std::string> applied_to(std::vector<std::string> command) const;
  bool operator==(const Change&) const = default;
};

Change set_variable(std::string name, std::string value);
Change unset_variable(std::string name);

}  // namespace tlswhy::findings
