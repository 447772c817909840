#include "provider/body_path.hpp"

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "wire/json_scan.hpp"

namespace ccrelay::provider {
namespace {

// Deeper nothing is that an API knows.
constexpr std::size_t parts_max = 16;

// What is looked at in all, in times of the body: names that are alike, and arrays in arrays, would
// have it read again and again.
constexpr std::size_t readings_max = 16;

using PathParts = std::vector<std::string_view>;

PathParts path_parts(std::string_view named) {
  PathParts parts;
  while (!named.empty() && parts.size() <= parts_max) {
    const auto end = std::min(named.find_first_of("./[]"), named.size());
    if (end > 0) parts.push_back(named.substr(0, end));
    named.remove_prefix(std::min(end + 1, named.size()));
  }
  return parts;
}

class Finder {
 public:
  Finder(std::string_view body, const PathParts& parts) : body_(body), parts_(parts) {}

  std::string find() {
    wire::JsonScan scan(body_);
    scan.skip_space();
    return scan.peek() == '{' && in_value(scan.at(), 0) ? path_ : std::string();
  }

 private:
  bool tired() const { return read_ / readings_max > body_.size(); }

  bool in_value(std::size_t at, std::size_t part) {
    if (part == parts_.size() || at >= body_.size() || tired()) return false;
    if (body_[at] == '{') return in_object(at, part);
    return body_[at] == '[' && in_array(at, part);
  }

  bool in_object(std::size_t at, std::size_t part) {
    const std::string_view name = parts_[part];
    const bool last = part + 1 == parts_.size();
    wire::JsonScan scan(body_, at + 1);
    scan.skip_space();
    for (bool more = scan.peek() != '}'; more && !scan.failed();) {
      scan.skip_space();
      const std::size_t key = scan.at();
      scan.skip_string();
      const std::string_view raw = body_.substr(key, scan.at() - key);
      scan.skip_space();
      scan.take(':');
      scan.skip_space();
      const std::size_t value = scan.at();
      if (!scan.failed() && wire::json_decoded(raw) == name) {
        const std::size_t length = path_.size();
        path_.append(path_.empty() ? "" : ".").append(name);
        if (last || in_value(value, part + 1)) return true;
        // A text block has a member of its kind's name, too.
        path_.resize(length);
        break;
      }
      scan.skip_value();
      scan.skip_space();
      more = scan.take(',');
    }
    read_ += scan.at() - at;
    // At the top there are no kinds.
    return !last && at > 0 && part > 0 && !tired() && in_object(at, part + 1);
  }

  // The element that is named, else any: thinking blocks that were left out move the others.
  bool in_array(std::size_t at, std::size_t part) {
    const auto index = base::parse_number(parts_[part]);
    const std::size_t inside = index ? part + 1 : part;
    const std::size_t length = path_.size();
    path_ += "[]";
    std::size_t count = 0;
    bool any = false;
    std::string found;
    wire::JsonScan scan(body_, at + 1);
    scan.skip_space();
    for (bool more = scan.peek() != ']'; more && !scan.failed(); ++count) {
      scan.skip_space();
      const std::size_t element = scan.at();
      scan.skip_value();
      read_ += scan.at() - element;
      if (!scan.failed() && (!any || (index && count == *index))) {
        const std::size_t before = path_.size();
        if (in_value(element, inside)) {
          found = path_;
          any = true;
          if (!index || count >= *index) break;
        }
        path_.resize(before);
      }
      scan.skip_space();
      more = scan.take(',');
    }
    read_ += scan.at() - at;
    path_.resize(length);
    if (any) path_ = found;
    return any;
  }

  const std::string_view body_;
  const PathParts& parts_;
  std::size_t read_ = 0;  // bytes
  std::string path_;
};

}  // namespace

std::string path_in(std::string_view body, std::string_view named) {
  const PathParts parts = path_parts(named);
  if (parts.empty() || parts.size() > parts_max) return {};
  return Finder(body, parts).find();
}

}  // namespace ccrelay::provider
