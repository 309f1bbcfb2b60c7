#pragma once
// What an archive or an image is, as roots and folders that can be scanned.

#include <memory>
#include <string>
#include <vector>

#include "archive/budget.h"
#include "archive/tree.h"
#include "bytes/cursor.h"

namespace tlswhy::archive {

enum class Form {
  kRoot,     // a whole system: an image, the archive of a root
  kPackage,  // to be unpacked over a root: .deb, .rpm, .apk
  kFolder,   // anything else
};

struct Part {
  Form form = Form::kFolder;
  std::string name;  // of an image: a tag or a platform; "" for what is alone
  std::unique_ptr<Tree> tree;
  std::vector<std::string> environment = {};  // that an image gives its programs, "NAME=VALUE"
  std::string user = {};                      // that they run as, as the image has it
};

struct Content {
  std::vector<Part> parts;
  std::vector<std::string> notes;  // what was left out, and why
};

// Of a file; an archive that is damaged further on counts as far as it goes, and that is noted. kUnsupported for what is none.
base::Result<Content> read_archive(base::UniqueFd fd, const Limits& limits = {});
base::Result<Content> read_archive(bytes::View data, const Limits& limits = {});

// Of a folder in OCI's image layout.
bool is_layout(const host::Files& folder);
base::Result<Content> read_layout(const host::Files& folder, const Limits& limits = {});

}  // namespace tlswhy::archive
