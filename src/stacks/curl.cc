// curl: src/tool_operate.c for the variables, lib/vtls/openssl.c for the files. Builds have the distribution's bundle and directory.

#include <algorithm>
#include <array>
#include <iterator>

#include "stacks/options.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

// Of a file or directory: where it is, and who says so.
struct Place {
  std::string path;
  std::string variable;   // "" for none
  std::string by;         // an option or a configuration file, "" for neither
  const char* kind = "";  // "config" for those
};

// The command line comes before ~/.curlrc, and only without either of them the variables are read.
bool take_option(const host::Viewpoint& as, const std::string& name, Place& out) {
  if (const std::string value = option_value(as, "--" + name); !value.empty()) return out = {value, "", "--" + name, "config"}, true;
  const Setting set = setting_in(as, {as.home() + "/.curlrc"}, "", name);
  if (!set.value.empty()) out = {set.value, "", set.by, "config"};
  return !set.value.empty();
}

Trust curl_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.out.partial_chain = true;  // since 7.68.0
  const host::Viewpoint& as = builder.as;
  Place bundle{spec.bundle, "", "", ""}, directory{spec.hashed, "", "", ""};
  const bool file_said = take_option(as, "cacert", bundle), directory_said = take_option(as, "capath", directory);
  if (file_said || directory_said) {
    for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"}) builder.ignored(name, "an option comes first");
  } else if (const std::string* own = as.variable_text("CURL_CA_BUNDLE")) {
    bundle = {*own, "CURL_CA_BUNDLE", "", ""};
    builder.ignores_openssls("CURL_CA_BUNDLE comes first");
  } else {
    if (const std::string* one = as.variable_text("SSL_CERT_DIR")) directory = {*one, "SSL_CERT_DIR", "", ""};
    if (const std::string* one = as.variable_text("SSL_CERT_FILE")) bundle = {*one, "SSL_CERT_FILE", "", ""};
  }
  if (!bundle.path.empty()) builder.openssl_file_or_refuse(spec, bundle.path, bundle.variable);  // error 77
  builder.name_last(bundle.kind, bundle.by);
  builder.openssl_directories(spec, directory.path, directory.variable);
  builder.name_last(directory.kind, directory.by);
  return std::move(builder.out);
}

}  // namespace

// lib/vtls/openssl.c, Curl_ossl_verifyhost: after the handshake.
static Policy curl_policy(const Spec& spec) {
  Policy out = openssl_policy(spec);
  out.name_last = true;
  return out;
}

// The library reads no variable: its compiled places, unless the program names others.
static Trust libcurl_trust(const Spec& spec, TrustBuilder& builder) {
  host::Viewpoint as = builder.as.without_environment();
  as.argv.clear();
  TrustBuilder plain(as, builder.reader);
  plain.out.openssl_codes = plain.out.partial_chain = true;
  if (!spec.bundle.empty()) plain.openssl_file_or_refuse(spec, spec.bundle, "");
  plain.openssl_directories(spec, spec.hashed, "");
  builder.out = std::move(plain.out);
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"})
    builder.ignored(name, "libcurl does not read it, only the command curl does");
  return std::move(builder.out);
}

namespace {
constexpr std::array kMarksOfCurl{Mark{.text = "CURL_CA_BUNDLE", .needs = "libcurl.so"}};
constexpr std::array kKnobsOfCurl{Knob{.name = "CURL_CA_BUNDLE"},
                                  Knob{.name = "SSL_CERT_FILE"},
                                  Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory},
                                  Knob{.name = "--cacert", .kind = KnobKind::kOption},
                                  Knob{.name = "--capath", .kind = KnobKind::kOption, .holds = Holds::kDirectory},
                                  Knob{.name = "--pinnedpubkey", .kind = KnobKind::kOption, .holds = Holds::kPin}};
constexpr std::array kProgramsOfCurl{Program{"/usr/bin/curl", "curl", "libcurl.so"}};
}  // namespace
constinit const Stack kCurl{.id = "curl",
                            .title = "curl",
                            .versions = "7.68 and newer, with OpenSSL",
                            .standing = Standing::kChecked,
                            .steered_by = "CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR, --cacert, --capath",
                            .marks = kMarksOfCurl,
                            .knobs = kKnobsOfCurl,
                            .stands_on = "libcurl",
                            .programs = kProgramsOfCurl,
                            .trust = curl_trust,
                            .policy = curl_policy};

namespace {
// lib/vtls/gtls.c.
constexpr std::string_view kGnuTlsOfLibcurl = "GnuTLS, handshake failed";
constexpr std::array kMarksOfLibcurl{
    Mark{.soname = "libcurl.so", .symbol = "curl_easy_init", .version_text = "libcurl/"},
    // lib/strerror.c, lib/version.c.
    Mark{.symbol = "curl_easy_init", .never = kGnuTlsOfLibcurl, .version_text = "libcurl/", .library = true},
    Mark{.text = "Problem with the SSL CA cert (path? access rights?)", .never = kGnuTlsOfLibcurl, .version_text = "libcurl/", .versioned = true}};
constexpr std::array kKnobsOfLibcurl{Knob{.name = "CURLOPT_CAINFO", .kind = KnobKind::kProperty},
                                     Knob{.name = "CURLOPT_CAPATH", .kind = KnobKind::kProperty, .holds = Holds::kDirectory}};
}  // namespace
constinit const Stack kLibcurl{.id = "libcurl",
                               .title = "libcurl",
                               .versions = "7.68 and newer, with OpenSSL",
                               .standing = Standing::kChecked,
                               .steered_by = "none: CURLOPT_CAINFO, CURLOPT_CAPATH",
                               .marks = kMarksOfLibcurl,
                               .knobs = kKnobsOfLibcurl,
                               .own_places = true,
                               .trust = libcurl_trust,
                               .policy = curl_policy};

}  // namespace tlswhy::stacks
