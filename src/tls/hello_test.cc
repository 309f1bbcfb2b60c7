#include <gtest/gtest.h>

#include "tests/tls_pair.h"
#include "tls/clear_text.h"
#include "tls/conversation.h"
#include "tls/hello_edit.h"
#include "tls/names.h"

namespace tlswhy::tls {
namespace {

using Octets = std::vector<std::uint8_t>;

bytes::View view(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

void put16(Octets& out, std::size_t number) {
  out.push_back(static_cast<std::uint8_t>(number >> 8));
  out.push_back(static_cast<std::uint8_t>(number));
}

void extend(Octets& out, std::uint16_t type, const Octets& body) {
  put16(out, type);
  put16(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
}

// A hello for unit.test with X25519MLKEM768 and x25519, a share for each, and two application protocols.
Octets hello() {
  Octets share;
  put16(share, 4 + 1216 + 4 + 32);
  extend(share, 0x11ec, Octets(1216));
  extend(share, 29, Octets(32));
  Octets extensions;
  extend(extensions, 0, {0, 12, 0, 0, 9, 'u', 'n', 'i', 't', '.', 't', 'e', 's', 't'});
  extend(extensions, 10, {0, 4, 0x11, 0xec, 0, 29});
  extend(extensions, 13, {0, 4, 8, 4, 4, 3});
  extend(extensions, 16, {0, 12, 2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'});
  extend(extensions, 43, {2, 3, 4});
  extend(extensions, 51, share);
  Octets body{3, 3};
  body.resize(34);
  body.insert(body.end(), {0, 0, 4, 0x13, 0x01, 0x0a, 0x0a, 1, 0});  // one suite, and a GREASE value
  put16(body, extensions.size());
  body.insert(body.end(), extensions.begin(), extensions.end());
  Octets out{22, 3, 1};
  put16(out, body.size() + 4);
  out.insert(out.end(), {1, 0});
  put16(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

TEST(Hello, SaysWhatIsOffered) {
  Conversation seen;
  seen.feed(Side::kClient, hello());
  ASSERT_TRUE(seen.is_tls());
  const ClientHello& said = *seen.client_hello();
  EXPECT_EQ(said.servername, "unit.test");
  EXPECT_EQ(said.ciphers, std::vector<std::uint16_t>{0x1301});
  EXPECT_EQ(said.groups, (std::vector<std::uint16_t>{0x11ec, 29}));
  EXPECT_EQ(said.signatures, (std::vector<std::uint16_t>{0x0804, 0x0403}));
  EXPECT_EQ(said.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_EQ(seen.hello_size(), hello().size());
  EXPECT_EQ(seen.hello_message(), hello());
}

TEST(Hello, WithoutItsLargePart) {
  const auto smaller = without(hello(), HelloPart::kLarge);
  ASSERT_TRUE(smaller);
  EXPECT_EQ(smaller->size(), hello().size() - 1216 - 4 - 2);
  Conversation seen;
  seen.feed(Side::kClient, *smaller);
  ASSERT_TRUE(seen.is_tls());
  EXPECT_EQ(seen.client_hello()->groups, std::vector<std::uint16_t>{29});
  EXPECT_EQ(seen.client_hello()->servername, "unit.test");
  EXPECT_FALSE(without(*smaller, HelloPart::kLarge));
}

TEST(Hello, WithoutNameAndProtocols) {
  const auto nameless = without(hello(), HelloPart::kServerName);
  ASSERT_TRUE(nameless);
  const auto bare = without(*nameless, HelloPart::kAlpn);
  ASSERT_TRUE(bare);
  Conversation seen;
  seen.feed(Side::kClient, *bare);
  ASSERT_TRUE(seen.is_tls());
  EXPECT_EQ(seen.client_hello()->servername, "");
  EXPECT_TRUE(seen.client_hello()->alpn.empty());
  EXPECT_FALSE(without(*bare, HelloPart::kServerName));
}

TEST(Hello, WhatIsNoneIsNotEdited) {
  const Octets whole = hello();
  for (std::size_t size = 0; size < whole.size(); size += 7) EXPECT_FALSE(without(bytes::View(whole).first(size), HelloPart::kServerName)) << size;
}

TEST(Hello, Names) {
  EXPECT_EQ(cipher_name(0x1301), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(group_name(0x11ec), "X25519MLKEM768");
  EXPECT_EQ(signature_name(0x0403), "ecdsa_secp256r1_sha256");
  EXPECT_EQ(cipher_name(0xfefe), "0xfefe");
  EXPECT_TRUE(is_post_quantum(0x11ec));
  EXPECT_FALSE(is_post_quantum(29));
}

std::string protocol_of(const std::string& text) { return name_clear_text(view(text)).protocol; }

TEST(ClearText, IsToldByItsFirstBytes) {
  EXPECT_EQ(protocol_of("HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP");
  EXPECT_EQ(protocol_of("SSH-2.0-OpenSSH_9.2\r\n"), "SSH");
  EXPECT_EQ(protocol_of("220 mail.test ESMTP Postfix\r\n"), "SMTP");
  EXPECT_EQ(protocol_of("220 (vsFTPd 3.0.3)\r\n"), "FTP");
  EXPECT_EQ(protocol_of("* OK IMAP4rev1 ready\r\n"), "IMAP");
  EXPECT_EQ(protocol_of("+OK POP3 ready\r\n"), "POP3");
  EXPECT_EQ(protocol_of("<?xml version='1.0'?><stream:stream>"), "XMPP");
  EXPECT_EQ(protocol_of(std::string("\x4a\0\0\0\x0a", 5) + "8.0.36"), "MySQL");
  EXPECT_EQ(protocol_of(std::string("E\0\0\0\x20SFATAL\0C08P01", 18)), "PostgreSQL");
  EXPECT_EQ(protocol_of(std::string("\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x02\x04\0\x04\0", 14)), "LDAP");
  EXPECT_EQ(protocol_of(std::string("\0\0\x12\x04\0\0\0\0\0", 9)), "HTTP/2");
  EXPECT_EQ(protocol_of("what is this"), "");
  EXPECT_EQ(name_clear_text(view("SSH-2.0-x\r\nmore")).text, "SSH-2.0-x");
}

TEST(ClearText, AnsweredToAHello) {
  Conversation seen;
  seen.feed(Side::kClient, hello());
  seen.feed(Side::kServer, view("HTTP/1.1 400 Bad Request\r\n"));
  ASSERT_TRUE(seen.clear_answer());
  EXPECT_EQ(seen.clear_answer()->protocol, "HTTP");
  EXPECT_EQ(seen.clear_answer()->text, "HTTP/1.1 400 Bad Request");
}

TEST(ClearText, AGreetingThatTheClientDidNotWaitFor) {
  Conversation seen;
  seen.feed(Side::kServer, view("220 mail.test ESMTP\r\n"));
  seen.feed(Side::kClient, hello());
  ASSERT_TRUE(seen.clear_answer());
  EXPECT_EQ(seen.clear_answer()->protocol, "SMTP");
}

TEST(ClearText, ADialogueBeforeTlsIsNone) {
  Conversation seen;
  seen.feed(Side::kServer, view("220 mail.test ESMTP\r\n"));
  seen.feed(Side::kClient, view("STARTTLS\r\n"));
  seen.feed(Side::kServer, view("220 go ahead\r\n"));
  seen.feed(Side::kClient, hello());
  EXPECT_FALSE(seen.clear_answer());
}

TEST(ClearText, ARefusalToBeginTls) {
  Conversation proxy;
  proxy.feed(Side::kClient, view("CONNECT x.test:443 HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(proxy.clear_answer());
  proxy.feed(Side::kServer, view("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
  ASSERT_TRUE(proxy.clear_answer());
  EXPECT_EQ(proxy.clear_answer()->text, "HTTP/1.1 407 Proxy Authentication Required");
  Conversation granted;
  granted.feed(Side::kClient, view("CONNECT x.test:443 HTTP/1.1\r\n\r\n"));
  granted.feed(Side::kServer, view("HTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_FALSE(granted.clear_answer());
  Conversation mail;
  mail.feed(Side::kServer, view("220 mail.test ESMTP\r\n"));
  mail.feed(Side::kClient, view("EHLO x\r\n"));
  mail.feed(Side::kServer, view("250 mail.test\r\n"));
  EXPECT_FALSE(mail.clear_answer());
  mail.feed(Side::kClient, view("STARTTLS\r\n"));
  mail.feed(Side::kServer, view("454 TLS not available\r\n"));
  EXPECT_TRUE(mail.clear_answer());
}

TEST(CertificateRequest, OfBothVersions) {
  const Octets name{0x30, 2, 5, 0};
  Octets old{1, 64, 0, 2, 4, 3, 0, 6, 0, 4};
  old.insert(old.end(), name.begin(), name.end());
  const auto authorities = parse_certificate_request(old, false);
  ASSERT_TRUE(authorities);
  EXPECT_EQ(*authorities, Authorities{name});
  Octets now{0, 0, 12, 0, 47, 0, 8, 0, 6, 0, 4};
  now.insert(now.end(), name.begin(), name.end());
  now[2] = static_cast<std::uint8_t>(now.size() - 3);
  const auto again = parse_certificate_request(now, true);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, Authorities{name});
}

TEST(CertificateRequest, AnEmptyAnswerIsToldByItsSize) {
  Conversation seen = test::converse({.version = 0x0304, .client_answers = false, .suites = "TLS_AES_256_GCM_SHA384"});
  for (const std::uint16_t size : {std::uint16_t{25}, std::uint16_t{69}}) {
    Octets record{23, 3, 3};
    put16(record, size);
    record.resize(record.size() + size);
    seen.feed(Side::kClient, record);
  }
  EXPECT_TRUE(seen.client_was_asked());
  EXPECT_TRUE(seen.client_sent_no_certificate());
}

}  // namespace
}  // namespace tlswhy::tls
