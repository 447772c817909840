#include <ccrelay/management/v1/management.pb.h>

#include "rpc/enums.hpp"
#include "rpc/tell.hpp"

namespace ccrelay::rpc {

void tell(const management::Diagnostic& diagnostic, messages::Diagnostic& out) {
  out.set_severity(told(diagnostic.severity));
  out.set_file(diagnostic.file);
  out.set_line(diagnostic.line);
  out.set_column(diagnostic.column);
  out.set_path(diagnostic.path);
  out.set_message(diagnostic.message);
}

void tell(const management::ConfigChange& change, messages::ConfigChange& out) {
  out.set_path(change.path);
  out.set_old_value(change.old_value);
  out.set_new_value(change.new_value);
  out.set_needs_restart(change.needs_restart);
  out.set_words(change.words);
}

void tell(const management::EffectiveConfig& config, messages::GetConfigResponse& out) {
  out.set_toml(config.toml);
  for (const management::Setting& setting : config.settings) {
    auto& told_setting = *out.add_settings();
    told_setting.set_path(setting.path);
    told_setting.set_value(setting.value);
    told_setting.set_origin(told(setting.origin));
    told_setting.set_line(setting.line);
    told_setting.set_needs_restart(setting.needs_restart);
  }
  out.set_source(config.source);
  out.set_generation(config.generation);
  tell(config.load_time, *out.mutable_load_time());
}

void tell(const management::Validation& validation, messages::ValidateConfigResponse& out) {
  out.set_valid(validation.valid);
  for (const auto& diagnostic : validation.diagnostics) tell(diagnostic, *out.add_diagnostics());
  for (const auto& change : validation.changes) tell(change, *out.add_changes());
}

void tell(const management::ReloadReport& report, messages::ReloadConfigResponse& out) {
  out.set_generation(report.generation);
  for (const auto& change : report.changes) tell(change, *out.add_changes());
  for (const auto& diagnostic : report.diagnostics) tell(diagnostic, *out.add_diagnostics());
}

}  // namespace ccrelay::rpc
