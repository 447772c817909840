#include <map>
#include <string>
#include <vector>

#include "front/metrics.hpp"

namespace ccrelay::front {
namespace {

using observe::Exposition;
using worker::LabelKind;
using worker::Labels;
using worker::series_part;
using worker::SeriesFamily;

// All series of a family in order, also those that nobody has used yet.
template <class Cell>
std::map<std::uint64_t, Cell> all_series(const worker::Cells<Cell>& cells, const Labels& labels,
                                         SeriesFamily family) {
  std::map<std::uint64_t, Cell> all(cells.begin(), cells.end());
  for (const std::uint64_t key : labels.series(family)) all.try_emplace(key);
  return all;
}

template <class Bucketed>
void print_buckets(Exposition& out, Exposition::Labels labels, const Bucketed& histogram) {
  out.buckets(labels, Bucketed::bounds, histogram.counts(), histogram.sum());
}

class CountsPrinter {
 public:
  CountsPrinter(Exposition& out, const worker::Counts& counts, const Labels& labels)
      : out_(out),
        counts_(counts),
        // Before their names, which then are all there.
        requests_(all_series(counts.requests, labels, SeriesFamily::requests)),
        attempts_(all_series(counts.attempts, labels, SeriesFamily::attempts)),
        refusals_(all_series(counts.refusals, labels, SeriesFamily::refusals)),
        models_(all_series(counts.models, labels, SeriesFamily::models)),
        tokens_(all_series(counts.tokens, labels, SeriesFamily::tokens)),
        clients_(all_series(counts.clients, labels, SeriesFamily::clients)),
        providers_(all_series(counts.providers, labels, SeriesFamily::providers)),
        provider_names_(labels.names(LabelKind::provider)),
        model_names_(labels.names(LabelKind::model)),
        client_names_(labels.names(LabelKind::client)) {}

  void print() {
    print_requests();
    print_attempts();
    print_use();
    print_clients();
    print_refusals();
    print_streams();
  }

 private:
  static std::string_view endpoint(std::uint64_t key) {
    return worker::endpoint_words[series_part(key, 0)];
  }
  std::string_view provider(std::uint64_t key) const {
    return provider_names_[series_part(key, 0)];
  }

  void print_requests();
  void print_attempts();
  void print_use();
  void print_clients();
  void print_refusals();
  void print_streams();
  template <class Histograms>
  void print_by_endpoint(const Histograms& histograms);
  template <class Count>
  void print_by_provider(Count count);
  template <class Print>
  void by_model(Print print);

  Exposition& out_;
  const worker::Counts& counts_;
  const std::map<std::uint64_t, std::uint64_t> requests_, attempts_, refusals_;
  const std::map<std::uint64_t, worker::ModelCounts> models_;
  const std::map<std::uint64_t, worker::TokenCounts> tokens_;
  const std::map<std::uint64_t, worker::ClientCounts> clients_;
  const std::map<std::uint64_t, worker::ProviderCounts> providers_;
  const std::vector<std::string> provider_names_, model_names_, client_names_;
};

std::string code_text(std::uint64_t code) {
  return code < 100 ? std::to_string(code) + "xx" : std::to_string(code);
}

template <class Histograms>
void CountsPrinter::print_by_endpoint(const Histograms& histograms) {
  using worker::EndpointWord;
  for (std::size_t i = 0; i < histograms.size(); ++i) {
    const auto word = static_cast<EndpointWord>(i);
    const bool is_always = word == EndpointWord::messages || word == EndpointWord::count_tokens;
    if (is_always || !histograms[i].empty()) {
      print_buckets(out_, {{"endpoint", worker::endpoint_words[i]}}, histograms[i]);
    }
  }
}

void CountsPrinter::print_requests() {
  out_.counter("ccrelay_requests_total",
               "Requests that have ended; 499: the client left before an answer.");
  for (const auto& [key, count] : requests_) {
    out_.sample({{"endpoint", endpoint(key)},
                 {"client", client_names_[series_part(key, 1)]},
                 {"code", code_text(series_part(key, 2))}},
                count);
  }
  out_.counter("ccrelay_request_endings_total", "How answers to relayed requests ended.");
  for (std::size_t i = 0; i < counts_.endings.size(); ++i) {
    out_.sample({{"ending", to_string(static_cast<Ending>(i))}}, counts_.endings[i]);
  }
  out_.histogram("ccrelay_request_duration_seconds", "A request's head to the end of its answer.");
  print_by_endpoint(counts_.duration);
  out_.histogram("ccrelay_request_first_byte_seconds",
                 "A request's head to the first byte of its answer.");
  print_by_endpoint(counts_.first_byte);
  out_.histogram("ccrelay_queue_seconds",
                 "A request's end to its first attempt: what the relay itself adds.");
  print_buckets(out_, {}, counts_.queue);
  out_.counter("ccrelay_auth_failures_total",
               "Requests without a credential, or with one that opens nothing.");
  out_.sample({{"reason", "missing"}}, counts_.auth_missing);
  out_.sample({{"reason", "unknown"}}, counts_.auth_unknown);
}

template <class Print>
void CountsPrinter::by_model(Print print) {
  for (const auto& [key, counts] : models_) {
    print(Exposition::Label{"provider", provider_names_[series_part(key, 0)]},
          Exposition::Label{"model", model_names_[series_part(key, 1)]}, counts);
  }
}

template <class Count>
void CountsPrinter::print_by_provider(Count count) {
  for (const auto& [key, counts] : providers_) {
    out_.sample({{"provider", provider(key)}}, std::uint64_t{count(counts)});
  }
}

void CountsPrinter::print_attempts() {
  out_.counter("ccrelay_attempts_total", "Tries at providers, by how they ended.");
  for (const auto& [key, count] : attempts_) {
    out_.sample({{"provider", provider_names_[series_part(key, 0)]},
                 {"model", model_names_[series_part(key, 1)]},
                 {"outcome", to_string(static_cast<Outcome>(series_part(key, 2)))}},
                count);
  }
  out_.histogram("ccrelay_attempt_first_byte_seconds",
                 "An attempt's start to the head of the provider's answer.");
  by_model([this](auto provider, auto model, const worker::ModelCounts& counts) {
    print_buckets(out_, {provider, model}, counts.first_byte);
  });
  out_.histogram("ccrelay_time_per_output_token_seconds",
                 "Of streams that came whole: first byte to end, a token behind the first.");
  by_model([this](auto provider, auto model, const worker::ModelCounts& counts) {
    print_buckets(out_, {provider, model}, counts.per_token);
  });
  out_.histogram("ccrelay_attempt_connect_seconds",
                 "An attempt's start to a connection, where one had to be made.");
  for (const auto& [key, counts] : providers_) {
    print_buckets(out_, {{"provider", provider(key)}}, counts.connect);
  }
  out_.counter("ccrelay_failovers_total",
               "Attempts that failed and after which another provider was asked.");
  print_by_provider([](const worker::ProviderCounts& counts) { return counts.failovers; });
  out_.counter("ccrelay_breaker_opened_total", "Times that a provider's breaker has opened.");
  print_by_provider([](const worker::ProviderCounts& counts) { return counts.breaker_opened; });
  out_.counter("ccrelay_stream_stalls_total",
               "Answers in which the provider was silent for timeouts.stream_idle_ms.");
  print_by_provider([](const worker::ProviderCounts& counts) { return counts.stalls; });
}

void CountsPrinter::print_use() {
  out_.counter("ccrelay_tokens_total", "Tokens as providers told them and bill them.");
  for (const auto& [key, tokens] : tokens_) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      out_.sample({{"provider", provider_names_[series_part(key, 0)]},
                   {"model", model_names_[series_part(key, 1)]},
                   {"type", token_class_names[i]}},
                  tokens[i]);
    }
  }
  out_.counter("ccrelay_cost_usd_total", "What the operator pays, where the price is known.");
  by_model([this](auto provider, auto model, const worker::ModelCounts& counts) {
    out_.sample({provider, model},
                Exposition::Billionths{static_cast<std::int64_t>(counts.cost_nano_usd)});
  });
  out_.counter("ccrelay_requests_without_price_total", "Charges whose cost is not known.");
  by_model([this](auto provider, auto model, const worker::ModelCounts& counts) {
    out_.sample({provider, model}, counts.without_price);
  });
  out_.counter("ccrelay_requests_without_usage_total",
               "Charges of which the provider told no figure.");
  by_model([this](auto provider, auto model, const worker::ModelCounts& counts) {
    out_.sample({provider, model}, counts.without_usage);
  });
}

void CountsPrinter::print_clients() {
  out_.counter("ccrelay_client_tokens_total", "Tokens by the client that used them.");
  for (const auto& [key, counts] : clients_) {
    for (std::size_t i = 0; i < counts.tokens.size(); ++i) {
      out_.sample({{"client", client_names_[series_part(key, 0)]}, {"type", token_class_names[i]}},
                  counts.tokens[i]);
    }
  }
  out_.counter("ccrelay_client_cost_usd_total",
               "What the operator pays for a client, where the price is known.");
  for (const auto& [key, counts] : clients_) {
    out_.sample({{"client", client_names_[series_part(key, 0)]}},
                Exposition::Billionths{static_cast<std::int64_t>(counts.cost_nano_usd)});
  }
}

void CountsPrinter::print_refusals() {
  out_.counter("ccrelay_client_refused_total", "Requests refused to a client with its own key.");
  for (const auto& [key, count] : refusals_) {
    out_.sample({{"client", client_names_[series_part(key, 0)]},
                 {"reason", worker::client_bars[series_part(key, 1)]}},
                count);
  }
}

void CountsPrinter::print_streams() {
  out_.counter("ccrelay_stream_pings_total", "Keep-alive events that the relay has made.",
               counts_.pings);
  out_.counter("ccrelay_client_bytes_total", "Body bytes from and to clients.");
  out_.sample({{"direction", "in"}}, counts_.bytes_in);
  out_.sample({{"direction", "out"}}, counts_.bytes_out);
  out_.histogram("ccrelay_loop_lag_seconds", "How late a timer of 100 ms fires.");
  print_buckets(out_, {}, counts_.lag);
}

}  // namespace

void print_counts(Exposition& out, const worker::Counts& counts, const Labels& labels) {
  CountsPrinter(out, counts, labels).print();
}

}  // namespace ccrelay::front
