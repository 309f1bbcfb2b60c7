# What makes a bug in reading hostile bytes harder to use, for every program that is built; tests/tidy/hardening.py reads the outcome.
# The sanitizers watch the same and do not go with _FORTIFY_SOURCE.

if(TLSWHY_SANITIZE OR TLSWHY_FUZZ OR TLSWHY_TSAN)
  return()
endif()

set(hardening -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|i.86")
  list(APPEND hardening -fcf-protection)
  add_compile_options($<$<COMPILE_LANGUAGE:ASM>:-fcf-protection>)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  list(APPEND hardening -mbranch-protection=standard)
endif()
add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:${hardening}>")
add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)
add_link_options(-Wl,-z,relro,-z,now)

include(CheckPIESupported)
check_pie_supported(LANGUAGES C CXX)
