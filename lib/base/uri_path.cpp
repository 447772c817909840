#include "base/uri_path.hpp"

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "base/percent.hpp"

namespace ccrelay::base {
namespace {

// How often something may have been encoded over again.
constexpr int encodings_max = 4;

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// RFC 3986 sections 6.2.2.1 and 6.2.2.2.
std::string in_one_spelling(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view triplet = text.substr(i, 3);
    const std::string decoded = text[i] == '%' ? percent_decoded(triplet) : std::string();
    if (triplet.size() != 3 || decoded.size() != 1) {
      // No triplet: also a lone `%` at the end, which decodes to itself.
      out += text[i];
      continue;
    }
    if (is_unreserved(decoded.front())) {
      out += decoded;
    } else {
      out += '%';
      out += to_upper(triplet[1]);
      out += to_upper(triplet[2]);
    }
    i += 2;
  }
  return out;
}

// RFC 3986 section 5.2.4, and empty segments.
template <class Each>
std::string without_dots(std::string_view path, Each each) {
  std::vector<std::string_view> kept;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const std::string_view segment = each(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

bool is_dots(std::string_view segment) {
  return segment == "." || segment == "..";
}

}  // namespace

std::string normal_path(std::string_view path) {
  const std::string spelled = in_one_spelling(path);
  return without_dots(spelled, [](std::string_view segment) { return segment; });
}

std::string careless_path(std::string_view path) {
  std::string text(path);
  for (int i = 0; i < encodings_max && text.find('%') != std::string::npos; ++i) {
    text = percent_decoded(text);
  }
  std::replace(text.begin(), text.end(), '\\', '/');
  text = lower(text.substr(0, text.find_first_of("?#")));
  return without_dots(text, [](std::string_view segment) {
    segment = segment.substr(0, segment.find(';'));
    while (!segment.empty() && !is_dots(segment) &&
           (segment.back() == '.' || static_cast<unsigned char>(segment.back()) <= ' ')) {
      segment.remove_suffix(1);
    }
    return segment;
  });
}

}  // namespace ccrelay::base
