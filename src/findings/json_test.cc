#include "findings/json.h"

#include <gtest/gtest.h>

namespace tlswhy::findings {
using namespace facts;

namespace {

Report sample() {
  Report report;
  report.outcome = "failed";
  report.facts.target = {{"cmd", "a b"}, 1};
  Handshake shake;
  shake.peer = "127.0.0.1:443";
  shake.alert = Alert{"fatal", 48, "unknown_ca", "client", false};
  shake.verify = Verify{20, "unable to get local issuer certificate", 1, "library"};
  Certificate leaf;
  leaf.subject = "CN=leaf";
  leaf.subject_hash = "01234567";
  leaf.der = "AA==";
  leaf.purposes = {"clientAuth"};
  leaf.path_length = 3;
  shake.chain.push_back(leaf);
  shake.clear_answer = ClearText{"SSH", "SSH-2.0"};
  shake.hello_probes.push_back({"no server name", true, "TLSv1.3"});
  shake.anchor = AnchorNeed{"CN=root", "01234567", {{"/x", false, "ok", true, 3}}};
  shake.anchor->uninstalled.push_back({leaf, "/usr/local/share/ca-certificates/root.pem", "only .crt is taken"});
  report.facts.handshakes.push_back(shake);
  Stack stack;
  stack.name = "OpenSSL";
  Source source;
  source.error = "ENOENT";
  source.holds_anchor = false;
  stack.sources.push_back(source);
  report.facts.stacks.push_back(stack);
  report.facts.lookups.push_back({1, 7, "openat", "/x", "ENOENT"});
  Finding finding;
  finding.code = "TW101";
  finding.name = "compiled_path_mismatch";
  finding.evidence.push_back({"text", "/x", "ENOENT", "trace"});
  finding.proof = Proof{"lib", "X=1", {"before", false, 20, "no", 1}, {"after", true, 0, "ok", 0}, true, ""};
  finding.fixes.push_back({"env", "t", "c", true, "handshake"});
  report.findings.push_back(finding);
  report.kind = Kind::kStoresAs;
  AnchorPlace place;
  place.error = "EACCES";
  place.links = {"/a -> /b"};
  report.facts.machine_stores.push_back(place);
  report.facts.target.root = "/image";
  report.facts.files.push_back({"/x", {0}, {"CN=root"}, {"libc.so.6"}, "2.34"});
  report.facts.distribution = Distribution{"Debian", "/usr/local/share/ca-certificates/NAME.crt", "update-ca-certificates"};
  report.facts.library_failures.push_back({7, "libssl.so.3", "/x", "missing", "", "", {"/lib/libssl.so.3"}});
  report.facts.crypto_settings.push_back({7, "/etc/ssl/openssl.cnf", 12, "MinProtocol", "TLSv1.3", ""});
  report.facts.observed_at = "2026-11-30T14:00:00Z";
  report.facts.clock = {true, "/var/lib/dpkg/status", "2026-11-29T00:00:00Z"};
  report.facts.system = {"debian", "12", "Debian GNU/Linux 12 (bookworm)"};
  report.facts.observer = {1000, false, false, 1};
  report.facts.handshakes[0].reason = facts::Reason::kNoIssuer;
  report.facts.stacks[0].sources[0].anchor_digests = {"0123"};
  report.known_stacks.push_back({"curl", "checked", "8", "CURL_CA_BUNDLE"});
  report.causes.push_back({"TW101", "compiled_path_mismatch", "summary", "explanation"});
  report.setting = Setting{"shell", "SSL_CERT_FILE", "/x"};
  report.settings = {*report.setting};
  report.advice = {"set trusted.store"};
  report.applied.push_back(
      {"20261201-1", "link", "applied", "2026-12-01T00:00:00Z", "/", {{"link", "/x", "absent", "-> /y"}}, {"dropped"}, "140 anchors"});
  return report;
}

TEST(Json, ContractNames) {
  const std::string text = to_json(sample());
  for (const char* name : {"\"schema\": \"tlswhy/1\"", "\"class\": \"compiled_path_mismatch\"", "\"errno\": \"ENOENT\"", "\"servername\"",
                           "\"sender\": \"client\"", "\"openssldir\"", "\"linkage\"", "\"certainty\"", "\"verified\": true", "\"unseen\""})
    EXPECT_NE(text.find(name), std::string::npos) << name;
}

TEST(Json, ThereAndBackIsTheSame) {
  const std::string text = to_json(sample());
  const auto back = from_json(text);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(to_json(*back), text);
  for (const char* name : {"\"kind\": \"stores_as\"",
                           "\"errno\": \"EACCES\"",
                           "\"/image\"",
                           "\"files\"",
                           "\"distribution\"",
                           "\"known_stacks\"",
                           "\"causes\"",
                           "\"setting\"",
                           "\"settings\"",
                           "\"set trusted.store\"",
                           "\"140 anchors\"",
                           "\"-> /y\"",
                           "\"/a -> /b\"",
                           "\"observed_at\"",
                           "\"newest_file\"",
                           "(bookworm)",
                           "\"ptrace_scope\": 1",
                           "\"no_issuer\"",
                           "\"0123\"",
                           "\"clientAuth\"",
                           "\"SSH-2.0\"",
                           "\"no server name\"",
                           "\"only .crt is taken\"",
                           "\"library_failures\"",
                           "\"MinProtocol\"",
                           "\"path_length\": 3"})
    EXPECT_NE(text.find(name), std::string::npos) << name;
}

TEST(Json, BadInputIsAnErrorWithAPlace) {
  EXPECT_EQ(from_json("{\"schema\"").error().code, base::Code::kMalformed);
  EXPECT_NE(from_json("{\"schema\"").error().place.find("json+"), std::string::npos);
  EXPECT_EQ(from_json("{}").error().code, base::Code::kUnsupported);
  EXPECT_EQ(from_json("[]").error().code, base::Code::kUnsupported);
  EXPECT_EQ(from_json("{\"schema\":\"tlswhy/1\",\"handshakes\":7}").error().code, base::Code::kMalformed);
}

TEST(Json, BytesThatAreNotUtf8DoNotBreakIt) {
  Report report = sample();
  report.facts.target.command.push_back("\xff\xfe");
  EXPECT_TRUE(from_json(to_json(report)));
}

}  // namespace
}  // namespace tlswhy::findings
