#include "front/scrape.hpp"

#include <utility>

#include "exchange/dialect.hpp"
#include "front/browser.hpp"
#include "front/metrics.hpp"

namespace ccrelay::front {

Scrape::Scrape(worker::Tools& tools, std::shared_ptr<const worker::Snapshot> snapshot,
               server::ResponseWriter& writer, RequestSummary summary)
    : tools_(tools),
      snapshot_(std::move(snapshot)),
      writer_(writer),
      summary_(std::move(summary)),
      begun_(tools.loop.now()),
      ticket_(tools.shared.census.take(tools.member, [this](const worker::Counts& counts) {
        exchange::Answer metrics;
        metrics.status = 200;
        metrics.headers.add("content-type", observe::Exposition::content_type);
        metrics.headers.add("cache-control", "no-store");
        metrics.body = metrics_text(counts, *snapshot_, tools_.shared, tools_.loop.clock());
        answer(std::move(metrics));
      })) {}

void Scrape::answer(exchange::Answer answer) {
  if (std::exchange(answered_, true)) return;
  ticket_.reset();
  const exchange::Printed printed =
      exchange::print(answer, Dialect::anthropic, summary_.request_id);
  summary_.status = answer.status;
  summary_.first_byte = tools_.loop.now() - begun_;
  summary_.bytes_out = printed.body.size();
  writer_.head(printed.head);
  writer_.write(printed.body);
  writer_.end();
}

void Scrape::on_refused(const http::Refusal& refusal) {
  answer(exchange::error_answer(refusal.status, refusal.message));
}

void Scrape::on_shutdown() {
  answer(exchange::error_answer(503, "the relay is stopping"));
}

void Scrape::on_closed(Ending ending) {
  ticket_.reset();
  if (!answered_) summary_.status = 499;
  answered_ = true;
  summary_.ending = ending;
  summary_.total = tools_.loop.now() - begun_;
  tools_.report.count(summary_);
}

std::optional<exchange::Answer> metrics_refusal(const Config& config,
                                                const exchange::Access& access,
                                                const Headers& headers) {
  const MetricsConfig& metrics = config.metrics;
  if (access.opens_metrics || access.client == "default") return {};
  if (metrics.allow_without_auth) {
    if (!comes_from_foreign_page(headers)) return {};
    return exchange::error_answer(403, "a web page in a browser may not read the metrics");
  }
  if (exchange::is_open(config.server.auth) && metrics.bearer_secret.empty()) return {};
  // Whoever may use models need not see what everybody else does.
  if (access.may_spend_keys && access.client != "anonymous") {
    return exchange::error_answer(403, "a client's key does not open the metrics");
  }
  return exchange::error_answer(
      401, access.presented ? "the credential is not one that opens the metrics"
                            : "the metrics ask for a credential: send the relay's key, or "
                              "metrics.bearer_secret, as \"Authorization: Bearer\"");
}

}  // namespace ccrelay::front
