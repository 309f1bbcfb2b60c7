#pragma once
// A TLS stack: how to recognise it in an ELF file, and which trust sources it reads, in which order, for a
// given process. One file per stack, one line each in table.cc. Facts about stacks: docs/stacks.md.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "elf/accessor.h"
#include "elf/elf_file.h"
#include "elf/image.h"
#include "elf/search.h"
#include "facts/facts.h"
#include "host/viewpoint.h"
#include "store/trust_store.h"
#include "x509/certificate.h"

namespace tlswhy::stacks {

// Who looks, with the stores read so far of the same files, and for what.
struct Look {
  const host::Viewpoint& as;
  store::StoreReader& stores;              // of the viewpoint's files, with its rights
  const x509::Certificate* top = nullptr;  // the last certificate of the chain in question, if any
};

// A file that may hold stacks, and which of the texts that any recogniser knows it holds.
struct Candidate {
  const elf::ElfFile& file;
  const elf::Texts& texts;
  std::string_view path;
};

struct StackModel {
  std::string_view name;  // of facts::Stack; "" for all that have a trust model's name
  // The stacks in this file with name, version, linkage and build.
  std::vector<facts::Stack> (*recognise)(const Candidate& candidate);
  // The texts that `recognise` asks for.
  std::span<const std::string_view> (*texts)();
  // The sources the stack reads, in its order, each with its state.
  std::vector<facts::Source> (*sources)(const facts::Stack& stack, const Look& look);
};

// Every stack found in the file; empty for none.
std::vector<facts::Stack> recognise(const elf::ElfFile& file, std::string_view path);
std::vector<facts::Stack> recognise(elf::Image& image, std::string_view path);
// The same for the file at `path`; none when it can't be read or is not ELF.
std::vector<facts::Stack> recognise_at(const host::Files& files, const std::string& path);

// The sources of `stack`; empty for a stack without a model.
std::vector<facts::Source> sources_of(const facts::Stack& stack, const Look& look);

// The variables that steer trust or library loading in any known stack, as host::choose_variables takes them; values of
// others are never kept.
std::span<const std::string_view> trust_variables();

// The digests of anchors that were read one by one, of the first thousand: with them a saved run can be judged again.
std::vector<std::string> digests_of(std::span<const x509::Certificate> anchors);

// A readable form of a store's state as a source of the given kind.
facts::Source describe_source(std::string kind, bool directory, const std::string& path, const Look& look);

}  // namespace tlswhy::stacks
