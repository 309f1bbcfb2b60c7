#pragma once
// What several rules ask of a case.

#include <array>
#include <string>
#include <vector>

#include "rules/rule.h"

namespace tlswhy::rules {

// The reasons for which a chain is refused for want of a trusted issuer, or may have been.
inline constexpr std::array kForWantOfAnchor{facts::Reason::kNoIssuer, facts::Reason::kSelfSigned, facts::Reason::kStoreRefused,
                                             facts::Reason::kUnknown};

// Sources that the process really reads (not "ignored" ones), in order.
std::vector<const facts::Source*> effective(const Case& one);
// Those that have this status.
std::vector<const facts::Source*> with_status(const Case& one, std::string_view status);

// The change by which the stack reads a usable place instead of `bad`; empty where there is none. A directory is no help to a stack that can't do
// without the file.
findings::Change use_store_for(const Case& one, const facts::Source& bad);

// Of a dangling link: more than the last component of its target is missing, or the links are inside a directory.
bool target_directory_gone(const facts::Source& source);

// A place on the machine that holds the anchor the chain needs, a bundle file before a directory; without a
// handshake, any usable bundle. Null if there is none.
const facts::AnchorPlace* usable_place(const Case& one);
// True if a store that the process reads holds the anchor: where an issuer is wanted all the same, it is not for want of that.
bool reads_anchor(const Case& one);
// True if some store of the machine has any anchor at all.
bool machine_has_store(const Case& one);

// A change that gives the process the store at `place` by the variable or the option that its stack heeds; empty where there is none.
findings::Change use_store(const Case& one, const facts::AnchorPlace& place);

// True if the stack reads one of the machine's own stores, so that what is added to those reaches it.
bool reads_machine_store(const Case& one);

// A change by which these places, which a variable, an option or a file names, are not named; empty where a line of a file does it, which stays.
findings::Change leave_out(const std::vector<const facts::Source*>& sources);

// The last certificate on the way up from the leaf that the peer sent; null: no chain.
const facts::Certificate* top_of(const facts::Handshake& handshake);
// The certificate at this depth of the path from the leaf upwards; null where the peer did not send it.
const facts::Certificate* certificate_at(const facts::Handshake& handshake, int depth);
// A change by which that certificate itself is trusted: what any store with its issuer would do.
findings::Change with_top_as_anchor(const facts::Handshake& handshake);
// True where the peer seems to have left out its issuer: it sent the leaf alone, which says where its issuer is to be had, or whose issuer
// belongs to the organisation of an anchor here.
bool left_out_issuer(const facts::Handshake& handshake);

// Evidence lines shared by the rules.
findings::Evidence about_verdict(const Case& one);  // of a handshake that has one
findings::Evidence built_for(const facts::Stack& stack);
findings::Evidence about(const Case& one, const facts::Source& source);
findings::Evidence about_anchor(const Case& one);
// What several rules end with: the sources that are read, the library's build, the anchor.
void add_common(const Case& one, std::vector<findings::Evidence>& out);

// Of the hellos that the peer was sent: the one that was changed so, null for none; and that as a proof, one thing changed.
const facts::HelloProbe* probe_of(const facts::Handshake& handshake, std::string_view changed);
findings::Proof proof_by(const facts::HelloProbe& probe, std::string before);

// "x.test (127.0.0.1:443)", or the address alone.
std::string peer_name(const facts::Handshake& handshake);

// "python3 (pid 7)".
std::string who(const facts::Process& process);

}  // namespace tlswhy::rules
