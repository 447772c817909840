#include "config/clouds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/environment.hpp"
#include "config/words.hpp"
#include "provider/types.hpp"

namespace ccrelay::config {
namespace {

using P = ProviderConfig;

constexpr CloudField fields[] = {
    {"aws_region", &P::aws_region, nullptr, "bedrock anthropic_aws",
     "AWS_REGION AWS_DEFAULT_REGION"},
    {"aws_access_key_id", &P::aws_access_key_id, nullptr, "bedrock anthropic_aws", ""},
    {"aws_secret_access_key", nullptr, &P::aws_secret_access_key, "bedrock anthropic_aws", ""},
    {"aws_session_token", nullptr, &P::aws_session_token, "bedrock anthropic_aws", ""},
    {"aws_profile", &P::aws_profile, nullptr, "bedrock anthropic_aws", ""},
    {"workspace_id", &P::workspace_id, nullptr, "anthropic_aws", "ANTHROPIC_AWS_WORKSPACE_ID"},
    {"gcp_project_id", &P::gcp_project_id, nullptr, "vertex gemini_vertex",
     "ANTHROPIC_VERTEX_PROJECT_ID GOOGLE_CLOUD_PROJECT"},
    {"gcp_region", &P::gcp_region, nullptr, "vertex gemini_vertex", "CLOUD_ML_REGION"},
    {"gcp_credentials_file", &P::gcp_credentials_file, nullptr, "vertex gemini_vertex", ""},
    {"azure_resource_name", &P::azure_resource_name, nullptr, "azure azure_openai",
     "ANTHROPIC_FOUNDRY_RESOURCE"},
    {"azure_tenant_id", &P::azure_tenant_id, nullptr, "azure azure_openai", ""},
    {"azure_client_id", &P::azure_client_id, nullptr, "azure azure_openai", ""},
    {"azure_client_secret", nullptr, &P::azure_client_secret, "azure azure_openai", ""},
    {"azure_scope", &P::azure_scope, nullptr, "azure azure_openai", ""},
};

// Where the tools of another type's users look, instead of the field's own.
struct OtherVariables {
  std::string_view type;
  std::string_view key;
  std::string_view variables;
};
constexpr OtherVariables other_variables[] = {
    {"azure_openai", "azure_resource_name", ""},
    {"gemini_vertex", "gcp_project_id", "GOOGLE_CLOUD_PROJECT"},
    {"gemini_vertex", "gcp_region", "GOOGLE_CLOUD_LOCATION"},
};

std::string_view variables_of(const CloudField& field, std::string_view type) {
  for (const OtherVariables& other : other_variables) {
    if (other.type == type && other.key == field.key) return other.variables;
  }
  return field.variables;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
  }
  return false;
}

std::string first_of(const Environment& env, std::string_view names) {
  while (!names.empty()) {
    const auto end = names.find(' ');
    if (auto value = first_set(env, {names.substr(0, end)}); !value.empty()) return value;
    names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
  }
  return {};
}

// Becomes part of a host name or a path.
bool is_label(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// A project may be of a domain: `example.com:name`
// (https://cloud.google.com/resource-manager/docs/creating-managing-projects).
bool is_project(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
  });
}

// A base URL of one's own has the resource's name in it.
bool is_in_base_url(const CloudField& field, const ProviderConfig& provider) {
  return field.key == "azure_resource_name" && !provider.base_url.empty();
}

class CloudCheck {
 public:
  CloudCheck(const std::string& path, const ProviderConfig& provider,
             std::vector<Problem>& problems)
      : path_(path),
        provider_(provider),
        type_(provider::find_type(provider.type)),
        problems_(problems) {}

  void check() {
    check_types();
    if (provider_.enabled && type_) check_missing();
    check_pairs();
    check_forms();
    check_unsupported();
  }

 private:
  void add(const std::string& key, std::string_view message) {
    problems_.push_back({path_ + key, path_ + key + std::string(message)});
  }

  void check_types() {
    for (const CloudField& field : fields) {
      if (!field.is_set(provider_) || field.is_for(provider_.type)) continue;
      // A type of the embedding program's may use what it likes.
      if (!type_) continue;
      add('.' + std::string(field.key),
          fmt::format(" is for type {}, this provider's is {}; remove "
                      "it",
                      said(field.types), in_quotes(provider_.type)));
    }
  }

  void check_missing() {
    for (const CloudField& field : fields) {
      if (!has_word(type_->settings, field.key) || field.is_set(provider_)) continue;
      if (is_in_base_url(field, provider_)) continue;
      const std::string_view variables = variables_of(field, provider_.type);
      add('.' + std::string(field.key),
          fmt::format(" is missing, and type {} needs it; set it{}", in_quotes(provider_.type),
                      variables.empty() ? "" : ", or " + said(variables)));
    }
  }

  void check_pairs() {
    if (provider_.aws_access_key_id.empty() != provider_.aws_secret_access_key.empty()) {
      add(provider_.aws_access_key_id.empty() ? ".aws_access_key_id" : ".aws_secret_access_key",
          " is missing: aws_access_key_id and aws_secret_access_key belong together");
    }
    if (!provider_.aws_session_token.empty() && provider_.aws_access_key_id.empty()) {
      add(".aws_session_token", " belongs to an aws_access_key_id, which is missing");
    }
    if (!provider_.aws_profile.empty() && !provider_.aws_access_key_id.empty()) {
      add(".aws_profile", " and aws_access_key_id say two things; remove one of them");
    }
    if (!provider_.azure_client_secret.empty() &&
        (provider_.azure_tenant_id.empty() || provider_.azure_client_id.empty())) {
      add(".azure_client_secret", " needs azure_tenant_id and azure_client_id beside it");
    }
    if (!provider_.azure_resource_name.empty() && !provider_.base_url.empty()) {
      add(".azure_resource_name", " and base_url say two things; remove one of them");
    }
  }

  void check_forms() {
    check_region(".aws_region", provider_.aws_region);
    check_region(".gcp_region", provider_.gcp_region);
    if (!is_label(provider_.azure_resource_name)) {
      add(".azure_resource_name",
          " is not the name of a resource; it is the first part of the "
          "endpoint's host, letters, digits and \"-\"");
    }
    if (!is_project(provider_.gcp_project_id)) {
      add(".gcp_project_id",
          fmt::format(" {} is not the id of a project", in_quotes(provider_.gcp_project_id)));
    }
    for (const CloudField& field : fields) {
      const std::string_view value =
          field.text ? std::string_view(provider_.*field.text) : (provider_.*field.secret).reveal();
      if (has_control(value))
        add('.' + std::string(field.key), " contains a control character; remove it");
    }
  }

  void check_region(const std::string& key, const std::string& region) {
    if (is_label(region)) return;
    add(key, fmt::format(" {} is not a region; it is made of letters, digits and \"-\"",
                         in_quotes(region)));
  }

  void check_unsupported() {
    static constexpr std::array<std::string_view, 4> needed{"model", "messages", "max_tokens",
                                                            "stream"};
    for (std::size_t i = 0; i < provider_.unsupported.size(); ++i) {
      const UnsupportedConfig& rule = provider_.unsupported[i];
      const std::string key = fmt::format(".unsupported[{}]", i);
      if (rule.betas.empty() && rule.fields.empty()) {
        add(key, " names nothing; write betas or fields");
      }
      for (const std::string& field : rule.fields) {
        if (std::find(needed.begin(), needed.end(), field) != needed.end()) {
          add(key + ".fields",
              fmt::format(" has {}, which no request can do without", in_quotes(field)));
        }
      }
    }
  }

  static std::string said(std::string_view words) {
    std::string out(words);
    for (auto at = out.find(' '); at != std::string::npos; at = out.find(' ', at)) {
      out.replace(at, 1, " or ");
      at += 4;
    }
    return out;
  }

  const std::string& path_;
  const ProviderConfig& provider_;
  const provider::Type* const type_;  // null: none, or one of the embedding program's
  std::vector<Problem>& problems_;
};

}  // namespace

bool CloudField::is_for(std::string_view type) const {
  return has_word(types, type);
}

bool CloudField::is_set(const ProviderConfig& provider) const {
  return text ? !(provider.*text).empty() : !(provider.*secret).empty();
}

std::span<const CloudField> cloud_fields() {
  return fields;
}

void fill_from_environment(ProviderConfig& provider, const Environment& env) {
  for (const CloudField& field : fields) {
    if (!field.text || !field.is_for(provider.type) || is_in_base_url(field, provider)) continue;
    std::string& value = provider.*field.text;
    if (value.empty()) value = first_of(env, variables_of(field, provider.type));
  }
  const bool is_at_google = provider.type == "vertex" || provider.type == "gemini_vertex";
  if (is_at_google && provider.gcp_region.empty()) provider.gcp_region = "global";
  // Whoever is named here, in the file, comes first.
  const bool names_somebody = !provider.keys.empty() || !provider.aws_access_key_id.empty() ||
                              !provider.aws_profile.empty() || !provider.azure_client_id.empty();
  if (names_somebody) return;
  const auto* type = provider::find_type(provider.type);
  if (!type || type->cloud == Cloud::none) return;
  // A key made for one service alone, where its users keep it.
  if (auto key = first_of(env, type->key_variable); !key.empty()) {
    provider.keys.emplace_back().key = Secret(std::move(key));
  }
}

void find_cloud_problems(const std::string& path, const ProviderConfig& provider,
                         std::vector<Problem>& problems) {
  CloudCheck(path, provider, problems).check();
}

}  // namespace ccrelay::config
