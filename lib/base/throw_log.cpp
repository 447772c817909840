#include "base/throw_log.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>

namespace ccrelay::base {
namespace {

std::string type_name() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "an exception";  // a foreign one
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : type->name();
}

}  // namespace

std::string what_is_thrown() {
  const std::string type = type_name();
  try {
    throw;
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return what == type ? type : type + ": " + what;
  } catch (...) {
    return type;
  }
}

void ThrowLog::note(std::string_view who, std::string_view consequence) const noexcept {
  if (!observer) return;
  try {
    if (observer->note_level() > Level::warn) return;
    Note note;
    note.time = (clock ? *clock : Clock::system()).wall();
    note.level = Level::warn;
    note.event = "extension_threw";
    note.message =
        std::string(who) + " threw " + what_is_thrown() + "; " + std::string(consequence);
    observer->noted(note);
  } catch (...) {
    // Nobody is left to be told.
  }
}

}  // namespace ccrelay::base
