#pragma once

#include <initializer_list>
#include <string>

/// What a text shows, told so that a test that fails says what was missing and where.
namespace ccrelay::app::top {

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Empty when all are in it.
inline std::string lacking(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    if (!has(text, part)) return std::string(part) + "\nis not in:\n" + text;
  }
  return {};
}

/// Empty when none is in it.
inline std::string holding(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    if (has(text, part)) return std::string(part) + "\nis in:\n" + text;
  }
  return {};
}

}  // namespace ccrelay::app::top
