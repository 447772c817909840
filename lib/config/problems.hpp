#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/router.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::config {

/// Something wrong with a setting. `message` is whole: it begins with the setting's path, shortened
/// where the rest of the path might be a secret. `path` is for finding the place in the file.
struct Problem {
  std::string path;
  std::string message;
  /// A table without which it would not be; empty: none. A mistake in that says enough.
  std::string because_of = {};
  bool in_prices_file = false;  ///< there it stands, and not in the configuration
};

/// Everything wrong with plain data, whoever filled it. `own`: strategies that the program brings.
std::vector<Problem> problems_of(const Config& config, const Strategies& own);

/// The parts of it that are about [routing] and [[providers]], but for numbers of [routing].
void find_routing_problems(const Config& config, const Strategies& own,
                           std::vector<Problem>& problems);
void find_provider_problems(const Config& config, std::vector<Problem>& problems);
/// About [[server.auth.clients]], beside what else opens the relay.
void find_client_problems(const Config& config, std::vector<Problem>& problems);
/// About [translation], and what providers say of the API they speak.
void find_translation_problems(const Config& config, std::vector<Problem>& problems);
/// About a table of header fields to send, whose path is given.
void find_header_problems(const std::string& path,
                          const std::vector<std::pair<std::string, Secret>>& headers,
                          std::vector<Problem>& problems);
/// About a section of TLS: `server.tls` or `manage.tls`.
void find_tls_problems(const std::string& section, const TlsConfig& tls,
                       std::vector<Problem>& problems);
/// About [manage], [manage.auth] and [manage.tls].
void find_manage_problems(const Config& config, std::vector<Problem>& problems);
/// Where one of its fronts listens, whose setting is `path`: on a public address it needs somebody
/// who may come in, and TLS.
void find_public_problems(const std::string& path, const std::string& listen,
                          const ManageConfig& manage, std::vector<Problem>& problems);
/// About [[prices]], here and in the prices_file.
void find_price_problems(const Config& config, std::vector<Problem>& problems);

/// What is wrong with the name of a model, exact or ending in `*`, to follow its path; else empty.
std::string problem_of_pattern(std::string_view pattern);

}  // namespace ccrelay::config
