#include "diagnose/attribution.h"

#include <gtest/gtest.h>

namespace tlswhy::diagnose {
namespace {

// A process of objects and stacks. Names of stacks are those of their models; "OpenSSL" and "CPython ssl" have none.
class Process {
 public:
  Process& maps(const std::string& path, std::vector<std::string> needed = {}) {
    const std::string name = path.substr(path.rfind('/') + 1);
    mapped_.objects.push_back({path, name.find(".so") == std::string::npos ? "" : name, std::move(needed), "", ""});
    return *this;
  }
  Process& stack(const std::string& model, const std::string& path, const std::string& place = "", const std::string& what = "file") {
    facts::Stack out;
    out.pid = 7;
    out.name = model;
    out.base = model == "OpenSSL";
    if (model != "OpenSSL" && model != "CPython ssl") out.model = model;
    if (model == "CPython ssl") out.over = "below";
    out.path = path;
    if (!place.empty()) {
      facts::Source& source = out.sources.emplace_back();
      source.path = place;
      source.what = what;
      source.status = "ok";
    }
    mapped_.stacks.push_back(facts_.stacks.size());
    facts_.stacks.push_back(out);
    return *this;
  }
  Process& opens(const std::string& path) { return facts_.lookups.push_back({1, 7, "openat", path, ""}), *this; }
  Process& loads(const std::string& path) {
    return facts_.trust_calls.push_back({1, 7, 7, "x", "X509_STORE_load_locations", 0, {path, ""}, 1}), *this;
  }

  // "verifier/reader"; "-" for what is not known.
  [[nodiscard]] std::string verified_by(const std::string& library) const {
    facts::Handshake shake;
    shake.pid = 7;
    shake.library = library;
    const Attribution found = attribute(shake, mapped_, facts_);
    return name(found.verifier) + "/" + name(found.reader);
  }
  [[nodiscard]] std::string unseen() const { return verified_by(""); }

 private:
  [[nodiscard]] std::string name(std::int64_t index) const { return index < 0 ? "-" : facts_.stacks[static_cast<std::size_t>(index)].name; }
  Mapped mapped_;
  facts::Facts facts_;
};

// git-remote-http maps libcrypto as well: for SSH, which it does not use here.
Process git() {
  return Process()
      .maps("/usr/lib/git-core/git-remote-http", {"libcurl-gnutls.so.4"})
      .maps("/lib/libcurl-gnutls.so.4", {"libgnutls.so.30", "libssh2.so.1"})
      .maps("/lib/libssh2.so.1", {"libcrypto.so.3"})
      .maps("/lib/libgnutls.so.30")
      .maps("/lib/libcrypto.so.3")
      .stack("OpenSSL", "/lib/libcrypto.so.3", "/usr/lib/ssl/cert.pem")
      .stack("git", "/usr/lib/git-core/git-remote-http", "/etc/ssl/certs/ca-certificates.crt")
      .stack("libcurl-gnutls", "/lib/libcurl-gnutls.so.4", "/etc/ssl/certs/ca-certificates.crt")
      .stack("gnutls", "/lib/libgnutls.so.30", "/etc/ssl/certs/ca-certificates.crt");
}

TEST(Attribution, TheProgramOnTopOfWhatVerified) {
  EXPECT_EQ(git().verified_by("/lib/libgnutls.so.30"), "gnutls/git");
  EXPECT_EQ(git().opens("/etc/ssl/certs/ca-certificates.crt").verified_by("/lib/libgnutls.so.30"), "gnutls/git");
  EXPECT_EQ(git().verified_by("/lib/libcrypto.so.3"), "OpenSSL/git");
}

TEST(Attribution, NoVerdictWasSeen) {
  EXPECT_EQ(git().unseen(), "-/git");                                           // it is git, by which library is not known
  EXPECT_EQ(git().opens("/usr/lib/ssl/cert.pem").unseen(), "OpenSSL/OpenSSL");  // the only one whose places were looked up
}

Process python() {
  return Process()
      .maps("/usr/bin/python3")
      .maps("/lib/_ssl.cpython-311-x86_64-linux-gnu.so", {"libssl.so.3", "libcrypto.so.3"})
      .maps("/lib/libssl.so.3", {"libcrypto.so.3"})
      .maps("/lib/libcrypto.so.3")
      .stack("OpenSSL", "/lib/libcrypto.so.3", "/usr/lib/ssl/certs", "directory")
      .stack("CPython ssl", "/usr/bin/python3", "/usr/lib/ssl/certs", "directory");
}

TEST(Attribution, AnInterpreterStandsForItsLibrary) {
  EXPECT_EQ(python().verified_by("/lib/libcrypto.so.3"), "OpenSSL/OpenSSL");
  EXPECT_EQ(python().unseen(), "OpenSSL/OpenSSL");
}

TEST(Attribution, AModuleWithALibraryOfItsOwn) {
  Process process = python()
                        .maps("/pg/libpq-e8a033dd.so.5", {"libssl-81ffa89e.so.3"})
                        .maps("/pg/libssl-81ffa89e.so.3", {"libcrypto-e8a033dd.so.3"})
                        .maps("/pg/libcrypto-e8a033dd.so.3")
                        .stack("OpenSSL", "/pg/libcrypto-e8a033dd.so.3", "/nox/cert.pem")
                        .stack("libpq", "/pg/libpq-e8a033dd.so.5", "/root/.postgresql/root.crt");
  EXPECT_EQ(process.verified_by("/pg/libcrypto-e8a033dd.so.3"), "OpenSSL/libpq");
  EXPECT_EQ(process.verified_by("/lib/libcrypto.so.3"), "OpenSSL/OpenSSL");
  EXPECT_EQ(process.unseen(), "-/-");
  EXPECT_EQ(process.opens("/root/.postgresql/root.crt").unseen(), "OpenSSL/libpq");
}

TEST(Attribution, TwoUsersOfOneLibrary) {
  Process process = python().maps("/lib/libpq.so.5", {"libssl.so.3"}).stack("libpq", "/lib/libpq.so.5", "/root/.postgresql/root.crt");
  EXPECT_EQ(process.verified_by("/lib/libcrypto.so.3"), "OpenSSL/OpenSSL");  // whether libpq asked for it was not seen
  EXPECT_EQ(process.opens("/root/.postgresql/root.crt").verified_by("/lib/libcrypto.so.3"), "OpenSSL/libpq");
  EXPECT_EQ(process.opens("/usr/lib/ssl/certs/01234567.0").verified_by("/lib/libcrypto.so.3"), "OpenSSL/OpenSSL");  // both did
}

TEST(Attribution, StacksInOneFile) {
  const Process node = Process().maps("/usr/bin/node").stack("OpenSSL", "/usr/bin/node", "/usr/local/ssl/cert.pem").stack("node", "/usr/bin/node");
  EXPECT_EQ(node.verified_by("/usr/bin/node"), "OpenSSL/node");
  EXPECT_EQ(node.unseen(), "OpenSSL/node");
}

TEST(Attribution, ALibraryThatIsOpenedWhenNeeded) {
  Process dotnet = Process()
                       .maps("/usr/bin/dotnet")
                       .maps("/x/libSystem.Security.Cryptography.Native.OpenSsl.so")
                       .maps("/lib/libssl.so.3", {"libcrypto.so.3"})
                       .maps("/lib/libcrypto.so.3")
                       .stack("OpenSSL", "/lib/libcrypto.so.3", "/usr/lib/ssl/cert.pem")
                       .stack("dotnet", "/x/libSystem.Security.Cryptography.Native.OpenSsl.so");
  EXPECT_EQ(dotnet.verified_by("/lib/libcrypto.so.3"), "OpenSSL/dotnet");
  EXPECT_EQ(dotnet.maps("/x/other.so", {"libssl.so.3"}).verified_by("/lib/libcrypto.so.3"), "OpenSSL/OpenSSL");
}

TEST(Attribution, AnExtensionThatReadsWhatTheProgramDoesNot) {
  Process php = Process()
                    .maps("/usr/bin/php", {"libssl.so.3"})
                    .maps("/ext/curl.so", {"libcurl.so.4"})
                    .maps("/lib/libcurl.so.4", {"libssl.so.3"})
                    .maps("/lib/libssl.so.3", {"libcrypto.so.3"})
                    .maps("/lib/libcrypto.so.3")
                    .stack("OpenSSL", "/lib/libcrypto.so.3", "/usr/lib/ssl/cert.pem")
                    .stack("php", "/usr/bin/php", "/usr/lib/ssl/cert.pem")
                    .stack("libcurl", "/lib/libcurl.so.4", "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_EQ(php.verified_by("/lib/libcrypto.so.3"), "OpenSSL/php");
  EXPECT_EQ(php.loads("/etc/ssl/certs/ca-certificates.crt").verified_by("/lib/libcrypto.so.3"), "OpenSSL/libcurl");
}

TEST(Attribution, ALibraryThatNoStackIsFoundIn) {
  // mbedTLS verifies in a library of its own below the one that it is known by.
  const Process mbed = Process()
                           .maps("/app", {"libmbedtls.so.14"})
                           .maps("/lib/libmbedtls.so.14", {"libmbedx509.so.1"})
                           .maps("/lib/libmbedx509.so.1")
                           .stack("mbedtls", "/lib/libmbedtls.so.14");
  EXPECT_EQ(mbed.verified_by("/lib/libmbedx509.so.1"), "-/mbedtls");
  EXPECT_EQ(mbed.verified_by("/lib/libother.so"), "-/-");
  EXPECT_EQ(Process().unseen(), "-/-");
}

}  // namespace
}  // namespace tlswhy::diagnose
