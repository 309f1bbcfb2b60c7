// IO::Socket::SSL's default_ca (SSL.pm): a directory counts when it holds a hash name with a certificate, a file when it
// holds a BEGIN line; a variable set to "" is none. What counts goes to X509_STORE_load_locations, which may fail.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust perl_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.out.partial_chain = true;
  const std::string* file = builder.as.variable_text("SSL_CERT_FILE");
  const std::string* directory = builder.as.variable_text("SSL_CERT_DIR");
  const std::string file_path = file != nullptr ? *file : spec.openssldir + "/cert.pem";
  const std::string directory_path = directory != nullptr ? *directory : spec.openssldir + "/certs";
  const bool file_counts = builder.reader.has_begin_line(file_path);
  if (file_counts) builder.openssl_file_or_refuse(spec, file_path, file != nullptr ? "SSL_CERT_FILE" : "");
  const auto names = builder.reader.names(directory_path);
  const bool directory_counts = std::ranges::any_of(names, [&](const std::string& name) {
    return (base::is_hash_name(name) || base::is_hash_name(name + ".0")) && builder.reader.has_begin_line(directory_path + "/" + name);
  });
  if (directory_counts) builder.openssl_directories(spec, directory_path, directory != nullptr ? "SSL_CERT_DIR" : "");
  return std::move(builder.out);
}

namespace {
constexpr std::array kMarksOfPerl{Mark{.symbol = "boot_Net__SSLeay"}};
constexpr std::array kKnobsOfPerl{Knob{.name = "SSL_CERT_FILE"}, Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory}};
constexpr std::array kProgramsOfPerl{Program{"/usr/bin/perl", "perl (IO::Socket::SSL)", ""}};
}  // namespace
constinit const Stack kPerl{.id = "perl",
                            .title = "Perl's Net::SSLeay",
                            .versions = "IO::Socket::SSL 2.x",
                            .standing = Standing::kChecked,
                            .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR",
                            .marks = kMarksOfPerl,
                            .knobs = kKnobsOfPerl,
                            .programs = kProgramsOfPerl,
                            .trust = perl_trust,
                            .policy = openssl_policy};

}  // namespace tlswhy::stacks
