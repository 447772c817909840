#include "provider/error_about.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.hpp"
#include "provider/error_table.hpp"
#include "provider/error_words.hpp"
#include "wire/error_body.hpp"
#include "wire/said_wait.hpp"
#include "wire/signature_refusal.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::provider {
namespace {

using About = ErrorAbout;
using wire::CodePlace;
using wire::ErrorBody;
using wire::SaidCode;

bool holds(At at, int status) {
  switch (at) {
    case At::any:
      return true;
    case At::refusal:
      return status == 401 || status == 403;
    case At::payment:
      return status == 402 || status == 403;
    case At::fault:
      return status >= 400 && status < 500 && status != 401 && status != 402 && status != 403 &&
             status != 404 && status != 429;
    case At::missing:
      return status == 400 || status == 404 || status == 410 || status == 422 || status >= 500;
    case At::limit:
      return status == 429;
    case At::failure:
      return status >= 500 || status == 408;
    case At::crowded:
      return status == 429 || status >= 500;
    case At::not_limit:
      return status != 429;
  }
  return false;
}

bool is_cloud(std::string_view type) {
  return type == "bedrock" || type == "vertex" || type == "azure" || type == "anthropic_aws" ||
         type == "azure_openai" || type == "gemini" || type == "gemini_vertex";
}

// Whose numbers a code is one of.
std::string_view vendor_of(const ErrorSource& source, const ErrorBody& body, CodePlace place) {
  if (place == CodePlace::base_resp) return "minimax";
  if (place == CodePlace::bracket) return "zai";
  if (place == CodePlace::top_code) {
    // Of Mistral's errors `object` says that they are some, and nothing stands around.
    if (source.type == "zai") return "zai";
    return "mistral";
  }
  (void)body;
  return source.type == "minimax" ? "minimax" : "zai";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<About> by_number(const ErrorSource& source, const ErrorBody& body) {
  for (const SaidCode& code : body.codes) {
    if (!is_number(code.text)) continue;
    const std::string_view vendor = vendor_of(source, body, code.place);
    for (const NumberRow& row : number_rows()) {
      const bool is_theirs =
          row.vendor == vendor || (row.vendor.empty() && row.place == code.place);
      if (is_theirs && lists(row.numbers, code.text)) return row.about;
    }
  }
  return {};
}

std::optional<About> by_name(std::span<const NameRow> rows, const std::vector<std::string>& names,
                             int status) {
  for (const NameRow& row : rows) {
    if (!holds(row.at, status)) continue;
    for (const std::string& name : names) {
      if (lists(row.names, name)) return row.about;
    }
  }
  return {};
}

struct Facts {
  const ErrorSource& source;
  const ErrorBody& body;
  int status;
  std::vector<std::string> names;  // of codes
  std::string words;               // the provider's own, lower case, without what it quotes
  bool points_into_request;        // at a part of what the client sent
};

std::optional<About> by_words(std::span<const WordRow> rows, const Facts& facts) {
  const bool google =
      std::find(facts.names.begin(), facts.names.end(), "resource_exhausted") != facts.names.end();
  for (const WordRow& row : rows) {
    if (!holds(row.at, facts.status)) continue;
    const bool is_of_request = row.about == About::request ||
                               row.about == About::request_healable || row.about == About::model;
    if (facts.points_into_request && !is_of_request) continue;
    // Google says the same of a quota that OpenAI says of an empty account.
    if (google && row.phrases == "exceeded your current quota") continue;
    if (says(facts.words, row.phrases)) return row.about;
  }
  return {};
}

About by_status(int status, const ErrorBody& body) {
  if (status >= 500) {
    return status == 503 || status == 529 ? About::overload : About::provider;
  }
  switch (status) {
    case 401:
    case 403:
      return About::key;
    case 402:
      return About::account;
    case 404:
    case 410:
      return body.is_json ? About::model : About::provider;
    case 408:
    case 424:
      return About::provider;
    case 429:
      return About::limit;
    default:
      return status < 400 ? About::provider : About::request;
  }
}

// Something in front of the provider answered: it knows no keys.
About of_page(int status) {
  if (status == 429 || status == 503 || status == 529) return About::overload;
  const bool is_of_request = status >= 400 && status < 500 && status != 401 && status != 403 &&
                             status != 404 && status != 408;
  return is_of_request ? About::request : About::provider;
}

bool is_edge_refusal(const ErrorBody& body, int status) {
  return status == 403 && !body.is_json && base::istarts_with(body.message, "error code: 1");
}

About judge(const Facts& facts) {
  if (const auto about = by_number(facts.source, facts.body)) return *about;
  if (const auto about = by_words(telling_words(), facts)) return *about;
  if (facts.status == 400 && wire::refuses_signature(facts.body.message)) {
    return About::request_healable;
  }
  if (const auto about = by_name(telling_names(), facts.names, facts.status)) {
    // The names of 401 and 403 in general, for which words may know more.
    if (*about != About::key) return *about;
    if (facts.status != 401) {
      if (const auto words = by_words(word_rows(), facts)) return *words;
    } else if (const auto words = by_words(word_rows(), facts);
               words == About::account || words == About::key_and_model) {
      return *words;
    }
    return *about;
  }
  if (const auto about = by_words(word_rows(), facts)) return *about;
  if (is_edge_refusal(facts.body, facts.status)) return About::provider;
  if (facts.status == 403 && names_model(facts.words, facts.source.model)) {
    return About::key_and_model;
  }
  if (facts.points_into_request && facts.status < 500 && facts.status != 429) {
    return About::request;
  }
  if (const auto about = by_name(plain_names(), facts.names, facts.status)) return *about;
  return by_status(facts.status, facts.body);
}

// What a gateway repeats of its own upstream is its own trouble, unless it is the request's.
About of_gateway(About about) {
  switch (about) {
    case About::account:
    case About::key:
    case About::key_and_model:
      return About::provider;
    case About::limit:
      return About::overload;
    default:
      return about;
  }
}

struct NamedStatus {
  std::string_view names;
  int status;
};
// What an error inside a 200 stands for.
constexpr std::array named_statuses{
    NamedStatus{"authentication* unauthenticated unauthorized *invalid_api_key", 401},
    NamedStatus{"billing* payment* insufficient_*", 402},
    NamedStatus{"permission* forbidden access_denied", 403},
    NamedStatus{"not_found *_not_found", 404},
    NamedStatus{"request_too_large", 413},
    NamedStatus{"*rate_limit* resource_exhausted *throttl* too_many_requests *usage_limit*", 429},
    NamedStatus{"timeout deadline_exceeded gateway_timeout model_timeout", 504},
    NamedStatus{"*overloaded service_unavailable unavailable", 529},
    NamedStatus{"invalid_request* bad_request invalid_argument validation failed_precondition "
                "exceed_context_size context_length_exceeded",
                400},
};

int status_of(const ErrorBody& body, const std::vector<std::string>& names) {
  for (const NamedStatus& one : named_statuses) {
    for (const std::string& name : names) {
      if (lists(one.names, name)) return one.status;
    }
  }
  return body.status != 0 ? body.status : 500;
}

const ErrorRule* rule_for(std::span<const ErrorRule> rules, int status, const ErrorBody& body,
                          const std::string& words) {
  for (const ErrorRule& rule : rules) {
    if (rule.status != 0 && rule.status != status) continue;
    const auto is_it = [&](const SaidCode& code) { return base::iequals(code.text, rule.code); };
    if (!rule.code.empty() && std::none_of(body.codes.begin(), body.codes.end(), is_it)) continue;
    if (words.find(base::lower(rule.words)) == std::string::npos) continue;
    return &rule;
  }
  return nullptr;
}

std::vector<std::string> names_of(const ErrorBody& body) {
  std::vector<std::string> names;
  for (const SaidCode& code : body.codes) {
    if (!is_number(code.text)) add_names(names, code.text);
  }
  return names;
}

About about_quoted(const ErrorSource& source, int status, const ErrorBody& outer) {
  // The gateway's own word for it, such as litellm.AuthenticationError.
  const ErrorBody inner = wire::read_error_body({}, outer.quoted, true);
  ErrorSource upstream = source;
  upstream.rules = {};
  Facts facts{upstream,
              inner,
              status,
              names_of(inner),
              own_words(inner.message, source.model),
              points_into_request(inner.message, inner.param)};
  return of_gateway(judge(facts));
}

std::optional<Duration> wait_of(const ErrorBody& body, const ErrorSource& source) {
  if (body.until && *body.until > source.now) return wire::wait_until(*body.until, source.now);
  // Where a field and a sentence tell, the sentence has the fractions.
  const std::chrono::minutes zone = source.type == "zai" || source.type == "minimax"
                                        ? std::chrono::minutes(480)
                                        : std::chrono::minutes(0);
  const auto said = wire::wait_in_words(body.message, source.now, zone);
  if (!body.wait) return said;
  return std::min(std::max(*body.wait, said.value_or(Duration(0))), wire::wait_max);
}

}  // namespace

ErrorMeaning error_meaning(const ErrorSource& source, int status, const Headers& headers,
                           std::string_view body) {
  ErrorMeaning out;
  out.status = status;
  const ErrorBody read = wire::read_error_body(headers, body, is_cloud(source.type));
  if (read.is_page) {
    out.about = status < 400 ? About::provider : of_page(status);
    return out;
  }
  const std::vector<std::string> names = names_of(read);
  if (status < 400) {
    if (!read.is_error && !is_numbered_error(read)) return out;
    out.status = status_of(read, names);
  }
  out.message = read.message;
  out.quotes = read.quotes;
  if (!read.codes.empty()) out.code = read.codes.front().text;
  out.wait = wait_of(read, source);
  const std::string words = own_words(read.message, source.model);
  if (const ErrorRule* rule = rule_for(source.rules, status, read, words)) {
    out.about = rule->about;
    out.by_rule = true;
    if (rule->wait.count() >= 0) out.wait = rule->wait;
    return out;
  }
  const Facts facts{source, read,  out.status,
                    names,  words, points_into_request(read.message, read.param)};
  out.about = read.quotes ? about_quoted(source, out.status, read) : judge(facts);
  return out;
}

}  // namespace ccrelay::provider
