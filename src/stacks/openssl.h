#pragma once
// OpenSSL 1.1.0 to 3.x as a library or linked in: what it was built for and where it looks.

#include "stacks/stack.h"

namespace tlswhy::stacks {

// Recognises libcrypto, or a program with a static OpenSSL, by its version text and OPENSSLDIR.
std::vector<facts::Stack> recognise_openssl(const Candidate& candidate);
std::span<const std::string_view> texts_of_openssl();

// Whether the file holds an OpenSSL whose functions it does not export.
bool wants_local_symbols(const elf::ElfFile& file, const elf::Texts& texts);

// X509_STORE_set_default_paths as modelled from crypto/x509/x509_d2.c, by_file.c and by_dir.c.
std::vector<facts::Source> openssl_sources(const facts::Stack& stack, const Look& look);

}  // namespace tlswhy::stacks
