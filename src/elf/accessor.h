#pragma once
// Reads the value of a trivial accessor function out of its machine code, without running it.
// OpenSSL's X509_get_default_cert_dir() and its sisters return a literal (crypto/x509/x509_def.c) and
// compile to "lea rax, [rip+x]; ret" on x86-64 and "adrp x0, p; add x0, x0, o; ret" on AArch64.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "elf/elf_file.h"

namespace tlswhy::elf {

// The string that the exported function `name` returns. kNotFound: no such symbol; kUnsupported: the code
// is not of the trivial form (a patched library that decides at run time); kMalformed: bad addresses.
base::Result<std::string> decode_string_accessor(const ElfFile& file, std::string_view name);

// The number that it returns: PQlibVersion() is "mov eax, 150013; ret". Errors as above.
base::Result<std::uint64_t> decode_number_accessor(const ElfFile& file, std::string_view name);

// Where in its first argument the function `name` reads what it returns: X509_STORE_CTX_get_error() is
// "mov eax, [rdi+x]; ret", "ldr w0, [x0, x]; ret" on AArch64 (crypto/x509/x509_vfy.c). A test for a null argument and
// the clearing of registers (-fzero-call-used-regs) are passed over. Errors as above.
base::Result<std::uint32_t> decode_field_getter(const ElfFile& file, std::string_view name);
// The same for a symbol that was found already.
base::Result<std::uint32_t> decode_field_getter(const ElfFile& file, const Symbol& symbol);

// Where in its first argument a function has what it passes on as first argument, in its first steps: X509_STORE_CTX_get_ex_data() is
// "add rdi, x; jmp CRYPTO_get_ex_data", "add x0, x0, x; b …" on AArch64.
base::Result<std::uint32_t> decode_inner_field(const ElfFile& file, const Symbol& symbol);

}  // namespace tlswhy::elf
