#pragma once
// What an archive brings: its files, and of an image's layer what it takes away from those below it (OCI image-spec, layer.md).

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "archive/reader.h"
#include "archive/tree.h"

namespace tlswhy::archive {

struct Layer {
  Tree tree;
  std::set<std::string> gone, opaque;                      // paths; directories of which nothing below counts
  std::vector<std::pair<std::string, std::string>> links;  // hard ones to what this layer doesn't have
  std::string broken;                                      // why the rest could not be read

  // Onto what is below it.
  void apply_to(Tree& root) const;
};

// Where layers go that are within an archive; empty: they are not looked for.
struct LayerSink {
  virtual ~LayerSink() = default;
  virtual Layer& put_layer(const std::string& path) = 0;
};

enum class Whiteouts { kPlain, kMeant };

// All that `reader` still has. `into` the sink: archives that may be layers.
void take_all(Reader& reader, Layer& out, Budget& budget, Whiteouts whiteouts, LayerSink* sink = nullptr);

}  // namespace tlswhy::archive
