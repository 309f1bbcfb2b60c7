#pragma once
// Recognises the stacks that have a trust model by what only they hold: a soname, an exported function, a text.

#include <vector>

#include "stacks/stack.h"

namespace tlswhy::stacks {

// Every such stack in the file, with `model` set. The file is searched for all texts at once.
std::vector<facts::Stack> recognise_marked(const Candidate& candidate);
std::span<const std::string_view> texts_of_marked();

// True for a stack that opens its TLS library as it needs it (dlopen(3)), so that its file does not ask for one.
bool opens_its_library(const facts::Stack& stack);

// What the stack's trust model says of this process.
std::vector<facts::Source> marked_sources(const facts::Stack& stack, const Look& look);

}  // namespace tlswhy::stacks
