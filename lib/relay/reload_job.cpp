#include "relay/reload_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_digest.hpp"
#include "base/throw_log.hpp"
#include "tls/context.hpp"

namespace ccrelay::relay {
namespace {

using Kind = JobResult::Kind;

/// The first that was there when it was read last; empty if there is none.
std::string missing_one(const std::vector<SourceFile>& last, const std::vector<SourceFile>& now) {
  for (std::size_t i = 0; i < last.size(); ++i) {
    const bool has_gone =
        last[i].digest != base::missing_file && now[i].digest == base::missing_file;
    if (has_gone) return last[i].path;
  }
  return {};
}

/// Whether one that had something in it has nothing now: whoever writes it in place is not done, or
/// has lost it.
bool any_emptied(const std::vector<SourceFile>& last, const std::vector<SourceFile>& now) {
  for (std::size_t i = 0; i < last.size(); ++i) {
    if (last[i].digest != base::empty_file && now[i].digest == base::empty_file) return true;
  }
  return false;
}

/// One job, while it runs.
class Job {
 public:
  Job(const JobOrder& order, const ReloadCalls& calls, worker::Shared& shared,
      const Config& started_with, WallTime now)
      : order_(order), calls_(calls), shared_(shared), started_with_(started_with), now_(now) {}

  JobResult run() {
    const FilesRead& last = order_.last;
    result_.files = {as_they_are_now(last.config), as_they_are_now(last.tls)};
    const bool other_config = last.config != result_.files.config;
    const bool other_tls = last.tls != result_.files.tls;
    if (!order_.always) {
      if (!other_config && !other_tls) return end(Kind::unchanged);
      std::string missing = missing_one(last.config, result_.files.config);
      if (missing.empty()) missing = missing_one(last.tls, result_.files.tls);
      if (!missing.empty()) return miss(missing);
      const bool emptied = any_emptied(last.config, result_.files.config) ||
                           any_emptied(last.tls, result_.files.tls);
      if (emptied && !order_.may_miss) return end(Kind::missing);
    }
    const bool whole = calls_.read && (order_.always || other_config || shared_.reloads.rejected());
    return whole ? read_config() : read_certificate();
  }

 private:
  JobResult end(Kind kind) {
    result_.kind = kind;
    return std::move(result_);
  }

  JobResult miss(const std::string& path) {
    if (!order_.may_miss) return end(Kind::missing);
    result_.mistakes = fmt::format("{} is missing", path);
    result_.is_missing = true;
    tell_program(nullptr);
    return end(Kind::rejected);
  }

  /// A mistake in what was read last already is none of a file that is half written.
  JobResult reject(std::string mistakes) {
    result_.mistakes = std::move(mistakes);
    const bool counts = order_.second || result_.files == order_.last;
    if (!counts) return end(Kind::again);
    tell_program(nullptr);
    return end(Kind::rejected);
  }

  void tell_program(const Config* config) {
    if (!calls_.ended) return;
    try {
      calls_.ended(config);
    } catch (...) {
      // The program's own affair.
    }
  }

  ConfigReading read() {
    try {
      return calls_.read();
    } catch (...) {
      return {Error{ErrorCode::internal, "reading it threw " + base::what_is_thrown()}};
    }
  }

  JobResult read_config() {
    ConfigReading reading = read();
    if (!reading.config) {
      // Where nothing is said of files, it is about those of before.
      if (!reading.files.empty()) result_.files.config = std::move(reading.files);
      return reject(reading.config.error().message);
    }
    if (reading.config->files.empty()) reading.config->files = std::move(reading.files);
    const Config config = *reading.config;
    result_.files.config = config.files;
    result_.files.tls = files_of(config);
    const auto before = shared_.snapshot();
    if (const Result<void> taken = calls_.load(*std::move(reading.config)); !taken) {
      return reject(taken.error().message);
    }
    result_.source = config.source;
    result_.changes = changes(before->config, config);
    for (ConfigChange& change : changes(started_with_, config)) {
      if (change.needs_restart) result_.restart.push_back(std::move(change));
    }
    result_.warnings = warnings_of(config);
    tell_program(&config);
    return end(Kind::taken);
  }

  JobResult read_certificate() {
    // Before the snapshot: a reload on another thread puts its certificate in force behind its own.
    const std::uint64_t generation = shared_.front.tls.generation();
    const auto snapshot = shared_.snapshot();
    const ServerConfig& server = snapshot->config.server;
    result_.only_certificate = true;
    bool used = false;
    if (server.tls.enabled() && shared_.front.tls.enabled()) {
      auto context = tls::load_context(server.tls, server.enable_http2, now_);
      if (!context) return reject(context.error().message);
      result_.warnings = context->warnings;
      result_.source = server.tls.cert_file;
      used = shared_.front.tls.use_unless_newer(std::move(*context), generation);
    }
    auto of_management = calls_.manage_certificate();
    if (!of_management) return reject(of_management.error().message);
    if (*of_management) {
      for (std::string& warning : **of_management) result_.warnings.push_back(std::move(warning));
      if (!result_.source.empty()) result_.source += " and ";
      result_.source += snapshot->config.manage.tls.cert_file;
      used = true;
    }
    return end(used ? Kind::certificate : Kind::unchanged);
  }

  const JobOrder& order_;
  const ReloadCalls& calls_;
  worker::Shared& shared_;
  const Config& started_with_;
  const WallTime now_;
  JobResult result_;
};

}  // namespace

std::vector<SourceFile> as_they_are_now(std::vector<SourceFile> files) {
  for (SourceFile& file : files) file.digest = base::file_digest(file.path);
  return files;
}

std::vector<SourceFile> files_of(const Config& config) {
  std::vector<SourceFile> files;
  for (const TlsConfig* tls : {&config.server.tls, &config.manage.tls}) {
    for (const std::string* path : {&tls->cert_file, &tls->key_file, &tls->client_ca_file}) {
      if (!path->empty()) files.push_back({*path, base::file_digest(*path)});
    }
  }
  return files;
}

JobResult run_job(const JobOrder& order, const ReloadCalls& calls, worker::Shared& shared,
                  const Config& started_with, WallTime now) {
  try {
    return Job(order, calls, shared, started_with, now).run();
  } catch (...) {  // most likely std::bad_alloc
    JobResult result;
    result.kind = JobResult::Kind::rejected;
    result.files = order.last;
    result.mistakes = "reading the configuration again threw " + base::what_is_thrown();
    return result;
  }
}

}  // namespace ccrelay::relay
