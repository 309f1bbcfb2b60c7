#pragma once
// Reads a stopped tracee: its call, its memory, its paths. Addresses of the other process have a type of
// their own, so that one can't be dereferenced by accident (after rr's remote_ptr).

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace tlswhy::observe {

// An address in another process.
struct RemoteAddress {
  std::uint64_t value = 0;
};

// Where a tracee stopped in a system call (PTRACE_GET_SYSCALL_INFO, Linux 5.3).
struct CallStop {
  enum class At { kEntry, kExit, kOther } at = At::kOther;
  bool native = true;  // not a 32-bit call on a 64-bit kernel
  long number = -1;
  std::array<std::uint64_t, 6> arguments{};
  std::uint64_t stack = 0;  // the stack pointer
  std::int64_t result = 0;  // at kExit: the value, or -errno
};
base::Result<CallStop> call_stop(pid_t tid);

// `size` bytes at `address`; fewer when the memory ends there; the errno when nothing can be read.
base::Result<std::vector<std::uint8_t>> read_memory(pid_t tid, RemoteAddress address, std::size_t size);

// Eight bytes at `address` as a number, four as another, and eight or `size` (at most eight) of them written.
base::Result<std::uint64_t> read_word(pid_t tid, RemoteAddress address);
base::Result<std::uint32_t> read_half(pid_t tid, RemoteAddress address);
base::Result<void> write_word(pid_t tid, RemoteAddress address, std::uint64_t value, std::size_t size = sizeof(std::uint64_t));

// The memory of a process for breakpoints: text that is write-protected is written to as well (proc_pid_mem(5)). Of the
// process as it is at the first write; after an exec the writes go nowhere.
class CodeMemory {
 public:
  explicit CodeMemory(pid_t pid) : pid_(pid) {}
  // The errno when the process is gone, or nothing is mapped there.
  base::Result<void> write(RemoteAddress address, std::span<const std::uint8_t> code);

 private:
  pid_t pid_;
  base::UniqueFd file_;
};
// For one write.
base::Result<void> write_code(pid_t pid, RemoteAddress address, std::span<const std::uint8_t> code);

// The NUL-terminated string at `address`, 4096 bytes at most.
base::Result<std::string> read_string(pid_t tid, RemoteAddress address);

// The first `total` bytes behind an array of `count` iovecs (1024 at most).
base::Result<std::vector<std::uint8_t>> read_vectors(pid_t tid, RemoteAddress array, std::uint64_t count, std::size_t total);

// The iovec array and count of a msghdr, and where it is sent to (msg_name).
struct MessageVectors {
  RemoteAddress array;
  std::uint64_t count = 0;
  RemoteAddress address;
  std::uint32_t address_size = 0;  // bytes
};
base::Result<MessageVectors> read_message(pid_t tid, RemoteAddress header);

// The bytes behind the first `count` messages of an array of mmsghdr, as long as each is said to be.
base::Result<std::vector<std::uint8_t>> read_messages(pid_t tid, RemoteAddress array, std::uint64_t count);

// The signals that stop a job (signal(7)): a group-stop shows one of them.
bool stops_a_job(int signal);

// The threads of a process, as /proc lists them now.
std::vector<pid_t> threads_of(pid_t pid);

// `path` made absolute with the tracee's directory descriptor (AT_FDCWD: its working directory). Left as it is
// when /proc does not tell.
std::string absolute_path(pid_t tid, int directory, const std::string& path);

}  // namespace tlswhy::observe
