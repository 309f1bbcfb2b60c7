#include "lab/program.h"

#include <algorithm>

namespace lab {
namespace {

const std::vector<Program>& table() {
  static const std::vector<Program> programs{
      {"python", {"/usr/bin/python3", "{functions}/repro.py", "wss://{host}/"}},
      {"engine",
       {"{bundle}/scriptengine", "invoke", "{functions}/repro.py", "--event", R"({"url": "wss://{host}/"})"},
       1,
       "",
       {{"SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"}}},
      {"openssl", {"openssl", "s_client", "-connect", "{host}:443", "-verify_hostname", "{host}", "-verify_return_error"}},
      {"curl", {"curl", "-sS", "https://{host}/"}, 60},
      {"wget", {"wget", "-nv", "-t1", "-O", "/dev/null", "https://{host}/"}, 5},
      {"git", {"git", "ls-remote", "https://{host}/repository.git"}, 128},
      {"gnutls-cli", {"gnutls-cli", "{host}"}},
      {"node", {"node", "{functions}/get.js", "https://{host}/"}, 1, "", {}, {{"NODE_EXTRA_CA_CERTS", "{lab}/root.pem"}}},
      {"go", {"{clients}/get-go", "https://{host}/"}},
      {"java",
       {"java", "-cp", "{clients}", "Get", "https://{host}/"},
       1,
       "{clients}/Get.class",
       {},
       {},
       {"keytool", "-importcert", "-noprompt", "-alias", "lab", "-file", "{lab}/root.pem", "-cacerts", "-storepass", "changeit"}},
      // These two as they come: nothing tells them of the system's anchors.
      {"plain node", {"node", "{functions}/get.js", "https://{host}/"}},
      {"plain java", {"java", "-cp", "{clients}", "Get", "https://{host}/"}, 1, "{clients}/Get.class"},
      // The same, told to accept every certificate.
      {"unverified python",
       {"/usr/bin/python3", "-c",
        "import ssl, urllib.request; urllib.request.urlopen('https://{host}/', context=ssl._create_unverified_context()).read()"}},
      {"unverified openssl", {"openssl", "s_client", "-connect", "{host}:443"}},
      {"unverified curl", {"curl", "-sS", "-k", "https://{host}/"}},
      {"unverified wget", {"wget", "-nv", "-t1", "-O", "/dev/null", "--no-check-certificate", "https://{host}/"}},
      {"unverified git", {"git", "-c", "http.sslVerify=false", "ls-remote", "https://{host}/repository.git"}},
      {"unverified gnutls-cli", {"gnutls-cli", "--insecure", "{host}"}},
      {"unverified node", {"node", "{functions}/get.js", "https://{host}/"}, 1, "", {{"NODE_TLS_REJECT_UNAUTHORIZED", "0"}}},
  };
  return programs;
}

}  // namespace

const Program* find_program(std::string_view name) {
  const auto found = std::ranges::find(table(), name, &Program::name);
  return found == table().end() ? nullptr : &*found;
}

}  // namespace lab
