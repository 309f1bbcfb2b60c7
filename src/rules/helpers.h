#pragma once
// What several rules ask of a case.

#include <optional>
#include <string>
#include <vector>

#include "rules/rule.h"

namespace tlswhy::rules {

// The chain failed for want of a trusted issuer: OpenSSL's code 2, 18, 19, 20 or 21 in the process's own library,
// or, where that could not be asked, the client's unknown_ca or an encrypted alert of its own. True without
// a handshake: then only the set-up is judged.
bool wants_anchor(const Case& one);

// Sources that the process really reads (not "ignored" ones), in order.
std::vector<const facts::Source*> effective(const Case& one);
// Those that have this status.
std::vector<const facts::Source*> with_status(const Case& one, std::string_view status);

// A place on the machine that holds the anchor the chain needs, a bundle file before a directory; without a
// handshake, any usable bundle. Null if there is none.
const facts::AnchorPlace* usable_place(const Case& one);
// True if some store of the machine has any anchor at all.
bool machine_has_store(const Case& one);

// A change that gives the process the store at `place` by its environment.
facts::Change use_store(const facts::AnchorPlace& place);

// A finding with code and class of `rule`, the case's process and stack filled in.
facts::Finding start_finding(std::string_view code, std::string_view name, const Case& one, std::string title);

// Evidence lines shared by the rules.
facts::Evidence built_for(const facts::Stack& stack);
facts::Evidence about(const Case& one, const facts::Source& source);
facts::Evidence about_anchor(const Case& one);

// "python3 (pid 7)".
std::string who(const facts::Process& process);

}  // namespace tlswhy::rules
