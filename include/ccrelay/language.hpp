#pragma once

// Included by every other header before it needs anything newer: what a compiler says of C++17 and
// std::span fills a screen and names nothing that helps. (201709 is what gcc 10 calls C++20.)
#if !defined(__cplusplus) || __cplusplus <= 201703L
#error "ccrelay needs C++20: add -std=c++20 (CMake: cxx_std_20, Meson: cpp_std=c++20)"
#endif
