#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::app::checks {

enum class Status : std::uint8_t { ok, warning, error, skipped };

/// What one check has found about one thing.
struct Finding {
  std::string id;  ///< `key`, `tls.certificate`: what docs/cli.md lists
  Status status = Status::ok;
  std::string subject;  ///< what it is about: a provider, a file; empty where the id says it
  std::string message;
  std::string advice;  ///< what to do; empty where nothing is wrong
  std::vector<std::pair<std::string, std::string>> details = {};  ///< for --json alone
};

/// All that is found, in the order of the table. Holds no secret.
class Findings {
 public:
  using Details = std::vector<std::pair<std::string, std::string>>;

  void ok(std::string_view id, std::string subject, std::string message, Details details = {}) {
    add({std::string(id), Status::ok, std::move(subject), std::move(message), {}, details});
  }
  void skipped(std::string_view id, std::string subject, std::string message) {
    add({std::string(id), Status::skipped, std::move(subject), std::move(message), {}, {}});
  }
  void warning(std::string_view id, std::string subject, std::string message, std::string advice,
               Details details = {}) {
    add({std::string(id), Status::warning, std::move(subject), std::move(message),
         std::move(advice), std::move(details)});
  }
  void error(std::string_view id, std::string subject, std::string message, std::string advice,
             Details details = {}) {
    add({std::string(id), Status::error, std::move(subject), std::move(message), std::move(advice),
         std::move(details)});
  }

  const std::vector<Finding>& all() const { return all_; }
  std::size_t count(Status status) const {
    std::size_t count = 0;
    for (const Finding& each : all_) count += each.status == status ? 1 : 0;
    return count;
  }

 private:
  void add(Finding finding) { all_.push_back(std::move(finding)); }

  std::vector<Finding> all_;
};

/// The library words errors as `what happened; what to do`: both halves.
inline std::pair<std::string, std::string> halves(const std::string& text) {
  const auto at = text.find("; ");
  if (at == std::string::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 2)};
}

}  // namespace ccrelay::app::checks
