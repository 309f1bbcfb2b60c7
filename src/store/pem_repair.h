#pragma once
// A file of certificates without what can't be read: what a person would make of it with an editor.

#include <string>
#include <string_view>
#include <vector>

namespace tlswhy::store {

// `data` with every certificate that can be read as a block of its own, in their order, and the text between them; blocks that can't be read go,
// as does what is no text. DER becomes PEM. Ends with a newline.
std::string repaired_bundle(std::string_view data);

// The same, with what was left out: "line 12: a certificate that can't be read".
struct Repaired {
  std::string text;
  std::vector<std::string> dropped;
};
Repaired repair_bundle(std::string_view data);

}  // namespace tlswhy::store
