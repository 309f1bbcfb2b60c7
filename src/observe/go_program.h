#pragma once
// A Go program's own table of functions (pclntab), which stays in stripped binaries because the runtime needs it for
// its tracebacks: src/internal/abi/symtab.go, src/debug/gosym/pclntab.go, Go 1.18 and later.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/cursor.h"
#include "elf/sparse_image.h"
#include "facts/words.h"

namespace tlswhy::observe {

// What a Go error value is.
struct GoError {
  std::optional<int> code;  // CertificateInvalidError's reason
  std::string text;         // "x509.UnknownAuthorityError"; "" when unknown
  facts::Reason reason = facts::Reason::kUnknown;
};

// What an error's type means; for CertificateInvalidError that is its reason's to say.
facts::Reason reason_of_go(std::string_view type);
// Its reason, with what it says in detail: Expired is said of certificates that are not yet valid, too.
facts::Reason reason_of_go(int invalid, std::string_view detail);

class GoProgram {
 public:
  // Reads the table out of `image`. kNotFound: not a Go program; kUnsupported: an older or unknown table; kMalformed
  // with an offset. Only the functions of tls_functions() are kept.
  static base::Result<GoProgram> read(elf::SparseImage& image);
  // The same of the bytes of the section, with the address of the first instruction of the program's Go code for
  // tables that do not say it.
  static base::Result<GoProgram> parse(bytes::View table, std::uint64_t text);

  // The address of a function as the file numbers it.
  [[nodiscard]] std::optional<std::uint64_t> function(std::string_view name) const;

  // A section of the file that may begin with type descriptors.
  void types_in(std::uint64_t address, std::uint64_t size) { type_sections_.push_back({address, size}); }

  // Names the error in an interface value of two words, by its type's name (src/internal/abi/type.go, iface.go).
  // `read` gives memory of the process; `bias` is where the program is loaded, less where the file says.
  using Reader = std::function<base::Result<std::vector<std::uint8_t>>(std::uint64_t, std::size_t)>;
  [[nodiscard]] GoError describe_error(std::uint64_t itab, std::uint64_t value, std::uint64_t bias, const Reader& read) const;

 private:
  struct Range {
    std::uint64_t address = 0, size = 0;
  };
  std::map<std::string, std::uint64_t, std::less<>> functions_;
  std::vector<Range> type_sections_;  // where type descriptors may be
};

}  // namespace tlswhy::observe
