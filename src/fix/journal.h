#pragma once
// What remedies did to machines, with all that it takes to undo it. A folder for each, journal.json and the contents of files beside it, below
// $XDG_STATE_HOME/tlswhy, or /var/lib/tlswhy for root, or ~/.local/state/tlswhy. It is on the disk before anything is changed.

#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "findings/finding.h"
#include "fix/state.h"

namespace tlswhy::fix {

// One path: what stood there, and what stands there since.
struct Item {
  std::string path;
  State before, after;
};

struct Entry {
  std::string id, remedy;
  std::string state = "interrupted";  // until all is done; then "applied", at last "undone"
  std::string at, root = "/";
  std::vector<Item> items;           // in the order in which they were changed
  std::vector<std::string> watched;  // folders in which a tool may change anything; what is in no item there is new
  std::vector<std::string> notes;
  std::string verified;

  // For a report.
  [[nodiscard]] findings::Applied told() const;
};

// "write", "link", "mode", "directory", "remove": what becomes of one path.
findings::Step step_of(const Item& item);

class Journal {
 public:
  // Makes its folder and keeps others out as long as it lives. kDenied when it belongs to somebody else or others may write to it.
  static base::Result<Journal> open();
  // For looking only: no folder is made; an empty journal where there is none.
  static base::Result<Journal> look();

  // A name that no entry has.
  [[nodiscard]] std::string new_id(const std::string& remedy) const;
  // Writes the entry, whole or not at all.
  base::Result<void> write(const Entry& entry) const;
  base::Result<void> forget(const std::string& id) const;
  [[nodiscard]] base::Result<Entry> read(const std::string& id) const;
  // All that can be read, oldest first.
  [[nodiscard]] std::vector<Entry> all() const;

 private:
  Journal(std::string folder, base::UniqueFd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  std::string folder_;
  base::UniqueFd lock_;
};

}  // namespace tlswhy::fix
