#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace tlswhy::base {

const char* code_name(Code code) {
  switch (code) {
    case Code::kNotFound: return "not_found";
    case Code::kDenied: return "denied";
    case Code::kMalformed: return "malformed";
    case Code::kUnsupported: return "unsupported";
    case Code::kLimit: return "limit";
    case Code::kSystem: return "system";
    case Code::kTimeout: return "timeout";
    case Code::kUsage: return "usage";
  }
  return "system";
}

std::string Error::text() const {
  if (place.empty()) return message;
  return place + ": " + message;
}

std::unexpected<Error> fail(Code code, std::string message, std::string place) {
  return std::unexpected(Error{code, std::move(message), std::move(place), 0});
}

namespace {

Code code_of_errno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH: return Code::kNotFound;
    case EACCES:
    case EPERM: return Code::kDenied;
    case ETIMEDOUT: return Code::kTimeout;
    default: return Code::kSystem;
  }
}

}  // namespace

std::unexpected<Error> fail_errno(int error, std::string message, std::string place) {
  message += " (" + errno_name(error) + ")";
  return std::unexpected(Error{code_of_errno(error), std::move(message), std::move(place), error});
}

std::string errno_name(int error) {
  if (error == 0) return "0";
  const char* name = strerrorname_np(error);  // glibc 2.32
  return name != nullptr ? name : "errno " + std::to_string(error);
}

}  // namespace tlswhy::base
