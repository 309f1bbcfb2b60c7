#pragma once
// Changes files for this process alone: a mount namespace of its own, in which the directories concerned are copies whose entries are the
// machine's. What a proof changes there is what the printed command changes.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlswhy::prove {

struct FileEdit {
  enum class Kind : char { kLink = 'l', kMode = 'm', kWrite = 'w' };
  Kind kind = Kind::kLink;
  std::string path;
  std::string value;  // where the link leads, what chmod takes, the contents
  bool operator==(const FileEdit&) const = default;
};

// Applies the edits for this process and its children. Needs the right to mount, its own or a user namespace's. kUnsupported for an edit
// that would need the root directory itself to change, kLimit for a directory of over 20,000 entries, kSystem with the errno.
base::Result<void> apply_privately(const std::vector<FileEdit>& edits);

// The edits as bytes for the helper, and back; kMalformed.
std::string pack(const std::vector<FileEdit>& edits);
base::Result<std::vector<FileEdit>> unpack_edits(std::string_view bytes);

}  // namespace tlswhy::prove
