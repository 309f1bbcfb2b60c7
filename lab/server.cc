// The lab's server: HTTP and WebSocket echo, over TLS with a chosen protocol version or in clear text.
//
//   tlswhy-lab-server ADDRESS PORT TLS|plain FOLDER [CHAIN.pem KEY.pem [CHAIN.pem KEY.pem]]
//
// TLS: 1.2, 1.3 or both. The second pair is for clients that send no name (SNI).
// A page that lies in FOLDER is served from there, every other is a greeting. Prints "ready" when it listens. One thread
// per connection: a lab has few.

#include <openssl/crypto.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

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
    http::response<http::string_body> response(http::status::ok, request.version(), page(folder, std::string(request.target())));
    response.keep_alive(request.keep_alive());
    response.prepare_payload();
    http::write(stream, response, error);
    if (error || !response.keep_alive()) return;
  }
}

void serve_tls(tcp::socket socket, asio::ssl::context& context, const std::string& folder) {
  beast::ssl_stream<tcp::socket> stream(std::move(socket), context);
  beast::error_code error;
  stream.handshake(asio::ssl::stream_base::server, error);
  if (error) return;
  serve(stream, folder);
  // Without a close_notify some clients report an error of their own.
  stream.shutdown(error);
}

asio::ssl::context make_context(const std::string& tls, const std::string& chain, const std::string& key) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  SSL_CTX_set_security_level(context.native_handle(), 0);  // what is too weak is for clients to say
  context.use_certificate_chain_file(chain);
  context.use_private_key_file(key, asio::ssl::context::pem);
  SSL_CTX_set_min_proto_version(context.native_handle(), tls == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.native_handle(), tls == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION);
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

int listen(const std::vector<std::string>& words) {
  const std::string& tls = words[3];
  const std::string& folder = words[4];
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::make_address(words[1]), static_cast<unsigned short>(std::stoi(words[2]))});
  asio::ssl::context context = tls == "plain" ? asio::ssl::context(asio::ssl::context::tls_server) : make_contexts(words);
  std::cout << "ready " << acceptor.local_endpoint().port() << std::endl;
  for (;;) {
    tcp::socket socket(io);
    acceptor.accept(socket);
    socket.set_option(tcp::no_delay(true));  // small records, answered at once: no waiting for delayed ACKs
    std::thread([socket = std::move(socket), &context, &tls, &folder]() mutable {
      if (tls == "plain")
        serve(socket, folder);
      else
        serve_tls(std::move(socket), context, folder);
    }).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);  // a scenario may break the machine's
  if (argc != 5 && argc != 7 && argc != 9) {
    std::cerr << "usage: tlswhy-lab-server ADDRESS PORT 1.2|1.3|both|plain FOLDER [CHAIN.pem KEY.pem [CHAIN.pem KEY.pem]]\n";
    return 2;
  }
  try {
    return listen({argv, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "tlswhy-lab-server: " << error.what() << "\n";
    return 1;
  }
}
