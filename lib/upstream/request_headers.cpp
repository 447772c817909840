#include "upstream/request_headers.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "upstream/token.hpp"

namespace ccrelay::upstream {

namespace {

bool is_framing(std::string_view name) {
  return base::iequals(name, "content-length") || base::iequals(name, "transfer-encoding") ||
         base::iequals(name, "expect");
}

}  // namespace

void RequestHeaders::assign(const Headers& headers, bool has_body) {
  clear();
  for (const Header field : headers) {
    if (is_token(field.name) && !is_framing(field.name)) add(field.name, base::trim(field.value));
  }
  if (!headers.contains("accept")) suppress("Accept");
  if (has_body) {
    if (!headers.contains("content-type")) suppress("Content-Type");
    // curl would announce bodies of 1 MiB and more and wait a second for "100 Continue".
    suppress("Expect");
  }
  link();
}

void RequestHeaders::clear() {
  text_.clear();
  starts_.clear();
  nodes_.clear();
}

void RequestHeaders::add(std::string_view name, std::string_view value) {
  starts_.push_back(text_.size());
  text_.append(name);
  if (value.empty()) {
    text_.push_back(';');  // "Name:" would mean: leave the field out
  } else {
    text_.append(": ");
    const auto begin = static_cast<std::ptrdiff_t>(text_.size());
    text_.append(value);
    for (const char unwanted : {'\r', '\n', '\0'}) {
      if (value.find(unwanted) == std::string_view::npos) continue;
      std::replace(text_.begin() + begin, text_.end(), unwanted, ' ');
    }
  }
  text_.push_back('\0');
}

void RequestHeaders::suppress(std::string_view name) {
  starts_.push_back(text_.size());
  text_.append(name).push_back(':');
  text_.push_back('\0');
}

void RequestHeaders::link() {
  // Only now: the text no longer moves.
  nodes_.reserve(starts_.size());
  for (const std::size_t start : starts_) nodes_.push_back({text_.data() + start, nullptr});
  for (std::size_t i = 1; i < nodes_.size(); ++i) nodes_[i - 1].next = &nodes_[i];
}

}  // namespace ccrelay::upstream
