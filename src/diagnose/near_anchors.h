#pragma once
// Certificates that have to do with the anchor that a chain needs, and are not that anchor in a store that is read.

#include <string>
#include <vector>

#include "facts/facts.h"
#include "store/anchor_reader.h"
#include "x509/certificate.h"

namespace tlswhy::diagnose {

// What lies in a folder that the stores of this root are made from, and did not get into one.
std::vector<facts::NearAnchor> uninstalled(const host::Files& files, const x509::Certificate& top);

// Anchors of the wanted name with another key, in the machine's stores and in what the stack reads.
std::vector<facts::NearAnchor> namesakes(const store::AnchorReader& reader, const std::vector<store::AnchorSet>& stores, const facts::Stack* stack,
                                         const x509::Certificate& top);

// Whether the anchor is one of the public authorities', as of this build: by its digest where it was found (`anchor`), else by its name.
bool is_public(const x509::Certificate& top, const x509::Certificate* anchor);

}  // namespace tlswhy::diagnose
