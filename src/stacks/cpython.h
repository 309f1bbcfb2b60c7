#pragma once
// CPython's ssl module: no store of its own, it asks the OpenSSL it is linked to.

#include "stacks/stack.h"

namespace tlswhy::stacks {

// Recognises libpython, or an interpreter with it linked in.
std::vector<facts::Stack> recognise_cpython(const Candidate& candidate);
std::span<const std::string_view> texts_of_cpython();

// load_default_certs() on Linux is SSL_CTX_set_default_verify_paths() of the OpenSSL below (Lib/ssl.py,
// Modules/_ssl.c, 2.7 to 3.13), so the sources are those of the library that `stack.build` describes.
std::vector<facts::Source> cpython_sources(const facts::Stack& stack, const Look& look);

}  // namespace tlswhy::stacks
