#include "prove/helper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "bytes/cursor.h"
#include "prove/library_answer.h"
#include "prove/library_api.h"
#include "prove/private_view.h"
#include "prove/sandbox.h"

namespace tlswhy::prove {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;

namespace {

using Chain = std::vector<std::vector<std::uint8_t>>;

constexpr int kSslCtrlSetHostname = 55;  // SSL_CTRL_SET_TLSEXT_HOSTNAME, ssl.h
constexpr int kSslVerifyPeer = 1;

unsigned number(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<void> become(const std::string& user) {
  if (user.empty() || ::geteuid() != 0) return {};
  const auto parts = base::split(user, ':');
  if (parts.size() != 3) return fail(Code::kUsage, "not a user");
  std::vector<gid_t> groups;
  for (const std::string& group : base::split(parts[2], ','))
    if (!group.empty()) groups.push_back(number(group));
  const uid_t uid = number(parts[0]);
  const gid_t gid = number(parts[1]);
  if (uid == 0) return {};
  if (::setgroups(groups.size(), groups.data()) != 0 || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0)
    return fail_errno(errno, "can't become the user of the process");
  return {};
}

std::string read_all(int fd) {
  std::string out;
  std::array<char, 65536> piece{};
  ::lseek(fd, 0, SEEK_SET);
  for (ssize_t got = 0; (got = ::read(fd, piece.data(), piece.size())) > 0;) out.append(piece.data(), static_cast<std::size_t>(got));
  return out;
}

Result<void> take_place(const HelperRequest& request) {
  if (request.mount_namespace >= 0 && ::setns(request.mount_namespace, CLONE_NEWNS) != 0)
    return fail_errno(errno, "can't enter the mount namespace of the process");
  if (request.root >= 0 && (::fchdir(request.root) != 0 || ::chroot(".") != 0))
    return fail_errno(errno, "can't enter the root directory of the process");
  TRY(edits, unpack_edits(read_all(request.edits)));
  TRY_VOID(apply_privately(edits));
  return become(request.user);
}

void set_environment(int fd) {
  ::clearenv();
  for (const std::string& entry : base::split(read_all(fd), '\0')) {
    const std::size_t equals = entry.find('=');
    // The loader's variables are about which library is picked; that is settled here.
    if (equals == std::string::npos || entry.starts_with("LD_")) continue;
    ::setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
  }
}

Result<Chain> read_chain(int fd) {
  const std::string bytes = read_all(fd);
  bytes::Cursor cursor({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "chain");
  Chain out;
  while (!cursor.empty()) {
    TRY(high, cursor.u8());
    TRY(size, cursor.u24_be());
    TRY(der, cursor.take(std::uint64_t{high} << 24 | size));
    out.emplace_back(der.begin(), der.end());
  }
  return out;
}

// What is asked beside the chain: more anchors, a name, a time.
struct Terms {
  Chain anchors;
  std::string name, time;
  std::string switches;
  [[nodiscard]] bool has(char letter) const { return switches.find(letter) != std::string::npos; }
};

Result<void*> certificate(const CryptoApi& api, const std::vector<std::uint8_t>& der) {
  const unsigned char* at = der.data();
  void* out = api.d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  if (out == nullptr) return fail(Code::kMalformed, "the library can't read a certificate of the chain");
  return out;
}

// An anchor that is no root ends a chain only with X509_V_FLAG_PARTIAL_CHAIN (x509_vfy.h).
Result<void> set_terms(const CryptoApi& api, const Terms& terms, void* store, void* param) {
  constexpr unsigned long kPartialChain = 0x80000;
  for (const auto& der : terms.anchors) {
    TRY(anchor, certificate(api, der));
    api.X509_STORE_add_cert(store, anchor);
  }
  constexpr unsigned long kCrlCheck = 0x4, kStrict = 0x20;
  if (terms.has('p')) api.X509_VERIFY_PARAM_set_flags(param, kPartialChain);
  if (terms.has('s')) api.X509_VERIFY_PARAM_set_flags(param, kStrict);
  if (terms.has('r')) api.X509_VERIFY_PARAM_set_flags(param, kCrlCheck);
  constexpr int kDebiansLevel = 2;
  if (terms.has('w') && api.X509_VERIFY_PARAM_set_auth_level != nullptr) api.X509_VERIFY_PARAM_set_auth_level(param, kDebiansLevel);
  constexpr unsigned long kNoCheckTime = 0x200000;  // X509_V_FLAG_NO_CHECK_TIME
  if (terms.time == "unchecked")
    api.X509_VERIFY_PARAM_set_flags(param, kNoCheckTime);
  else if (!terms.time.empty())
    api.X509_VERIFY_PARAM_set_time(param, static_cast<std::time_t>(std::strtoll(terms.time.c_str(), nullptr, 10)));
  // An address is no host name: it has to stand among the addresses of the leaf.
  if (!terms.name.empty() && api.X509_VERIFY_PARAM_set1_ip_asc(param, terms.name.c_str()) != 1)
    api.X509_VERIFY_PARAM_set1_host(param, terms.name.c_str(), terms.name.size());
  return {};
}

LibraryAnswer answer_of(const CryptoApi& api, bool ok, int code) {
  LibraryAnswer out;
  out.ok = ok;
  out.code = code;
  const char* text = api.X509_verify_cert_error_string(code);
  out.text = text != nullptr ? text : "";
  return out;
}

Result<LibraryAnswer> verify_here(const CryptoApi& api, const Chain& chain, const Terms& terms) {
  void* untrusted = api.sk_new_null();
  void* leaf = nullptr;
  for (const auto& der : chain) {
    TRY(parsed, certificate(api, der));
    if (leaf == nullptr)
      leaf = parsed;
    else
      api.sk_push(untrusted, parsed);
  }
  void* store = api.X509_STORE_new();
  if (terms.has('d')) api.X509_STORE_set_default_paths(store);
  void* context = api.X509_STORE_CTX_new();
  if (leaf == nullptr || context == nullptr || api.X509_STORE_CTX_init(context, store, leaf, untrusted) != 1)
    return fail(Code::kSystem, "the library can't start a verification");
  if (terms.has('u')) api.X509_STORE_CTX_set_default(context, "ssl_server");
  TRY_VOID(set_terms(api, terms, store, api.X509_STORE_CTX_get0_param(context)));
  const bool ok = api.X509_verify_cert(context) == 1;
  LibraryAnswer answer = answer_of(api, ok, api.X509_STORE_CTX_get_error(context));
  answer.depth = api.X509_STORE_CTX_get_error_depth(context);
  return answer;
}

LibraryAnswer start_here(const CryptoApi& crypto, const SslApi& ssl) {
  LibraryAnswer answer;
  answer.ok = ssl.SSL_CTX_new(ssl.TLS_client_method()) != nullptr;
  if (answer.ok) return answer_of(crypto, true, 0);
  const char* text = crypto.ERR_reason_error_string(crypto.ERR_peek_last_error());
  answer.text = text != nullptr ? text : "the library can't make a context";
  return answer;
}

Result<LibraryAnswer> handshake_here(const CryptoApi& crypto, const SslApi& ssl, const HelperRequest& request, const Terms& terms) {
  void* context = ssl.SSL_CTX_new(ssl.TLS_client_method());
  if (context == nullptr) return fail(Code::kSystem, "the library can't make a context");
  if (terms.has('d')) ssl.SSL_CTX_set_default_verify_paths(context);
  ssl.SSL_CTX_set_verify(context, kSslVerifyPeer, nullptr);
  void* session = ssl.SSL_new(context);
  if (session == nullptr || ssl.SSL_set_fd(session, request.socket) != 1) return fail(Code::kSystem, "the library can't make a session");
  if (!request.servername.empty()) ssl.SSL_ctrl(session, kSslCtrlSetHostname, 0, const_cast<char*>(request.servername.c_str()));
  TRY_VOID(set_terms(crypto, terms, ssl.SSL_CTX_get_cert_store(context), ssl.SSL_get0_param(session)));
  const bool ok = ssl.SSL_connect(session) == 1;
  LibraryAnswer answer = answer_of(crypto, ok, static_cast<int>(ssl.SSL_get_verify_result(session)));
  if (!ok && answer.code == 0) answer.text = "the handshake failed for another reason";
  return answer;
}

}  // namespace

Result<LibraryAnswer> answer_request(const HelperRequest& request) {
  TRY_VOID(take_place(request));
  set_environment(request.environment);
  TRY(chain, read_chain(request.chain));
  TRY(anchors, read_chain(request.anchors));
  const Terms terms{anchors, request.name, request.time, request.terms};
  TRY_VOID(enter_sandbox());
  TRY(crypto, load_crypto(request.crypto));
  const bool only_start = request.terms.find('b') != std::string::npos;
  if (request.socket < 0 && !only_start) return verify_here(crypto, chain, terms);
  TRY(ssl, load_ssl(request.ssl));
  if (only_start) return start_here(crypto, ssl);
  return handshake_here(crypto, ssl, request, terms);
}

std::vector<std::string> to_arguments(const HelperRequest& request) {
  std::vector<std::string> out;
  for (const int fd : {request.crypto, request.ssl, request.chain, request.environment, request.socket, request.root, request.mount_namespace,
                       request.edits, request.anchors})
    out.push_back(std::to_string(fd));
  for (const std::string* word : {&request.servername, &request.name, &request.time, &request.terms, &request.user}) out.push_back(*word);
  return out;
}

Result<HelperRequest> from_arguments(const std::vector<std::string>& arguments) {
  HelperRequest out;
  const std::array fields{&out.crypto,          &out.ssl,   &out.chain,  &out.environment, &out.socket, &out.root,
                          &out.mount_namespace, &out.edits, &out.anchors};
  const std::array words{&out.servername, &out.name, &out.time, &out.terms, &out.user};
  if (arguments.size() != fields.size() + words.size()) return fail(Code::kUsage, "this program is run by tlswhy, not by hand");
  for (std::size_t i = 0; i < fields.size(); ++i) std::from_chars(arguments[i].data(), arguments[i].data() + arguments[i].size(), *fields[i]);
  for (std::size_t i = 0; i < words.size(); ++i) *words[i] = arguments[fields.size() + i];
  return out;
}

std::string encode(const Result<LibraryAnswer>& answer) {
  if (!answer) return fmt::format("error {}", answer.error().message);
  return fmt::format("answer {} {} {} {}", answer->ok ? 1 : 0, answer->code, answer->depth, answer->text);
}

Result<LibraryAnswer> decode(const std::string& line) {
  const auto words = base::split(line, ' ');
  if (words[0] == "error") return fail(Code::kUnsupported, base::printable(line.substr(std::min<std::size_t>(line.size(), 6)), 400));
  if (words.size() < 5 || words[0] != "answer") return fail(Code::kTimeout, "the library gave no answer in the sandbox");
  LibraryAnswer answer;
  answer.ok = words[1] == "1";
  std::from_chars(words[2].data(), words[2].data() + words[2].size(), answer.code);
  std::from_chars(words[3].data(), words[3].data() + words[3].size(), answer.depth);
  answer.text = base::printable(line.substr(words[0].size() + words[1].size() + words[2].size() + words[3].size() + 4), 200);
  return answer;
}

}  // namespace tlswhy::prove
