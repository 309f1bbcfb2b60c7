#include "diagnose/judge.h"

#include <gtest/gtest.h>

#include <functional>

#include "diagnose/diagnose.h"
#include "diagnose/notebook.h"
#include "facts/reasons.h"
#include "findings/json.h"

namespace tlswhy::diagnose {
namespace {

using base::Result;
using findings::Answer;
using findings::Change;
using findings::EditKind;
using findings::Means;

// Answers as a test says.
class FakeLaboratory : public prove::Laboratory {
 public:
  using Rule = std::function<Result<Answer>(Means, const Change&)>;
  explicit FakeLaboratory(Rule rule) : rule_(std::move(rule)) {}
  Result<Answer> ask(Means means, std::int64_t, std::int64_t, const Change& change) override { return rule_(means, change); }

 private:
  Rule rule_;
};

Result<Answer> none() { return base::fail(base::Code::kUnsupported, "can't be asked"); }
Answer accepts() { return {true, facts::Reason::kAccepted, 0, 0, "ok"}; }
Answer refuses(facts::Reason reason = facts::Reason::kNoIssuer) { return {false, reason, 20, 1, "no"}; }

facts::Source source(const char* kind, const char* path, const char* status) {
  facts::Source out;
  out.kind = kind;
  out.what = "file";
  out.path = path;
  out.status = status;
  out.holds_anchor = false;
  if (out.kind == "env") out.variable = "SSL_CERT_FILE";
  return out;
}

// A handshake that process 7 refused for want of an issuer, through an OpenSSL with these sources; the anchor is in the machine's bundle.
facts::Facts world(std::vector<facts::Source> sources) {
  facts::Facts out;
  out.target = {{"cmd"}, 1};
  out.processes.emplace_back();
  out.processes[0].pid = 7;
  out.processes[0].exit_code = 1;
  facts::Stack stack;
  stack.pid = 7;
  stack.name = "OpenSSL";
  stack.base = true;
  stack.knobs = {{"SSL_CERT_FILE", "variable", "file", false, true, true, ""}, {"SSL_CERT_DIR", "variable", "directory", false, true, true, ""}};
  stack.build.openssldir = "/usr/local/ssl";
  stack.default_holds_anchor = true;
  stack.sources = std::move(sources);
  out.stacks.push_back(stack);
  out.machine_stores = {{"/etc/bundle.pem", false, "ok", false, 140}};
  facts::Handshake shake;
  shake.pid = 7;
  shake.peer = "127.0.0.1:443";
  shake.result = "failed";
  shake.stack_index = 0;
  shake.verify = facts::openssl_verdict(20, "unable to get local issuer certificate", 1, "process");
  shake.chain.emplace_back();
  shake.chain[0].subject = "CN=leaf";
  shake.chain[0].issuer = "CN=Root";
  shake.anchor = facts::AnchorNeed{"CN=Root", "01234567", {{"/etc/bundle.pem", false, "ok", true, 140}}};
  out.handshakes.push_back(shake);
  return out;
}

const std::vector<facts::Source> kNothingThere{source("compiled", "/usr/local/ssl/cert.pem", "missing")};

findings::Report judged(facts::Facts facts, FakeLaboratory::Rule rule) {
  FakeLaboratory laboratory(std::move(rule));
  return judge(std::move(facts), laboratory, {});
}

// One finding's code and certainty; "" for none.
std::string told(const findings::Report& report) {
  return report.findings.empty() ? "" : report.findings.front().code + " " + report.findings.front().certainty;
}

TEST(Judge, ProvenIsWhatTheLibraryFlipped) {
  const auto report = judged(world(kNothingThere), [](Means means, const Change& change) -> Result<Answer> {
    return means == Means::kModel ? none() : change.empty() ? refuses() : accepts();
  });
  EXPECT_EQ(told(report), "TW101 proven");
  EXPECT_TRUE(report.findings[0].proof->flipped);
  ASSERT_EQ(report.findings[0].fixes.size(), 1U);
  EXPECT_TRUE(report.findings[0].fixes[0].verified);
  EXPECT_EQ(report.findings[0].fixes[0].change, report.findings[0].change);  // what is printed is what was tried
}

TEST(Judge, SupportedIsWhatOnlyTheModelFlipped) {
  const auto report = judged(world(kNothingThere), [](Means means, const Change& change) -> Result<Answer> {
    return means != Means::kModel ? none() : change.empty() ? refuses() : accepts();
  });
  EXPECT_EQ(told(report), "TW101 supported");
  EXPECT_FALSE(report.findings[0].fixes[0].verified);
}

TEST(Judge, AModelThatShowsAnotherErrorSupportsNothing) {
  const auto report = judged(world(kNothingThere), [](Means means, const Change& change) -> Result<Answer> {
    return means != Means::kModel ? none() : change.empty() ? refuses(facts::Reason::kExpired) : accepts();
  });
  EXPECT_EQ(told(report), "TW101 suspected");
}

TEST(Judge, SuspectedIsWhatCouldNotBeTried) {
  EXPECT_EQ(told(judged(world(kNothingThere), [](Means, const Change&) { return none(); })), "TW101 suspected");
}

TEST(Judge, AChangeThatDoesNotFlipIsNotTheCause) {
  const auto report = judged(world(kNothingThere), [](Means, const Change&) { return refuses(); });
  EXPECT_EQ(told(report), "");
  EXPECT_EQ(report.outcome, "failed");
  ASSERT_FALSE(report.facts.unseen.empty());
  EXPECT_NE(report.facts.unseen.back().find("none of the causes"), std::string::npos);
}

TEST(Judge, ASetUpThatAcceptsTheChainIsNotToBlame) {
  EXPECT_EQ(told(judged(world(kNothingThere), [](Means, const Change&) { return accepts(); })), "");
}

// A variable that leads astray and a place that is not there: any other store mends both, so what touches least is the cause.
TEST(Judge, OfTwoThatFlipTheMoreSpecificIsTheCause) {
  const auto report = judged(world({source("env", "/nowhere", "missing"), source("compiled", "/usr/local/ssl/cert.pem", "missing")}),
                             [](Means, const Change& change) { return change.empty() ? refuses() : accepts(); });
  EXPECT_EQ(told(report), "TW201 proven");
  EXPECT_TRUE(report.findings[0].change.has(EditKind::kUnsetVariable));
}

// Neither helps alone.
TEST(Judge, TwoCausesAreFoundTogether) {
  auto denied = source("compiled", "/etc/bundle.pem", "denied");
  denied.refused = {"/etc"};
  const auto report = judged(world({source("env", "/nowhere", "missing"), denied}), [](Means, const Change& change) {
    return change.has(EditKind::kUnsetVariable) && change.has(EditKind::kSetMode) ? accepts() : refuses();
  });
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.findings[0].code + report.findings[1].code, "TW201TW106");
  EXPECT_EQ(report.findings[0].certainty, "proven");
}

TEST(Judge, TheSameCauseIsToldOnce) {
  facts::Facts facts = world(kNothingThere);
  facts.handshakes.push_back(facts.handshakes[0]);
  const auto report = judged(std::move(facts), [](Means, const Change& change) { return change.empty() ? refuses() : accepts(); });
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].handshakes, (std::vector<std::int64_t>{0, 1}));
}

// A program that could not load its store never comes to a handshake.
TEST(Judge, AStoreThatCannotBeLoadedFailsBeforeAnyHandshake) {
  facts::Facts facts = world({source("env", "/nowhere", "missing")});
  facts.handshakes.clear();
  const auto rule = [](Means means, const Change& change) -> Result<Answer> {
    if (means != Means::kModel) return none();
    return change.empty() ? refuses(facts::Reason::kStoreRefused) : accepts();
  };
  EXPECT_EQ(told(judged(facts, rule)), "");  // nobody saw it look there
  facts.lookups.push_back({1, 7, "openat", "/nowhere", "ENOENT"});
  const auto report = judged(facts, rule);
  EXPECT_EQ(report.outcome, "failed");
  EXPECT_EQ(told(report), "TW201 supported");
  facts.target.exit_code = 0;  // the command did not mind
  EXPECT_EQ(told(judged(facts, rule)), "");
  // But the library of a process that failed could not load what somebody named.
  facts.trust_calls.push_back({1, 7, 7, "libcrypto", "X509_STORE_load_file_ex", 0, {"/nowhere"}, 0});
  EXPECT_EQ(told(judged(facts, rule)), "TW201 supported");
  facts.processes[0].exit_code = 0;
  EXPECT_EQ(told(judged(facts, rule)), "");
}

// A chain that was in date when it was looked at, refused as expired; observed in 2026.
facts::Facts refused_for_dates(const char* from, const char* until) {
  facts::Facts out = world({source("compiled", "/etc/bundle.pem", "ok")});
  out.observed_at = "2026-11-30T12:00:00Z";
  facts::Handshake& shake = out.handshakes[0];
  shake.verify = facts::openssl_verdict(10, "certificate has expired", 0, "process");
  shake.chain[0].not_before = from;
  shake.chain[0].not_after = until;
  return out;
}

TEST(Judge, AnotherClockIsNoExpiredCertificate) {
  // By this machine's clock the library accepts the chain as it is, which refutes any other cause.
  const auto accepting = [](Means, const Change&) { return accepts(); };
  const auto report = judged(refused_for_dates("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), accepting);
  EXPECT_EQ(told(report), "TW405 proven");
  EXPECT_EQ(report.findings[0].proof->before.label, "in the process");
  const auto by_time = [](Means, const Change& change) { return change.has(EditKind::kTime) ? accepts() : refuses(facts::Reason::kExpired); };
  EXPECT_EQ(told(judged(refused_for_dates("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), by_time)), "TW404 proven");
}

// An old path builder takes the way through a cross-signed issuer that has expired: without it, or at another time, the chain passes.
TEST(Judge, AnExpiredCrossSignIsTheCauseWhereTheChainIsGoodWithoutIt) {
  auto facts = refused_for_dates("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
  facts::Certificate cross;
  cross.subject = "CN=Root";
  cross.issuer = "CN=Old Root";
  cross.not_before = "2015-01-01T00:00:00Z";
  cross.not_after = "2021-09-30T00:00:00Z";
  facts.handshakes[0].chain.push_back(cross);
  const auto flips = [](bool without_it) {
    return [without_it](Means, const Change& change) {
      return change.has(EditKind::kTime) || (without_it && change.has(EditKind::kDropCertificate)) ? accepts() : refuses(facts::Reason::kExpired);
    };
  };
  EXPECT_EQ(told(judged(facts, flips(true))), "TW402 proven");
  EXPECT_EQ(told(judged(facts, flips(false))), "TW404 proven");
  EXPECT_EQ(told(judged(facts, [](Means, const Change&) { return none(); })), "TW404 suspected");
}

TEST(Judge, FilesFromTheFutureShowAWrongClock) {
  auto facts = refused_for_dates("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z");
  facts.handshakes[0].verify = facts::openssl_verdict(9, "certificate is not yet valid", 0, "process");
  const auto by_time = [](Means, const Change& change) { return change.has(EditKind::kTime) ? accepts() : refuses(facts::Reason::kNotYetValid); };
  EXPECT_EQ(told(judged(facts, by_time)), "TW404 proven");
  facts.clock.newest_file = "/var/lib/dpkg/status";
  facts.clock.newest_file_time = "2027-06-01T00:00:00Z";
  EXPECT_EQ(told(judged(facts, by_time)), "TW405 proven");
}

// Nothing can be changed about an issuer's constraints: who refuses the chain as well bears it out, who accepts it refutes it.
TEST(Judge, WhatCannotBeChangedIsAskedAgain) {
  facts::Facts facts = world({source("compiled", "/etc/bundle.pem", "ok")});
  facts.handshakes[0].verify = facts::openssl_verdict(47, "permitted subtree violation", 0, "process");
  EXPECT_EQ(told(judged(facts, [](Means, const Change&) { return refuses(facts::Reason::kConstraint); })), "TW502 supported");
  EXPECT_EQ(told(judged(facts, [](Means, const Change&) { return none(); })), "TW502 suspected");
  EXPECT_EQ(told(judged(facts, [](Means, const Change&) { return accepts(); })), "");
}

// That the library accepts the chain is what makes it the program's own check.
TEST(Judge, AnOwnCheckIsBesideTheChain) {
  facts::Facts facts = world({source("compiled", "/etc/bundle.pem", "ok")});
  facts.handshakes[0].verify = facts::openssl_verdict(0, "", 0, "process");
  facts.handshakes[0].alert = facts::Alert{"fatal", 42, "bad_certificate", "client", false};
  EXPECT_EQ(told(judged(facts, [](Means, const Change&) { return accepts(); })), "TW506 suspected");
  facts.handshakes[0].alert->sender = "server";
  EXPECT_EQ(told(judged(facts, [](Means, const Change&) { return accepts(); })), "");
}

TEST(Judge, TheModelCompletesWhatNobodySaw) {
  facts::Facts facts = refused_for_dates("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
  facts.handshakes[0].verify.reset();
  facts.handshakes[0].alert = facts::Alert{"", {}, "", "client", true};
  const auto model = [](Means means, const Change& change) -> Result<Answer> {
    if (means != Means::kModel) return none();
    return change.has(EditKind::kTime) ? accepts() : refuses(facts::Reason::kExpired);
  };
  const auto report = judged(facts, model);
  EXPECT_EQ(told(report), "TW404 supported");
  EXPECT_EQ(report.facts.handshakes[0].verify->seen_by, "model");
  // The client said something else.
  facts.handshakes[0].alert = facts::Alert{"fatal", 48, "unknown_ca", "client", false};
  EXPECT_NE(told(judged(facts, model)).substr(0, 5), "TW404");
  // The server ended it.
  facts.handshakes[0].alert = facts::Alert{"", {}, "", "server", true};
  EXPECT_FALSE(judged(facts, model).facts.handshakes[0].verify);
}

// It sent a request, looked at its library's verdict then, and left: nothing says that it was content with it, and nothing that it was not.
TEST(Judge, AClientThatLeavesBeforeAnAnswerIsUnknown) {
  facts::Facts facts = world({source("compiled", "/etc/bundle.pem", "ok")});
  facts::Handshake& shake = facts.handshakes[0];
  shake.result = "ok", shake.version = "TLSv1.2", shake.alert.reset();
  shake.client_sent_data = true, shake.ended_by = "client", shake.verify_mode = "";
  facts.target.exit_code = 1;
  facts.processes[0].exit_code = 1;
  const auto silent = [](Means, const Change&) { return none(); };
  const auto report = judged(facts, silent);
  EXPECT_EQ(report.outcome, "unknown");
  ASSERT_EQ(report.facts.unseen.size(), 1U);
  EXPECT_NE(report.facts.unseen[0].find("left without waiting for an answer"), std::string::npos);
  shake.server_sent_data = true;
  EXPECT_EQ(judged(facts, silent).outcome, "ok");
  shake.server_sent_data = false, shake.verify_mode = "none";
  EXPECT_EQ(judged(facts, silent).outcome, "ok");
}

// That it was the name is told by the model alone: it is asked for that name when it is asked what would mend it.
TEST(Judge, TheModelCompletesAName) {
  facts::Facts facts = world({source("compiled", "/etc/bundle.pem", "ok")});
  facts.handshakes[0].verify.reset();
  facts.handshakes[0].servername = "asked.test";
  facts.handshakes[0].chain.front().names = {"other.test"};
  facts.handshakes[0].alert = facts::Alert{"fatal", 42, "bad_certificate", "client", false};
  const auto model = [](Means means, const Change& change) -> Result<Answer> {
    if (means != Means::kModel) return none();
    const findings::Edit* name = change.find(EditKind::kPeerName);
    return name != nullptr && name->value == "asked.test" ? refuses(facts::Reason::kName) : accepts();
  };
  EXPECT_EQ(told(judged(facts, model)), "TW403 supported");
}

// What neither library nor model proves is proven by the command itself, and only where that was asked for.
TEST(Judge, TheCommandRunAgainProves) {
  const auto rule = [](Means means, const Change& change) -> Result<Answer> {
    if (means == Means::kCommand) return accepts();
    return means != Means::kModel ? none() : change.empty() ? refuses() : accepts();
  };
  for (const bool rerun : {true, false}) {
    FakeLaboratory laboratory(rule);
    const auto report = judge(world(kNothingThere), laboratory, {.rerun = rerun});
    EXPECT_EQ(told(report), rerun ? "TW101 proven" : "TW101 supported");
    EXPECT_EQ(report.findings[0].fixes[0].verified, rerun);
    EXPECT_EQ(report.findings[0].proof->means, rerun ? Means::kCommand : Means::kModel);
  }
}

TEST(Judge, ALibraryThatDoesNotBeginIsAFailureWithoutAHandshake) {
  facts::Facts facts = world({});
  facts.handshakes.clear();
  facts.stacks[0].linkage = "shared";
  facts.crypto_settings = {{7, "/etc/ssl/openssl.cnf", 3, "provider", "fips", "/lib/fips.so: ENOENT"}};
  FakeLaboratory laboratory([](Means means, const Change& change) -> Result<Answer> {
    if (means != Means::kLibrary) return none();
    return change.has(EditKind::kSetVariable) ? accepts() : refuses(facts::Reason::kOther);
  });
  const findings::Report report = judge(facts, laboratory, {});
  EXPECT_EQ(report.outcome, "failed");
  ASSERT_EQ(report.findings.size(), 1);
  EXPECT_EQ(report.findings[0].code, "TW602");
  EXPECT_EQ(report.findings[0].certainty, "proven");
  FakeLaboratory begins([](Means means, const Change&) -> Result<Answer> { return means == Means::kLibrary ? Result<Answer>(accepts()) : none(); });
  EXPECT_TRUE(judge(facts, begins, {}).findings.empty());
}

TEST(JudgeAgain, TellsTheSameOfASavedReport) {
  for (const bool asks : {true, false}) {
    const auto report = judged(world(kNothingThere), [&](Means means, const Change& change) -> Result<Answer> {
      return !asks || means == Means::kModel ? none() : change.empty() ? refuses() : accepts();
    });
    const std::string text = findings::to_json(report);
    const auto saved = findings::from_json(text);
    ASSERT_TRUE(saved);
    EXPECT_EQ(findings::to_json(judge_again(*saved)), text);
  }
}

TEST(RecordedLaboratory, KnowsOnlyWhatWasTried) {
  RecordedLaboratory laboratory({{Means::kModel, 0, 0, {}, refuses(), ""}, {Means::kLibrary, 0, 0, {}, {}, "no code"}});
  EXPECT_FALSE(laboratory.ask(Means::kModel, 0, 0, {})->ok);
  EXPECT_EQ(laboratory.ask(Means::kLibrary, 0, 0, {}).error().message, "no code");
  EXPECT_FALSE(laboratory.ask(Means::kModel, 0, 0, findings::unset_variable("X")));
}

}  // namespace
}  // namespace tlswhy::diagnose
