#include <ccrelay/config.hpp>

#include <fmt/format.h>

#include "base/plain.hpp"

namespace ccrelay {
namespace {

Error mistake(const Settings& settings, const Place& around, std::string_view path,
              std::string_view setting, std::string_view what) {
  const Setting* found = settings.find(setting);
  const Place& place = found && found->place.in_file() ? found->place : around;
  std::string message = fmt::format("{}.{}: {}", path, base::plain(setting), what);
  if (place.in_file()) {
    message = fmt::format("{}:{}:{}: {}", place.source, place.line, place.column, message);
  }
  return {ErrorCode::config, std::move(message)};
}

}  // namespace

Error mistake_in(const ProviderConfig& entry, std::string_view setting, std::string_view what) {
  return mistake(entry.settings, entry.place, "providers." + base::plain(entry.name), setting,
                 what);
}

Error mistake_in(const RoutingConfig& routing, std::string_view setting, std::string_view what) {
  return mistake(routing.settings, routing.place, "routing", setting, what);
}

}  // namespace ccrelay
