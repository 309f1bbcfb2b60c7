# The headers that nearly every file includes, read once instead of once per file: a third of the time to compile. Only the preset
# `dev` has them. The others compile each file with its own includes, so that one that is missing is seen (`make test` builds `asan`).
#
#   precompile(TARGET…)       the standard library and fmt
#   precompile_tests(TARGET)  GoogleTest as well

option(TLSWHY_PCH "Precompiled headers" OFF)
set(common_headers <fmt/format.h> <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string> <string_view>
  <unordered_map> <utility> <variant> <vector>)

function(precompile)
  if(NOT TLSWHY_PCH)
    return()
  endif()
  if(NOT TARGET tlswhy_pch)
    add_library(tlswhy_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/empty.cc)
    target_link_libraries(tlswhy_pch PRIVATE tlswhy_flags tlswhy_fmt)
    target_precompile_headers(tlswhy_pch PRIVATE ${common_headers})
  endif()
  foreach(target ${ARGN})
    target_precompile_headers(${target} REUSE_FROM tlswhy_pch)
  endforeach()
endfunction()

function(precompile_tests target)
  if(TLSWHY_PCH)
    target_precompile_headers(${target} PRIVATE ${common_headers} <gtest/gtest.h>)
  endif()
endfunction()
