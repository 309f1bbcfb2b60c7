#include "report/text.h"

#include <gtest/gtest.h>

namespace tlswhy::report {
namespace {

findings::Report failed() {
  findings::Report report;
  report.outcome = "failed";
  facts::Handshake shake;
  shake.peer = "127.0.0.1:443";
  shake.servername = "x.test";
  shake.version = "TLSv1.2";
  shake.result = "failed";
  shake.alert = facts::Alert{"fatal", 48, "unknown_ca", "client", false};
  report.facts.handshakes.push_back(shake);
  findings::Finding finding;
  finding.code = "TW101";
  finding.name = "compiled_path_mismatch";
  finding.title = "python3 (pid 7) finds no trust anchors";
  finding.certainty = "proven";
  finding.evidence.push_back({"compiled file: missing", "/usr/local/ssl/cert.pem", "ENOENT", "trace"});
  finding.proof = findings::Proof{"/lib/libcrypto.so", "A=b", {"as it was", false, 20, "no issuer", 1}, {"A=b", true, 0, "ok", 0}, true, ""};
  finding.fixes.push_back({"env", "Tell it", "A=b cmd", true, "a handshake"});
  finding.handshakes = {0};
  report.findings.push_back(finding);
  return report;
}

TEST(Text, WholeReportInPlainStyle) {
  EXPECT_EQ(text(failed(), {false, true}),
            "tlswhy: FAILED  python3 (pid 7) finds no trust anchors\n"
            "        TW101 compiled_path_mismatch, proven\n"
            "\n"
            "Why\n"
            "  x TLSv1.2 handshake with x.test (127.0.0.1:443): ended by the client's fatal alert 48, unknown_ca\n"
            "  x /usr/local/ssl/cert.pem  ENOENT\n"
            "      compiled file: missing\n"
            "\n"
            "Proof\n"
            "  The same chain in a sandboxed copy of /lib/libcrypto.so, one thing changed:\n"
            "  as it was                                                  x 20 at depth 1: no issuer\n"
            "  A=b                                                        ok verifies\n"
            "\n"
            "Fix\n"
            "  1 Tell it: verified by a handshake\n"
            "      A=b cmd\n");
}

TEST(Text, WhoSaysAVerdictIsNamed) {
  const auto judged = [](const char* seen_by, facts::Reason reason, int stack_index) {
    findings::Report report = failed();
    facts::Verify verify;
    verify.reason = reason;
    verify.seen_by = seen_by;
    verify.text = "no";
    report.facts.handshakes[0].verify = verify;
    report.facts.handshakes[0].stack_index = stack_index;
    return text(report, {false, true});
  };
  EXPECT_NE(judged("process", facts::Reason::kExpired, 0).find("its library said: no"), std::string::npos);
  EXPECT_NE(judged("model", facts::Reason::kName, 0).find("its name: no"), std::string::npos);
  EXPECT_NE(judged("model", facts::Reason::kExpired, 0).find("by the stack's model: no"), std::string::npos);
  EXPECT_NE(judged("model", facts::Reason::kExpired, -1).find("by the chain alone: no"), std::string::npos);
}

TEST(Text, AnAcceptedChainIsNoError) {
  findings::Report report = failed();
  facts::Verify verify;
  verify.reason = facts::Reason::kAccepted;  // as GnuTLS says it: a status of 0, without words
  verify.seen_by = "process";
  report.facts.handshakes[0].verify = verify;
  EXPECT_NE(text(report, {false, true}).find("its library said: ok"), std::string::npos);
}

TEST(Text, ColourOnlyWhenAsked) {
  EXPECT_EQ(text(failed(), {false, false}).find('\x1b'), std::string::npos);
  EXPECT_NE(text(failed(), {true, false}).find("\x1b[1;31m"), std::string::npos);
}

TEST(Text, HostileNamesAreEscaped) {
  findings::Report report = failed();
  report.findings[0].title = "evil\x1b[2J";
  EXPECT_EQ(text(report, {false, true}).find('\x1b'), std::string::npos);
}

TEST(Text, GoodOutcomes) {
  findings::Report report;
  report.outcome = "no_tls";
  EXPECT_EQ(text(report, {}), "tlswhy: NO TLS  the command made no TLS connection\n");
  report.outcome = "ok";
  report.facts.connections.push_back({1, "127.0.0.1:80", "", false});
  EXPECT_EQ(text(report, {}), "tlswhy: OK  no TLS failure, 1 connection in clear text\n");
}

// What a failed command leaves open.
TEST(Text, CompletedAndUnused) {
  findings::Report report;
  report.outcome = "unknown";
  report.facts.target.exit_code = 1;
  report.facts.processes.emplace_back();
  report.facts.processes.back().pid = 1;
  report.facts.processes.back().exit_code = 1;
  facts::Handshake shake;
  shake.pid = 1;
  shake.peer = "127.0.0.1:443";
  shake.version = "TLSv1.3";
  shake.result = "ok";
  shake.unused = true;
  shake.ended = facts::Ending::kFin;
  shake.ended_by = "client";
  report.facts.handshakes = {shake};
  EXPECT_EQ(text(report, {}),
            "tlswhy: UNKNOWN  1 TLS handshake completed, but the command sent nothing and failed\n"
            "\n"
            "Seen\n"
            "  x TLSv1.3 handshake with 127.0.0.1:443: the client closed the connection right after the handshake\n");
  report.facts.handshakes = {};
  report.facts.connections.push_back({1, "127.0.0.1:443", "ENODATA", false});
  EXPECT_EQ(text(report, {}), "tlswhy: UNKNOWN  the command connected, sent nothing and failed\n");
}

TEST(Text, AChainOfAProbeIsCalledOne) {
  findings::Report report;
  report.outcome = "failed";
  facts::Handshake shake;
  shake.peer = "127.0.0.1:443";
  shake.result = "failed";
  shake.chain.emplace_back();
  shake.chain.back().subject = "CN=leaf";
  shake.chain_from = "probe";
  report.facts.handshakes = {shake};
  EXPECT_NE(text(report, {}).find("      the chain that a probe got, not this handshake's:\n      leaf CN=leaf\n"), std::string::npos);
}

TEST(Text, AListThatIsCompiledInIsNotCounted) {
  facts::Stack stack;
  facts::Source list;
  list.kind = "bundled";
  list.what = "list";
  list.status = "ok";
  list.detail = "the roots compiled into uv";
  stack.sources.push_back(list);
  EXPECT_NE(sources_text(stack, {}).find("ok, compiled in, not counted, the roots compiled into uv"), std::string::npos);
}

}  // namespace
}  // namespace tlswhy::report
