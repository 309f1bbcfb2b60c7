// The lab's server: HTTP and WebSocket echo, over TLS with a chosen protocol version or in clear text.
//
//   tlswhy-lab-server ADDRESS PORT TLS|plain FOLDER [CHAIN.pem KEY.pem [CHAIN.pem KEY.pem]]
//
// TLS: 1.2, 1.3 or both. The second pair is for clients that send no name (SNI).
// Options, anywhere, make it a server that not every client can talk to:
//
//   --says=http|ssh|smtp|imap|postgres|mysql   no TLS, but this protocol; smtp and postgres begin TLS when they are asked
//   --says=old-hello                           a ServerHello without secure renegotiation, and no more
//   --cut=reset|close|silent [--larger=BYTES] [--named=TEXT]   ends after a ClientHello: all, those above a size, those with a name
//   --ciphers=LIST --groups=LIST --alpn=A,B    all that it takes, as OpenSSL spells them
//   --client=optional|required [--client-ca=FILE]   asks for a certificate
//   --ends=fin|reset                           after its answer, without close_notify
//
// A page that lies in FOLDER is served from there, every other is a greeting. Prints "ready" when it listens. One thread
// per connection: a lab has few.

#include <openssl/crypto.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using Options = std::map<std::string, std::string>;

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

template <typename Stream>
void echo(Stream& stream, const http::request<http::string_body>& upgrade) {
  beast::websocket::stream<Stream&> socket(stream);
  beast::error_code error;
  socket.accept(upgrade, error);
  beast::flat_buffer message;
  while (!error && socket.read(message, error) > 0 && !error) {
    socket.text(socket.got_text());
    socket.write(message.data(), error);
    message.consume(message.size());
  }
}

std::string page(const std::string& folder, const std::string& target) {
  if (target.find("..") == std::string::npos)
    if (std::ifstream in(folder + target.substr(0, target.find('?'))); in) {
      std::ostringstream out;
      if (out << in.rdbuf()) return out.str();
    }
  return "hello from the lab\n";
}

// Answers requests until the client leaves.
template <typename Stream>
void serve(Stream& stream, const std::string& folder) {
  beast::flat_buffer buffer;
  beast::error_code error;
  for (;;) {
    http::request<http::string_body> request;
    http::read(stream, buffer, request, error);
    if (error) return;
    if (beast::websocket::is_upgrade(request)) return echo(stream, request);
    // It is no proxy.
    const auto status = request.method() == http::verb::connect ? http::status::forbidden : http::status::ok;
    http::response<http::string_body> response(status, request.version(), page(folder, std::string(request.target())));
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
    http::write(stream, response, error);
    if (error || !response.keep_alive()) return;
  }
}

std::string option(const Options& options, const std::string& name) {
  const auto found = options.find(name);
  return found == options.end() ? "" : found->second;
}

void reset(tcp::socket& socket) {
  beast::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

// The answer to a request has no length: it ends with the connection, and that without a close_notify.
template <typename Stream>
void answer_and_leave(Stream& stream, const std::string& how) {
  std::array<char, 4096> request{};
  beast::error_code error;
  stream.read_some(asio::buffer(request), error);
  if (error) return;
  const std::string answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello from the lab\n";
  asio::write(stream, asio::buffer(answer), error);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  if (how == "reset") reset(stream.next_layer());
}

void serve_tls(tcp::socket socket, asio::ssl::context& context, const std::string& folder, const Options& options) {
  beast::ssl_stream<tcp::socket> stream(std::move(socket), context);
  beast::error_code error;
  stream.handshake(asio::ssl::stream_base::server, error);
  if (error) return;
  if (const std::string how = option(options, "ends"); !how.empty()) return answer_and_leave(stream, how);
  serve(stream, folder);
  // Without a close_notify some clients report an error of their own.
  stream.shutdown(error);
}

std::string hear(tcp::socket& socket) {
  std::array<char, 16384> text{};
  beast::error_code error;
  const std::size_t size = socket.read_some(asio::buffer(text), error);
  return {text.data(), error ? 0 : size};
}

// The first record of a client, left in the socket.
std::string peek_hello(tcp::socket& socket) {
  std::string out(16384, '\0');
  for (std::size_t wanted = 5;;) {
    beast::error_code error;
    const std::size_t size = socket.receive(asio::buffer(out), asio::socket_base::message_peek, error);
    if (error || size == 0) return "";
    if (size >= 5) wanted = 5 + (std::size_t{static_cast<unsigned char>(out[3])} << 8 | static_cast<unsigned char>(out[4]));
    if (size >= wanted) return out.substr(0, size);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// True where the connection was ended instead of served.
bool cut(tcp::socket& socket, const Options& options) {
  const std::string how = option(options, "cut"), larger = option(options, "larger"), named = option(options, "named");
  if (how.empty()) return false;
  const std::string hello = peek_hello(socket);
  if (!larger.empty() && hello.size() <= std::stoul(larger)) return false;
  if (!named.empty() && hello.find(named) == std::string::npos) return false;
  if (how == "silent") std::this_thread::sleep_for(std::chrono::seconds(60));
  if (how == "close") hear(socket);  // with bytes unread the kernel would reset it
  if (how == "reset") reset(socket);
  return true;
}

void say(tcp::socket& socket, const std::string& text) {
  beast::error_code ignored;
  asio::write(socket, asio::buffer(text), ignored);
}

// Mail: a greeting, and answers to commands until the client asks for TLS. True where it did.
bool talk_smtp(tcp::socket& socket) {
  say(socket, "220 mail.origin.test ESMTP ready\r\n");
  for (std::string line = hear(socket); !line.empty(); line = hear(socket)) {
    if (line.starts_with("EHLO") || line.starts_with("HELO")) {
      say(socket, "250-mail.origin.test\r\n250 STARTTLS\r\n");
    } else if (line.starts_with("STARTTLS")) {
      say(socket, "220 go ahead\r\n");
      return true;
    } else {
      say(socket, "500 5.5.2 command not recognised\r\n");
      return false;
    }
  }
  return false;
}

// A database: an SSLRequest is granted, anything else is an error (PostgreSQL manual, "Message Formats").
bool talk_postgres(tcp::socket& socket) {
  const std::string request = hear(socket);
  if (request.size() == 8 && request[3] == 8 && request[4] == 4) {
    say(socket, "S");
    return true;
  }
  const std::string fields = std::string("SFATAL") + '\0' + "C08P01" + '\0' + "Minvalid length of startup packet" + '\0' + '\0';
  say(socket, std::string("E\0\0\0", 4) + static_cast<char>(fields.size() + 4) + fields);
  return false;
}

// A ServerHello of TLS 1.2, with TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and no extension: no secure renegotiation (RFC 5746).
std::string old_hello() {
  const std::string body = std::string("\x03\x03", 2) + std::string(32, 'r') + std::string("\0\xc0\x2b\0", 4);
  return std::string("\x16\x03\x03\0", 4) + static_cast<char>(body.size() + 4) + std::string("\x02\0\0", 3) + static_cast<char>(body.size()) + body;
}

bool talk(tcp::socket& socket, const std::string& protocol) {
  if (protocol == "smtp") return talk_smtp(socket);
  if (protocol == "postgres") return talk_postgres(socket);
  if (protocol == "ssh") say(socket, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
  if (protocol == "imap") say(socket, "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
  if (protocol == "mysql") say(socket, std::string("\x4a\0\0\0\x0a", 5) + "8.0.36" + std::string(64, '\0'));
  (void)hear(socket);
  if (protocol == "http") say(socket, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>Bad Request</html>\n");
  if (protocol == "old-hello") {
    say(socket, old_hello());
    (void)hear(socket);
  }
  if (protocol == "imap") say(socket, "* BAD invalid command\r\n");
  return false;
}

void serve_any(tcp::socket socket, asio::ssl::context& context, const std::string& tls, const std::string& folder, const Options& options) {
  if (tls == "plain") return serve(socket, folder);
  const std::string says = option(options, "says");
  if (!says.empty() && !talk(socket, says)) return;
  if (!cut(socket, options)) serve_tls(std::move(socket), context, folder, options);
}

int version_number(const std::string& tls) {
  if (tls == "1.0") return TLS1_VERSION;
  if (tls == "1.1") return TLS1_1_VERSION;
  return tls == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
}

// The first of ours that the client offers; without one the handshake ends with alert 120.
int choose_protocol(SSL* /*session*/, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size, void* ours) {
  const auto& list = *static_cast<const std::string*>(ours);
  unsigned char* chosen = nullptr;
  const auto* mine = reinterpret_cast<const unsigned char*>(list.data());
  if (SSL_select_next_proto(&chosen, size, mine, static_cast<unsigned>(list.size()), in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

void limit(SSL_CTX* context, const Options& options) {
  if (const std::string ciphers = option(options, "ciphers"); !ciphers.empty()) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_cipher_list(context, ciphers.c_str());
  }
  if (const std::string groups = option(options, "groups"); !groups.empty()) SSL_CTX_set1_groups_list(context, groups.c_str());
  static std::string protocols;
  std::istringstream names(option(options, "alpn"));
  for (std::string name; std::getline(names, name, ',');) protocols += static_cast<char>(name.size()) + name;
  if (!protocols.empty()) SSL_CTX_set_alpn_select_cb(context, choose_protocol, &protocols);
  const std::string client = option(options, "client"), file = option(options, "client-ca");
  if (client.empty()) return;
  const std::string authorities = file.empty() ? "/opt/lab/client-root.pem" : file;
  SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr);
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(authorities.c_str()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (client == "required" ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
}

asio::ssl::context make_context(const std::string& tls, const std::string& chain, const std::string& key) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX_set_security_level(context.native_handle(), 0);  // what is too weak is for clients to say
  context.use_certificate_chain_file(chain);
  context.use_private_key_file(key, asio::ssl::context::pem);
  const bool both = tls == "both";
  SSL_CTX_set_min_proto_version(context.native_handle(), both ? TLS1_2_VERSION : version_number(tls));
  SSL_CTX_set_max_proto_version(context.native_handle(), version_number(tls));
  // Before 1.2 signatures need SHA-1, which the default level forbids.
  if (tls == "1.0" || tls == "1.1") SSL_CTX_set_cipher_list(context.native_handle(), "ALL:@SECLEVEL=0");
  return context;
}

// Gives the client the other certificate if it asked for no name.
int choose(SSL* session, int* /*alert*/, void* nameless) {
  if (SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) == nullptr) SSL_set_SSL_CTX(session, static_cast<SSL_CTX*>(nameless));
  return SSL_TLSEXT_ERR_OK;
}

asio::ssl::context make_contexts(const std::vector<std::string>& words) {
  asio::ssl::context context = make_context(words[3], words.at(5), words.at(6));
  if (words.size() > 8) {
    static asio::ssl::context nameless = make_context(words[3], words[7], words[8]);
    SSL_CTX_set_tlsext_servername_callback(context.native_handle(), choose);
    SSL_CTX_set_tlsext_servername_arg(context.native_handle(), nameless.native_handle());
  }
  return context;
}

int listen(const std::vector<std::string>& words, const Options& options) {
  const std::string& tls = words[3];
  const std::string& folder = words[4];
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::make_address(words[1]), static_cast<unsigned short>(std::stoi(words[2]))});
  asio::ssl::context context = tls == "plain" ? asio::ssl::context(asio::ssl::context::tls_server) : make_contexts(words);
  limit(context.native_handle(), options);
  std::cout << "ready " << acceptor.local_endpoint().port() << std::endl;
  for (;;) {
    tcp::socket socket(io);
    acceptor.accept(socket);
    socket.set_option(tcp::no_delay(true));  // small records, answered at once: no waiting for delayed ACKs
    std::thread([socket = std::move(socket), &context, &tls, &folder, &options]() mutable {
      try {
        serve_any(std::move(socket), context, tls, folder, options);
      } catch (const std::exception& error) {  // a client that left
        std::cerr << "tlswhy-lab-server: " << error.what() << "\n";
      }
    }).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);  // a scenario may break the machine's
  std::vector<std::string> words;
  Options options;
  for (const std::string& word : std::vector<std::string>(argv, argv + argc))
    if (word.starts_with("--"))
      options[word.substr(2, word.find('=') - 2)] = word.substr(word.find('=') + 1);
    else
      words.push_back(word);
  if (words.size() != 5 && words.size() != 7 && words.size() != 9) {
    std::cerr << "usage: tlswhy-lab-server ADDRESS PORT 1.0|1.1|1.2|1.3|both|plain FOLDER [OPTION…] [CHAIN.pem KEY.pem [CHAIN.pem KEY.pem]]\n";
    return 2;
  }
  try {
    return listen(words, options);
  } catch (const std::exception& error) {
    std::cerr << "tlswhy-lab-server: " << error.what() << "\n";
    return 1;
  }
}
