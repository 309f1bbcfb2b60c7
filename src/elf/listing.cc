#include "elf/listing.h"

#include <utility>

namespace tlswhy::elf {

Listing::Listing(Machine machine, bytes::View code, std::uint64_t address, std::size_t most) {
  const bool x86 = machine == Machine::kX86_64;
  if (cs_open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_ARM, &handle_) != CS_ERR_OK) return;
  open_ = true;
  cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
  count_ = cs_disasm(handle_, code.data(), code.size(), address, most, &list_);
}

Listing::Listing(Listing&& other) noexcept
    : handle_(other.handle_),
      open_(std::exchange(other.open_, false)),
      list_(std::exchange(other.list_, nullptr)),
      count_(std::exchange(other.count_, 0)) {}

Listing::~Listing() {
  if (list_ != nullptr) cs_free(list_, count_);
  if (open_) cs_close(&handle_);
}

}  // namespace tlswhy::elf
