#include "sign/aws4_canonical.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/percent.hpp"

namespace ccrelay::sign {
namespace {

using Pair = std::pair<std::string, std::string>;

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text, bool keep_slash) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (unreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
    }
  }
}

std::string encoded(std::string_view text) {
  std::string out;
  append_encoded(out, text, false);
  return out;
}

std::string normalized(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::string_view rest = path; !rest.empty();) {
    const auto slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : segments) {
    out += '/';
    out += segment;
  }
  if (out.empty() || path.back() == '/') out += '/';
  return out;
}

void append_value(std::string& out, std::string_view value) {
  bool blank = true;  // so that none stands at the front
  const auto begin = out.size();
  for (const char c : value) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!is_blank) {
      out += c;
    } else if (!blank) {
      out += ' ';
    }
    blank = is_blank;
  }
  if (out.size() > begin && out.back() == ' ') out.pop_back();
}

// As aws-c-auth has them (source/aws_signing.c, s_skipped_headers), and what the SDKs leave out.
constexpr std::array<std::string_view, 16> never_signed{
    "authorization",    "connection", "expect",     "keep-alive",        "proxy-authorization",
    "proxy-connection", "te",         "trailer",    "transfer-encoding", "upgrade",
    "user-agent",       "baggage",    "tracestate", "traceparent",       "x-amzn-trace-id",
    "x-b3-traceid",
};

}  // namespace

std::string aws4_plain_path(std::string_view path, bool normalize) {
  if (path.empty()) return "/";
  return normalize ? normalized(path) : std::string(path);
}

std::string aws4_encoded_path(std::string_view path, bool normalize) {
  std::string out;
  append_encoded(out, aws4_plain_path(path, normalize), true);
  return out;
}

std::string aws4_query(std::string_view query) {
  std::vector<Pair> fields;
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(field.size() + 1, query.size()));
    if (field.empty()) continue;
    const std::string_view name = field.substr(0, field.find('='));
    const std::string_view value = field.substr(std::min(name.size() + 1, field.size()));
    fields.emplace_back(encoded(base::percent_decoded(name)),
                        encoded(base::percent_decoded(value)));
  }
  // By the encoded name, then by the value: not as one text, where `=` would come into it.
  std::sort(fields.begin(), fields.end());
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

Aws4Headers aws4_headers(const Headers& headers) {
  std::vector<std::pair<std::string, std::string_view>> fields;
  for (const Header field : headers) fields.emplace_back(base::lower(field.name), field.value);
  // Those of one name stay in their order.
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Aws4Headers out;
  for (auto field = fields.begin(); field != fields.end();) {
    const std::string& name = field->first;
    if (!out.names.empty()) out.names += ';';
    out.names += name;
    out.canonical += name;
    char before = ':';
    for (; field != fields.end() && field->first == name; ++field) {
      out.canonical += before;
      append_value(out.canonical, field->second);
      before = ',';
    }
    out.canonical += '\n';
  }
  return out;
}

bool aws4_never_signed(std::string_view name) {
  return std::any_of(never_signed.begin(), never_signed.end(),
                     [name](std::string_view one) { return base::iequals(name, one); });
}

}  // namespace ccrelay::sign
