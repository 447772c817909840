#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/throw_log.hpp"
#include "base/utf8.hpp"
#include "manage/core.hpp"
#include "manage/diagnostics.hpp"
#include "manage/settings.hpp"

// The configuration in force, and what another one is worth.

namespace ccrelay::management {
namespace {

constexpr std::size_t text_bytes_max = 1 << 20;
// What a text that somebody sends is called until it is told.
constexpr std::string_view text_source = "text";

bool is_below(const std::string& path, const std::string& setting) {
  return path.starts_with(setting) && (path.size() == setting.size() ||
                                       path[setting.size()] == '.' || path[setting.size()] == '[');
}

// What is not known of a text differs from everything.
void leave_out(std::vector<ConfigChange>& changes, const std::set<std::string>& unresolved) {
  std::erase_if(changes, [&](const ConfigChange& change) {
    return std::any_of(unresolved.begin(), unresolved.end(),
                       [&](const std::string& path) { return is_below(path, change.path); });
  });
}

void judge(Validation& out, const Result<Config>& read, const Config& in_force,
           const std::string& source, bool is_text, const std::set<std::string>& unresolved) {
  if (!read) {
    out.diagnostics =
        manage::diagnostics_of(read.error().message, Severity::error, source, is_text);
    return;
  }
  out.valid = true;
  out.diagnostics = manage::warnings_of(warnings_of(*read), source, is_text);
  out.changes = manage::told(changes(in_force, *read));
  leave_out(out.changes, unresolved);
}

Validation validated_text(manage::Core& core, const std::string& toml) {
  worker::Shared& shared = core.shared();
  const auto snapshot = shared.snapshot();
  CheckedConfig checked =
      check_config(toml, std::string(text_source), snapshot->config.source, shared.loading);
  // Given on the command line, it is not the text's to say.
  const auto& places = snapshot->config.places;
  const auto listen = places ? places->find("server.listen") : SettingPlaces::const_iterator();
  if (places && listen != places->end() &&
      listen->second.from == SettingPlace::From::command_line) {
    checked.unresolved.insert("server.listen");
  }
  Validation out;
  judge(out, checked.config, snapshot->config, std::string(text_source), true, checked.unresolved);
  return out;
}

Validation validated_file(manage::Core& core) {
  worker::Shared& shared = core.shared();
  const auto snapshot = shared.snapshot();
  const std::string& source = snapshot->config.source;
  ConfigReading reading = [&]() -> ConfigReading {
    try {
      return shared.read_config();
    } catch (...) {
      return {Error{ErrorCode::internal, "reading it threw " + base::what_is_thrown()}};
    }
  }();
  Validation out;
  judge(out, reading.config, snapshot->config, source, false, {});
  if (!reading.config || !reading.config->server.tls.enabled()) return out;
  const auto certificate = check_certificate(reading.config->server.tls, core.clock().wall());
  if (certificate) {
    for (Diagnostic& one : manage::warnings_of(*certificate, source)) {
      out.diagnostics.push_back(std::move(one));
    }
    return out;
  }
  out.valid = false;
  out.changes.clear();
  for (Diagnostic& one :
       manage::diagnostics_of(certificate.error().message, Severity::error, source)) {
    out.diagnostics.push_back(std::move(one));
  }
  return out;
}

}  // namespace

EffectiveConfig Manager::config() const {
  const auto snapshot = core_.shared().snapshot();
  EffectiveConfig out;
  out.toml = show_config(snapshot->config);
  out.settings = manage::settings_of(snapshot->config, out.toml);
  out.source = snapshot->config.source;
  out.generation = core_.shared().generation;
  out.load_time = core_.shared().reloads.figures().last_success;
  return out;
}

void Manager::validate_config(std::string toml,
                              std::function<void(const Reply<Validation>&)> done) const {
  if (toml.size() > text_bytes_max) {
    return done(Refusal{Code::resource_exhausted,
                        fmt::format("toml: it has {} bytes; at most 1 MiB is read", toml.size())});
  }
  if (toml.empty() && !core_.shared().read_config) {
    return done(Refusal{Code::failed_precondition,
                        "this relay has no file to read its configuration from; send a text"});
  }
  core_.job(
      [&core = core_, toml = std::move(toml)](const auto&) -> Reply<Validation> {
        return toml.empty() ? validated_file(core) : validated_text(core, toml);
      },
      std::move(done));
}

}  // namespace ccrelay::management
