#include "base/http_get.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>

#include "base/text.h"

namespace tlswhy::base {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;

constexpr std::chrono::seconds kDeadline{5};
constexpr std::string_view kScheme = "http://";

struct Place {
  std::string host, port, path;
};

Place split_url(const std::string& url) {
  const std::string rest = url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string host = rest.substr(0, slash), port = "80";
  if (const std::size_t colon = host.rfind(':'); colon != std::string::npos && host.find(']', colon) == std::string::npos) {
    port = host.substr(colon + 1);
    host.resize(colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, port, slash < rest.size() ? rest.substr(slash) : "/"};
}

// Each step has the same deadline; with a timer the stream's calls end by it only while they are asynchronous.
template <typename Start>
boost::system::error_code run_step(asio::io_context& context, Start start) {
  boost::system::error_code out = asio::error::timed_out;
  start([&](const boost::system::error_code& error, auto&&...) { out = error; });
  context.restart();
  context.run_for(kDeadline);
  return out;
}

}  // namespace

Result<std::vector<std::uint8_t>> http_get(const std::string& url, std::size_t limit) {
  if (!url.starts_with(kScheme)) return fail(Code::kUsage, "not an http address", printable(url));
  const Place place = split_url(url);
  asio::io_context context;
  Tcp::resolver resolver(context);
  boost::system::error_code error;
  const auto found = resolver.resolve(place.host, place.port, error);
  const auto failed = [&](Code code) { return fail(code, printable(error.message()), printable(url)); };
  if (error) return failed(Code::kNotFound);
  beast::tcp_stream stream(context);
  stream.expires_after(kDeadline);
  error = run_step(context, [&](auto done) { stream.async_connect(found, done); });
  if (error) return failed(Code::kTimeout);
  http::request<http::empty_body> request(http::verb::get, place.path, 11);
  request.set(http::field::host, place.host);
  error = run_step(context, [&](auto done) { http::async_write(stream, request, done); });
  if (error) return failed(Code::kTimeout);
  beast::flat_buffer buffer(limit + 8192);
  http::response_parser<http::vector_body<std::uint8_t>> parser;
  parser.body_limit(limit);
  error = run_step(context, [&](auto done) { http::async_read(stream, buffer, parser, done); });
  if (error == http::error::body_limit) return failed(Code::kLimit);
  if (error && error != http::error::end_of_stream) return failed(error == asio::error::timed_out ? Code::kTimeout : Code::kMalformed);
  if (parser.get().result() != http::status::ok) return fail(Code::kNotFound, "the address gives another answer", printable(url));
  return std::move(parser.get().body());
}

}  // namespace tlswhy::base
