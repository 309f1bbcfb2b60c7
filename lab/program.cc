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
  };
  return programs;
}

// The same, told something.
const std::vector<Program>& told() {
  static const std::vector<Program> programs{
      // With a client certificate of which the intermediate stays at home.
      {"curl with its certificate alone", {"curl", "-sS", "--cert", "{lab}/client-alone.pem", "https://{host}/"}, 56},
      {"wget with its certificate alone",
       {"wget", "-nv", "-t1", "-O", "/dev/null", "--certificate={lab}/client-alone.pem", "--private-key={lab}/client-key.pem", "https://{host}/"},
       4},
      {"python with its certificate alone",
       {"/usr/bin/python3", "-c",
        "import ssl, urllib.request; c = ssl.create_default_context(); c.load_cert_chain('{lab}/client-alone.pem'); "
        "urllib.request.urlopen('https://{host}/', context=c).read()"}},
      {"node with its certificate alone",
       {"node", "-e",
        "const pem = require('fs').readFileSync('{lab}/client-alone.pem'); require('https').get('https://{host}/', { cert: pem, key: pem }, "
        "answer => answer.resume()).on('error', error => { console.error(error.code); process.exit(1); })"},
       1,
       "",
       {},
       {{"NODE_EXTRA_CA_CERTS", "{lab}/root.pem"}}},
      // That speak HTTP/2 and nothing else.
      {"openssl with h2", {"openssl", "s_client", "-connect", "{host}:443", "-alpn", "h2"}},
      {"python with h2",
       {"/usr/bin/python3", "-c",
        "import socket, ssl, sys; c = ssl.create_default_context(); c.set_alpn_protocols(['h2']); "
        "s = c.wrap_socket(socket.create_connection(('{host}', 443)), server_hostname='{host}'); "
        "sys.exit(0 if s.selected_alpn_protocol() == 'h2' else 'the server does not speak HTTP/2')"}},
      {"perl",
       {"perl", "-MIO::Socket::SSL", "-e",
        "my $peer = IO::Socket::SSL->new(PeerHost => '{host}', PeerPort => 443) or die $IO::Socket::SSL::SSL_ERROR; "
        "print $peer \"GET / HTTP/1.0\\r\\n\\r\\n\"; print <$peer>;"},
       255,
       "/usr/share/perl5/IO/Socket/SSL.pm"},
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
  for (const auto* rows : {&table(), &told()})
    if (const auto found = std::ranges::find(*rows, name, &Program::name); found != rows->end()) return &*found;
  return nullptr;
}

}  // namespace lab
