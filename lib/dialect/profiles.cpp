#include "dialect/profiles.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"

namespace ccrelay::dialect {
namespace {

constexpr int like_max = 4;  // links of a chain of `like`

// A string literal of the whole file, which lib/dialect/meson.build makes.
constexpr std::string_view shipped_text =
#include "dialect/profiles.inc"
    ;

struct Place {
  std::string_view host;
  std::string_view authority;  // with the port, if there is one
  std::string_view whole;      // with the path
};

Place place_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos)
    url.remove_prefix(scheme + 3);
  const std::string_view authority = url.substr(0, url.find_first_of("/?"));
  // A colon inside of brackets is an IPv6 address's.
  const auto colon =
      authority.find(':', authority.find(']') == std::string_view::npos ? 0 : authority.find(']'));
  return {authority.substr(0, colon), authority, url};
}

bool is_at(std::string_view pattern, const Place& place) {
  if (pattern.find('/') != std::string_view::npos) return fits_pattern(pattern, place.whole);
  if (pattern.find(':') != std::string_view::npos) return fits_pattern(pattern, place.authority);
  return fits_pattern(pattern, place.host);
}

}  // namespace

bool fits_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, from = 0;  // the last star, and where it goes on
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && base::to_lower(pattern[p]) == base::to_lower(text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

const Profiles& Profiles::shipped() {
  static const Profiles profiles = [] {
    auto read = Profiles::read(shipped_text, "profiles.toml");
    return read ? *std::move(read) : Profiles();  // a test reads it
  }();
  return profiles;
}

void Profiles::prepend(const Profiles& others) {
  std::vector<ProfileRow> rows = others.rows_;
  for (ProfileRow& row : rows_) {
    if (!others.find(row.name)) rows.push_back(std::move(row));
  }
  rows_ = std::move(rows);
}

const ProfileRow* Profiles::find(std::string_view name) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(),
                                  [name](const ProfileRow& row) { return row.name == name; });
  return found == rows_.end() ? nullptr : &*found;
}

std::string Profiles::name_for(std::string_view base_url) const {
  const Place place = place_of(base_url);
  for (const ProfileRow& row : rows_) {
    for (const std::string& host : row.hosts) {
      if (is_at(host, place)) return row.name;
    }
  }
  return "generic";
}

Profile Profiles::of(std::string_view name, std::string_view model) const {
  Profile profile;
  if (const ProfileRow* row = find(name)) {
    apply(*row, model, profile, 0);
    profile.name = row->name;
  }
  return profile;
}

void Profiles::apply(const ProfileRow& row, std::string_view model, Profile& profile,
                     int depth) const {
  const ProfileRow* const like = row.like.empty() ? nullptr : find(row.like);
  if (like && depth < like_max) apply(*like, model, profile, depth + 1);
  // What is wrong was told when it was read.
  for (const ProfileSetting& setting : row.settings) set(profile, setting);
  for (const ModelRow& models : row.models) {
    const bool is_meant =
        std::any_of(models.match.begin(), models.match.end(),
                    [model](const std::string& pattern) { return fits_pattern(pattern, model); });
    if (!is_meant) continue;
    for (const ProfileSetting& setting : models.settings) set(profile, setting);
  }
}

}  // namespace ccrelay::dialect
