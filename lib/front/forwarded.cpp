#include "front/forwarded.hpp"

#include <cstddef>

#include "base/ascii.hpp"
#include "base/clipped.hpp"

namespace ccrelay::front {
namespace {

// `for=192.0.2.43`, `for="[2001:db8:cafe::17]:4711"` of one element of Forwarded.
std::string_view for_of(std::string_view element) {
  while (!element.empty()) {
    const auto end = element.find(';');
    const std::string_view pair = base::trim(element.substr(0, end));
    if (base::istarts_with(pair, "for=")) {
      std::string_view value = pair.substr(4);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      return value;
    }
    if (end == std::string_view::npos) break;
    element.remove_prefix(end + 1);
  }
  return {};
}

// Walks the elements of all lines of a list from the first on; the last line is nearest to us.
class Chain {
 public:
  explicit Chain(const base::Networks& trusted) : trusted_(trusted) {}

  void add(std::string_view said) {
    said = base::trim(said);
    if (said.empty()) return;
    const auto address = base::parse_peer(said);
    if (first_.empty()) first_ = said;
    if (!address || !trusted_.contains(*address)) last_untrusted_ = said;
  }
  void add_list(std::string_view line, bool is_forwarded) {
    while (true) {
      const auto comma = line.find(',');
      const std::string_view element = line.substr(0, comma);
      add(is_forwarded ? for_of(element) : element);
      if (comma == std::string_view::npos) return;
      line.remove_prefix(comma + 1);
    }
  }
  /// Where all are trusted proxies, the farthest one asked by itself.
  std::string_view client() const { return last_untrusted_.empty() ? first_ : last_untrusted_; }

 private:
  const base::Networks& trusted_;
  std::string_view first_;
  std::string_view last_untrusted_;
};

std::string_view said_in(const Headers& headers, std::string_view name,
                         const base::Networks& trusted) {
  Chain chain(trusted);
  for (const Header field : headers) {
    if (base::iequals(field.name, name)) chain.add_list(field.value, name == "forwarded");
  }
  return chain.client();
}

}  // namespace

std::string forwarded_for(const Headers& headers, const base::Networks& trusted,
                          std::string_view peer) {
  if (trusted.empty() || !trusted.contains_peer(peer)) return {};
  for (const std::string_view name : {"x-forwarded-for", "forwarded", "x-real-ip"}) {
    if (const auto said = said_in(headers, name, trusted); !said.empty()) {
      return base::clipped(said);
    }
  }
  return {};
}

}  // namespace ccrelay::front
