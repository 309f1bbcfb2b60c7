// make_public_roots FOLDER: writes the rows of public_roots.cc, one for each certificate in the folder (Debian's package ca-certificates has
// Mozilla's list there, a file a root). The first row has the date of the newest file. Without the folder there are no others.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/time.h"
#include "x509/certificate.h"

namespace {

namespace fs = std::filesystem;

// The base64 between the lines of the one block.
std::string body_of(const fs::path& path) {
  std::ifstream in(path);
  std::string out;
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with("-----")) out += line + "\n";
  return out;
}

std::int64_t modified(const fs::path& path) {
  std::error_code ignored;
  const auto time = std::chrono::file_clock::to_sys(fs::last_write_time(path, ignored));
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string literal(std::string_view text) {
  std::string out;
  for (const char each : text) out += each == '"' || each == '\\' ? std::string("\\") + each : std::string(1, each);
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  std::int64_t newest = 0;
  std::vector<std::string> rows;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(count > 1 ? arguments[1] : "", error)) {
    const auto der = tlswhy::x509::decode_base64(body_of(entry.path()));
    const auto certificate = der ? tlswhy::x509::Certificate::parse(*der) : std::unexpected(der.error());
    if (!certificate) continue;
    newest = std::max(newest, modified(entry.path()));
    rows.push_back(fmt::format("    {{\"{}\", \"{}\"}},\n", certificate->sha256(), literal(certificate->subject())));
  }
  std::ranges::sort(rows);
  fmt::print("    {{\"\", \"{}\"}},\n", tlswhy::base::time_text(newest).substr(0, 10));
  for (const std::string& row : rows) fmt::print("{}", row);
  return 0;
}
