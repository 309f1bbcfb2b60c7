#include "elf/listing.h"

#include <utility>

#include "base/late_library.h"

namespace tlswhy::elf {
namespace {

struct Capstone {
  base::LateLibrary library{TLSWHY_CAPSTONE};
  decltype(::cs_open)* open = library.function<decltype(::cs_open)>("cs_open");
  decltype(::cs_option)* option = library.function<decltype(::cs_option)>("cs_option");
  decltype(::cs_disasm)* disassemble = library.function<decltype(::cs_disasm)>("cs_disasm");
  decltype(::cs_free)* free = library.function<decltype(::cs_free)>("cs_free");
  decltype(::cs_close)* close = library.function<decltype(::cs_close)>("cs_close");
};

const Capstone& capstone() {
  static const Capstone kLoaded;
  return kLoaded;
}

}  // namespace

Listing::Listing(Machine machine, bytes::View code, std::uint64_t address, std::size_t most) {
  const bool x86 = machine == Machine::kX86_64;
  if (!capstone().library.check()) return;
  if (capstone().open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_ARM, &handle_) != CS_ERR_OK) return;
  open_ = true;
  capstone().option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
  count_ = capstone().disassemble(handle_, code.data(), code.size(), address, most, &list_);
}

Listing::Listing(Listing&& other) noexcept
    : handle_(other.handle_),
      open_(std::exchange(other.open_, false)),
      list_(std::exchange(other.list_, nullptr)),
      count_(std::exchange(other.count_, 0)) {}

Listing::~Listing() {
  if (list_ != nullptr) capstone().free(list_, count_);
  if (open_) capstone().close(&handle_);
}

}  // namespace tlswhy::elf
