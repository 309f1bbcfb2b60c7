#pragma once
// Registered names of the numbers in hellos (IANA TLS Parameters): cipher suites, groups, signature algorithms. Only the common ones.

#include <cstdint>
#include <string>
#include <vector>

namespace tlswhy::tls {

// "TLS_AES_128_GCM_SHA256", "X25519MLKEM768", "ecdsa_secp256r1_sha256"; "0x1234" for what is in no table.
std::string cipher_name(std::uint16_t number);
std::string group_name(std::uint16_t number);
std::string signature_name(std::uint16_t number);

// A key share of these is longer than a thousand bytes, so that the ClientHello takes more than one segment.
bool is_post_quantum(std::uint16_t group);

}  // namespace tlswhy::tls
