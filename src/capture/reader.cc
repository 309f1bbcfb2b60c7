#include "capture/reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pcap/pcap.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "capture/secrets_blocks.h"

namespace tlswhy::capture {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kBuffer = 1U << 20;

// The stream that libpcap reads: passes the bytes on, past the follower of secrets.
struct Source {
  base::UniqueFd fd;
  SecretsBlocks secrets;
};

ssize_t read_source(void* cookie, char* buffer, std::size_t size) {
  auto& source = *static_cast<Source*>(cookie);
  ssize_t got = 0;
  while ((got = ::read(source.fd.get(), buffer, size)) < 0 && errno == EINTR) {
  }
  if (got > 0) source.secrets.feed({reinterpret_cast<const std::uint8_t*>(buffer), static_cast<std::size_t>(got)});
  return got;
}

using Handle = std::unique_ptr<pcap_t, decltype(&pcap_close)>;

}  // namespace

Result<ReadResult> read_capture(const std::string& path, Flows& flows, tls::KeyLog& keys) {
  const std::string place = path == "-" ? "standard input" : path;
  Source source{base::UniqueFd(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
                SecretsBlocks(keys)};
  if (!source.fd.valid()) return base::fail_errno(errno, "can't open", place);
  std::vector<char> buffer(kBuffer);
  std::FILE* stream = ::fopencookie(&source, "r", {read_source, nullptr, nullptr, nullptr});
  if (stream == nullptr) return base::fail_errno(errno, "can't read", place);
  std::setvbuf(stream, buffer.data(), _IOFBF, buffer.size());
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  pcap_t* opened = pcap_fopen_offline(stream, why.data());
  if (opened == nullptr) {
    std::fclose(stream);
    return fail(Code::kMalformed, why.data(), place);
  }
  const Handle handle(opened, pcap_close);  // closes the stream as well
  const int link_type = pcap_datalink(opened);
  if (!knows_link_type(link_type)) {
    const char* name = pcap_datalink_val_to_name(link_type);
    return fail(Code::kUnsupported, fmt::format("link type {} is not read", name != nullptr ? name : std::to_string(link_type)), place);
  }
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  int status = 0;
  std::uint64_t cut = 0;
  while ((status = pcap_next_ex(opened, &header, &data)) == 1) {
    flows.frame(link_type, {data, header->caplen}, header->ts.tv_sec);
    cut += header->caplen < header->len ? 1 : 0;
  }
  flows.finish();
  return ReadResult{flows.packets(), cut, pcap_snapshot(opened), status == PCAP_ERROR ? pcap_geterr(opened) : ""};
}

}  // namespace tlswhy::capture
