#include "store/keystore.h"

#include "x509/pkcs12.h"

namespace tlswhy::store {
namespace {

using base::Result;

constexpr std::uint32_t kMagic = 0xfeedfeed, kKey = 1, kTrusted = 2, kMaxEntries = 100'000;

Result<std::uint32_t> u32(bytes::Cursor& in) {
  TRY(high, in.u16_be());
  TRY(low, in.u16_be());
  return std::uint32_t{high} << 16 | low;
}

// DataOutputStream.writeUTF: a length and the text.
Result<bytes::View> text(bytes::Cursor& in) {
  TRY(size, in.u16_be());
  return in.take(size);
}

Result<bytes::View> block(bytes::Cursor& in) {
  TRY(size, u32(in));
  return in.take(size);
}

Result<bytes::View> certificate(bytes::Cursor& in, std::uint32_t version) {
  if (version == 2) {
    TRY(type, text(in));
    (void)type;
  }
  return block(in);
}

// JavaKeyStore.engineLoad: alias and date, then a certificate, or a sealed key
// and its chain.
Result<void> entry(bytes::Cursor& in, std::uint32_t version, std::vector<x509::Certificate>& out) {
  TRY(tag, u32(in));
  if (tag != kKey && tag != kTrusted) return base::fail(base::Code::kMalformed, "unknown entry", in.place());
  TRY(alias, text(in));
  TRY(date, in.take(8));
  (void)alias, (void)date;
  std::uint32_t certificates = 1;
  if (tag == kKey) {
    TRY(key, block(in));
    (void)key;
    TRY(count, u32(in));
    certificates = count;
  }
  for (std::uint32_t i = 0; i < certificates; ++i) {
    TRY(der, certificate(in, version));
    if (i > 0) continue;
    TRY(one, x509::Certificate::parse(der));
    out.push_back(std::move(one));
  }
  return {};
}

}  // namespace

Result<std::vector<x509::Certificate>> read_keystore(bytes::View data, const std::string& password) {
  bytes::Cursor in(data, "keystore");
  const auto magic = u32(in);
  if (!magic || *magic != kMagic) return x509::read_pkcs12(data, password);
  TRY(version, u32(in));
  TRY(count, u32(in));
  if (version != 1 && version != 2) return base::fail(base::Code::kUnsupported, "unknown version of JKS", in.place());
  std::vector<x509::Certificate> out;
  for (std::uint32_t i = 0; i < count && i < kMaxEntries; ++i) TRY_VOID(entry(in, version, out));
  return out;
}

}  // namespace tlswhy::store
