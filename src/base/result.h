#pragma once
// The one result type. Expected failures travel as values; nothing of ours throws.

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace tlswhy::base {

// What kind of failure it was. The words are stable: they appear in JSON and in exit decisions.
enum class Code {
  kNotFound,     // the file, process or symbol is not there
  kDenied,       // the kernel refused (EACCES, EPERM)
  kMalformed,    // bytes that break their format's rules
  kUnsupported,  // well formed, but a kind this program does not read
  kLimit,        // larger or deeper than the stated bound
  kSystem,       // any other errno
  kTimeout,
  kUsage,
};

// The stable word for `code`, e.g. "malformed".
const char* code_name(Code code);

// A failure of this tool to see something; never a statement about the inspected world.
struct Error {
  Code code = Code::kSystem;
  std::string message;  // one sentence, lower case, no final stop
  std::string place;    // file and offset, pid and call, certificate index; may be empty
  int sys_errno = 0;    // errno where the kernel gave one

  // "place: message", or the message alone.
  [[nodiscard]] std::string text() const;
};

template <typename T>
using Result = std::expected<T, Error>;

// Builds the unexpected value for a Result.
[[nodiscard]] std::unexpected<Error> fail(Code code, std::string message, std::string place = {});

// Builds the unexpected value for an errno; the code follows the errno (ENOENT → kNotFound, EACCES → kDenied).
[[nodiscard]] std::unexpected<Error> fail_errno(int error, std::string message, std::string place = {});

// The symbolic name of an errno ("ENOENT"); "0" for none.
std::string errno_name(int error);

}  // namespace tlswhy::base

// Gives back the error of `expression` to the caller, otherwise binds its value to `name`.
#define TRY(name, expression)                                           \
  auto name##_or = (expression);                                        \
  if (!name##_or) return std::unexpected(std::move(name##_or).error()); \
  auto name = std::move(*name##_or)

// The same for a Result<void>.
#define TRY_VOID(expression)                                                                          \
  do {                                                                                                \
    if (auto try_void = (expression); !try_void) return std::unexpected(std::move(try_void).error()); \
  } while (false)
