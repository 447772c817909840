#include "base/throw_log.hpp"
#include "config/clouds.hpp"
#include "config/document.hpp"
#include "config/environment.hpp"
#include "config/expand.hpp"
#include "config/problems.hpp"
#include "config/read.hpp"
#include "config/read_prices.hpp"
#include "config/words.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

#include "base/ascii.hpp"
#include "base/file_digest.hpp"
#include "base/read_file.hpp"

namespace ccrelay {
namespace {

using namespace config;

constexpr std::size_t config_bytes_max = 1 << 20;

/// The place of a setting, or of the nearest table around it if it is not in the file.
Position place_of(std::string path, const Findings& findings) {
  while (!path.empty()) {
    if (const auto found = findings.places.find(path); found != findings.places.end()) {
      return found->second;
    }
    const auto end = path.find_last_of(".[");
    path.resize(end == std::string::npos ? 0 : end);
  }
  return {};
}

bool is_said(const Problem& problem, const Findings& findings) {
  if (findings.complained.contains(problem.path)) return true;
  if (problem.because_of.empty()) return false;
  const std::string below = problem.because_of + '.';
  const auto first = findings.complained.lower_bound(below);
  return first != findings.complained.end() && first->starts_with(below);
}

void add_problems(const Config& config, const LoadOptions& options, Findings& findings,
                  Findings& of_prices_file, Findings& of_command_line) {
  const bool is_given = !options.listen.empty();
  for (const auto& problem : problems_of(config, options.strategies)) {
    Findings& where = problem.in_prices_file                        ? of_prices_file
                      : is_given && problem.path == "server.listen" ? of_command_line
                                                                    : findings;
    if (is_said(problem, where)) continue;
    where.mistakes.push_back({place_of(problem.path, where), problem.message});
  }
}

std::string line_of(const Mistake& mistake, const std::string& source) {
  return mistake.at.line == 0 ? fmt::format("{}: {}", source, mistake.message)
                              : fmt::format("{}:{}:{}: {}", source, mistake.at.line,
                                            mistake.at.column, mistake.message);
}

std::string lines_of(std::vector<Mistake> mistakes, const std::string& source) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
  });
  std::string message;
  for (const auto& mistake : mistakes) {
    if (!message.empty()) message += '\n';
    message += line_of(mistake, source);
  }
  return message;
}

Error error_of(std::vector<Mistake> mistakes, const std::string& source) {
  return {ErrorCode::config, lines_of(std::move(mistakes), source)};
}

/// Of everything that was read; empty when nothing is wrong.
std::string lines_of(Findings& findings) {
  std::string lines = lines_of(std::move(findings.mistakes), findings.source);
  if (!findings.elsewhere.empty()) {
    lines += (lines.empty() ? "" : "\n") + findings.elsewhere;
  }
  return lines;
}

/// Relative paths are relative to the file they stand in, wherever the relay is started.
void place_in(const std::filesystem::path& folder, std::string& path) {
  if (!folder.empty() && !path.empty() && path.front() != '/') path = (folder / path).string();
}

bool is_yaml(std::string_view path) {
  return path.ends_with(".yaml") || path.ends_with(".yml");
}

void read_profiles_file(TranslationConfig& translation, Findings& findings) {
  constexpr std::string_view key = "translation.profiles_file";
  constexpr std::size_t profiles_bytes_max = 1 << 20;
  base::FileText file = base::read_file(translation.profiles_file, profiles_bytes_max);
  findings.files.push_back({translation.profiles_file, base::digest_of(file)});
  if (file) {
    translation.profiles_text = std::move(file.text);
    return;
  }
  const std::string path(key);
  findings.complained.insert(path);
  const bool too_large = file.problem == base::FileText::Problem::too_large;
  findings.mistakes.push_back(
      {findings.places[path],
       fmt::format("{} {} {}", key, in_quotes(translation.profiles_file),
                   too_large ? "is larger than 1 MiB; make it smaller"
                             : "cannot be read; name a readable file of [[profiles]]")});
}

std::shared_ptr<const SettingPlaces> setting_places(const Findings& findings,
                                                    const LoadOptions& options) {
  auto out = std::make_shared<SettingPlaces>();
  for (const auto& [path, at] : findings.places) {
    out->emplace(path, SettingPlace{at.line, SettingPlace::From::file});
  }
  for (const std::string& path : findings.of_environment) {
    (*out)[path] = {0, SettingPlace::From::environment};
  }
  if (!options.listen.empty()) {
    (*out)["server.listen"] = {0, SettingPlace::From::command_line};
  }
  return out;
}

/// Everything of a document but where it came from. `folder` is that of its file.
Config config_of(Value& root, const LoadOptions& options, const std::filesystem::path& folder,
                 Findings& findings, std::set<std::string>* unresolved = nullptr) {
  const Environment env = options.environment ? options.environment : process_environment();
  if (unresolved) {
    expand_nothing(root, "", findings.mistakes, *unresolved);
  } else {
    expand_all(root, "", env, findings.mistakes, findings.warnings, &findings.files);
  }
  Config config = read_config(root, options, findings);
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    ProviderConfig& provider = config.providers[i];
    const ProviderConfig before = provider;
    fill_from_environment(provider, env);
    for (const CloudField& field : cloud_fields()) {
      if (field.is_set(provider) && !field.is_set(before)) {
        findings.of_environment.insert(fmt::format("providers[{}].{}", i, field.key));
      }
    }
  }
  if (!options.listen.empty()) config.server.listen = options.listen;
  Findings of_prices_file;
  if (std::string& file = config.pricing.prices_file; !file.empty() && !unresolved) {
    place_in(folder, file);
    read_prices_file(file, env, config.pricing, of_prices_file, findings);
  }
  if (std::string& file = config.translation.profiles_file; !file.empty() && !unresolved) {
    place_in(folder, file);
    read_profiles_file(config.translation, findings);
  }
  Findings of_command_line;
  add_problems(config, options, findings, of_prices_file, of_command_line);
  config.proxy = proxy_from(env);
  for (const Findings* read : {&findings, &of_prices_file}) {
    for (const Mistake& warning : read->warnings) {
      config.warnings.push_back(line_of(warning, read->source));
    }
  }
  findings.elsewhere = lines_of(std::move(of_prices_file.mistakes), of_prices_file.source);
  for (const Mistake& mistake : of_command_line.mistakes) {  // in no file, and told without one
    findings.elsewhere += (findings.elsewhere.empty() ? "" : "\n") + mistake.message;
  }
  return config;
}

/// All paths but pricing.prices_file and translation.profiles_file, which had to be read.
void place_beside(const std::string& file, Config& config) {
  const auto folder = std::filesystem::path(file).parent_path();
  const auto place = [&folder](std::string& path) { place_in(folder, path); };
  for (TlsConfig* tls : {&config.server.tls, &config.manage.tls}) {
    for (std::string* path : {&tls->cert_file, &tls->key_file, &tls->client_ca_file}) place(*path);
  }
  for (ProviderConfig& provider : config.providers) {
    place(provider.ca_file);
    place(provider.gcp_credentials_file);
  }
  place(config.ledger.path);
  place(config.otel.ca_file);
  std::string& output = config.logging.output;
  if (output != "stdout" && output != "stderr") place(output);
}

Result<std::string> text_of(const std::string& path, std::vector<SourceFile>& files) {
  const auto failed = [&path](std::string_view why) {
    return Error{ErrorCode::config, fmt::format("{}: {}", path, why)};
  };
  if (is_yaml(path)) return failed("is YAML by its name; write the configuration as TOML");
  using Problem = base::FileText::Problem;
  base::FileText read = base::read_file(path, config_bytes_max);
  files.push_back({path, base::digest_of(read)});
  switch (read.problem) {
    case Problem::none:
      break;
    case Problem::directory:
      return failed("is a directory; name a configuration file");
    case Problem::not_regular:
      return failed("is a pipe or a device, which a reload could not read again; name a file");
    case Problem::unreadable:
      return failed("cannot be read; check that it exists and is readable");
    case Problem::too_large:
      return failed("the configuration is larger than 1 MiB; make it smaller");
  }
  return std::move(read.text);
}

/// What stands before a broken line. The mistake may have begun earlier, so it may take a few cuts.
ParsedDocument beginning_of(std::string_view toml, std::uint32_t line) {
  constexpr int cuts_max = 8;
  ParsedDocument document;
  for (int i = 0; i < cuts_max && line > 1; ++i) {
    std::size_t end = 0;
    for (std::uint32_t before = 1; before < line; ++before) {
      end = std::min(toml.find('\n', end), toml.size() - 1) + 1;
    }
    toml = toml.substr(0, end);
    document = parse_document(toml);
    if (document.mistakes.empty()) return document;
    line = std::min(document.mistakes.front().at.line, line - 1);
  }
  return {};
}

Result<Config> parsed(std::string_view toml, const std::string& source, const LoadOptions& options,
                      const std::filesystem::path& folder, std::vector<SourceFile>& files,
                      std::set<std::string>* unresolved = nullptr) {
  if (toml.size() > config_bytes_max) {
    return error_of({{{}, "the configuration is larger than 1 MiB; make it smaller"}}, source);
  }
  auto document = parse_document(toml);
  if (!document.mistakes.empty()) return error_of(std::move(document.mistakes), source);
  Findings findings;
  findings.source = source;
  Config config = config_of(document.root, options, folder, findings, unresolved);
  files.insert(files.end(), findings.files.begin(), findings.files.end());
  if (std::string wrong = lines_of(findings); !wrong.empty()) {
    return Error{ErrorCode::config, std::move(wrong)};
  }
  config.source = source;
  config.files = files;
  config.places = setting_places(findings, options);
  return config;
}

/// `providers[1].keys[0].key` -> `providers.NAME.keys[0].key`
std::string by_name(const std::string& path, const Config& config) {
  const auto named = [&path](std::string_view list, const auto& all) -> std::string {
    if (!path.starts_with(list) || path.size() <= list.size() || path[list.size()] != '[') {
      return {};
    }
    const auto close = path.find(']');
    const auto index =
        base::parse_number(std::string_view(path).substr(list.size() + 1, close - list.size() - 1));
    if (close == path.npos || !index || *index >= all.size()) return {};
    return fmt::format("{}.{}{}", list, all[*index].name, path.substr(close + 1));
  };
  std::string out = named("providers", config.providers);
  if (out.empty()) out = named("server.auth.clients", config.server.auth.clients);
  return out.empty() ? path : out;
}

Result<LenientConfig> leniently(const std::string& path, const LoadOptions& options) {
  std::vector<SourceFile> files;
  const Result<std::string> text = text_of(path, files);
  if (!text) return text.error();
  LenientConfig out;
  auto document = parse_document(*text);
  if (!document.mistakes.empty()) {
    out.mistakes = error_of(document.mistakes, path).message;
    document = beginning_of(*text, document.mistakes.front().at.line);
  }
  Findings findings;
  findings.source = path;
  out.config =
      config_of(document.root, options, std::filesystem::path(path).parent_path(), findings);
  if (const std::string wrong = lines_of(findings); !wrong.empty()) {
    if (!out.mistakes.empty()) out.mistakes += '\n';
    out.mistakes += wrong;
  }
  out.unreadable = std::move(findings.complained);
  out.config.source = path;
  place_beside(path, out.config);
  return out;
}

/// The program's environment may throw, and so may std::bad_alloc come.
template <class Call>
auto without_exceptions(const std::string& source, Call call) -> decltype(call()) {
  try {
    return call();
  } catch (...) {
    return Error{ErrorCode::internal, source + ": reading it threw " + base::what_is_thrown()};
  }
}

}  // namespace

Result<Config> parse_config(std::string_view toml, std::string source, const LoadOptions& options) {
  std::vector<SourceFile> files;
  return without_exceptions(source, [&] { return parsed(toml, source, options, {}, files); });
}

Result<Config> parse_config(std::string_view toml, std::string source, const Environment& env) {
  return parse_config(toml, std::move(source), LoadOptions{{}, {}, env});
}

CheckedConfig check_config(std::string_view toml, std::string source, const std::string& beside,
                           const LoadOptions& options) {
  std::vector<SourceFile> files;
  std::set<std::string> unresolved;
  Result<Config> read = without_exceptions(source, [&]() -> Result<Config> {
    const auto folder = std::filesystem::path(beside).parent_path();
    Result<Config> config = parsed(toml, source, options, folder, files, &unresolved);
    if (!config) return config;
    place_beside(beside, *config);
    std::string& prices = config->pricing.prices_file;
    place_in(folder, prices);
    place_in(folder, config->translation.profiles_file);
    return config;
  });
  std::set<std::string> names;
  for (const std::string& path : unresolved) names.insert(read ? by_name(path, *read) : path);
  return {std::move(read), std::move(names)};
}

ConfigReading read_config_file(const std::string& path, const LoadOptions& options) {
  std::vector<SourceFile> files;
  Result<Config> read = without_exceptions(path, [&]() -> Result<Config> {
    const Result<std::string> text = text_of(path, files);
    if (!text) return text.error();
    Result<Config> config =
        parsed(*text, path, options, std::filesystem::path(path).parent_path(), files);
    if (config) place_beside(path, *config);
    return config;
  });
  return {std::move(read), std::move(files)};
}

Result<Config> load_config(const std::string& path, const LoadOptions& options) {
  return read_config_file(path, options).config;
}

std::uint64_t file_digest(const std::string& path) {
  return base::file_digest(path);
}

Result<Config> load_config(const std::string& path, const Environment& env) {
  return load_config(path, LoadOptions{{}, {}, env});
}

Result<LenientConfig> load_config_leniently(const std::string& path, const Environment& env) {
  return without_exceptions(path, [&] { return leniently(path, {{}, {}, env}); });
}

}  // namespace ccrelay
