#include "api/json.hpp"

namespace ccrelay::api {

void append_json(std::string& out, const management::Setting& setting) {
  JsonObject object(out);
  object("path", setting.path)("value", setting.value)("origin", setting.origin);
  object("line", setting.line)("needs_restart", setting.needs_restart);
}

void append_json(std::string& out, const management::EffectiveConfig& config) {
  JsonObject object(out);
  object("toml", config.toml)("settings", config.settings)("source", config.source);
  object("generation", config.generation)("load_time", config.load_time);
}

void append_json(std::string& out, const management::Diagnostic& diagnostic) {
  JsonObject object(out);
  object("severity", diagnostic.severity)("file", diagnostic.file)("line", diagnostic.line);
  object("column", diagnostic.column)("path", diagnostic.path)("message", diagnostic.message);
}

void append_json(std::string& out, const management::ConfigChange& change) {
  JsonObject object(out);
  object("path", change.path)("old_value", change.old_value)("new_value", change.new_value);
  object("needs_restart", change.needs_restart)("words", change.words);
}

void append_json(std::string& out, const management::Validation& validation) {
  JsonObject object(out);
  object("valid", validation.valid)("diagnostics", validation.diagnostics);
  object("changes", validation.changes);
}

void append_json(std::string& out, const management::ReloadReport& report) {
  JsonObject object(out);
  object("generation", report.generation)("changes", report.changes);
  object("diagnostics", report.diagnostics);
}

}  // namespace ccrelay::api
