#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/known_strings.hpp"
#include "wire/json_scan.hpp"

namespace ccrelay::dialect {

class JsonIndex;
class JsonMembers;
class JsonItems;

/// One value of JSON as the text that it is: numbers, escapes and the order of keys stay what they
/// were. A view of text that somebody else keeps alive and that has been checked; an absent value
/// is one too, so that look-ups can be put one behind the other. Whoever looks at several members
/// of an object walks over members() once. A value type, pure.
class Json {
 public:
  /// An absent value.
  Json() = default;
  /// Of a text that has been checked, without white space around it.
  explicit Json(std::string_view checked) : raw_(checked) {}
  /// Checks the text (RFC 8259, UTF-8 apart); absent when it is not one value with nothing but
  /// white space around it. `error`, if given, then says why and at which byte; it quotes nothing.
  static Json read(std::string_view text, std::string* error = nullptr);

  std::string_view raw() const { return raw_; }
  /// Known to be what JsonOut would write: a string as its string(), all else as its raw().
  bool is_clean() const { return extent_ && extent_->clean != 0; }
  /// Appends what JsonOut would write between a string's quotes, where that is known without
  /// looking at the text again; else nothing, and false.
  bool append_inside(std::string& out) const;
  /// Whether there is a value at all; null is one.
  explicit operator bool() const { return !raw_.empty(); }
  /// There, and not null.
  bool told() const { return !raw_.empty() && raw_.front() != 'n'; }
  bool is_null() const { return begins('n'); }
  bool is_true() const { return begins('t'); }
  bool is_false() const { return begins('f'); }
  bool is_string() const { return begins('"'); }
  bool is_object() const { return begins('{'); }
  bool is_array() const { return begins('['); }
  bool is_number() const {
    return begins('-') || (!raw_.empty() && raw_[0] >= '0' && raw_[0] <= '9');
  }
  /// A string, an object or an array without anything in it.
  bool is_empty() const;

  /// What the string means; empty for any other kind. Half of a surrogate pair becomes U+FFFD.
  std::string text() const;
  /// Whether it is the string that means this.
  bool is(std::string_view word) const {
    if (!is_string() || raw_.size() < word.size() + 2) return false;
    if (raw_.size() == word.size() + 2)
      return std::memcmp(raw_.data() + 1, word.data(), word.size()) == 0;
    // An escape is longer than what it stands for.
    return !word.empty() && (raw_[1] == word[0] || raw_[1] == '\\') && is_escaped(word);
  }
  /// A whole number, also one written as 1e3 or 4.0; nothing for what does not fit.
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;

  /// The last member of that name: the one that counts for most readers. Absent if there is none.
  Json operator[](std::string_view name) const;
  /// The value of an array that has no other; absent where there are more, or none.
  Json only_item() const;
  /// Several members by their names, in one walk: each as operator[] has it.
  template <std::size_t... Sizes>
  std::array<Json, sizeof...(Sizes)> picked(const char (&... names)[Sizes]) const;
  /// What a loop goes over; nothing when the value is of another kind.
  JsonMembers members() const;
  JsonItems items() const;

 private:
  friend class JsonIndex;
  friend class JsonSteps;
  using Extent = wire::JsonScan::Extent;

  Json(std::string_view raw, const Extent* extent) : raw_(raw), extent_(extent) {}
  bool begins(char c) const { return !raw_.empty() && raw_.front() == c; }
  bool is_escaped(std::string_view word) const;

  std::string_view raw_;
  const Extent* extent_ = nullptr;  // its own, those of what it holds behind it; null: not known
};

/// Where the values of a text end, for one that is gone into from many sides, such as a request: in
/// a Json that comes from here nobody walks twice over what is long, or looks at it to know whether
/// it goes on as it is. Outlives all of them; one text each.
class JsonIndex {
 public:
  JsonIndex() = default;
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  /// As Json::read(). `text` is kept alive by who calls. `known`: strings that are longer than
  /// JsonScan::short_string and were written by a JsonOut; null: none.
  Json read(std::string_view text, std::string* error = nullptr,
            const KnownStrings* known = nullptr);

 private:
  std::vector<wire::JsonScan::Extent> extents_;  // and one behind them that is of nothing
};

/// `"key": value` of an object.
struct JsonMember {
  std::string_view key;  ///< with its quotes
  Json value;
  bool plain = false;  ///< the key is known to have no escapes

  bool is(std::string_view name) const {
    if (!plain) return Json(key).is(name);
    return key.size() == name.size() + 2 &&
           std::memcmp(key.data() + 1, name.data(), name.size()) == 0;
  }
  std::string name() const { return Json(key).text(); }
};

/// Goes forward over an object's or array's values; each step reads one value and no more.
class JsonSteps {
 public:
  /// Of a container, or of an absent value.
  JsonSteps(Json container, bool keyed);

  bool over() const { return !member_.value; }
  const JsonMember& member() const { return member_; }
  void step();

 private:
  const char* at_ = nullptr;                          // behind the last value
  const char* end_ = nullptr;                         // of the container
  const char* text_ = nullptr;                        // that the extents are of
  const wire::JsonScan::Extent* recorded_ = nullptr;  // the next value that is; null: none are
  JsonMember member_;
  bool keyed_;
};

/// The members of an object, in their order, each as often as it stands there.
class JsonMembers {
 public:
  class Iterator {
   public:
    explicit Iterator(Json object) : steps_(object, true) {}
    const JsonMember& operator*() const { return steps_.member(); }
    const JsonMember* operator->() const { return &steps_.member(); }
    Iterator& operator++() {
      steps_.step();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return steps_.over(); }

   private:
    JsonSteps steps_;
  };

  explicit JsonMembers(Json object) : object_(object) {}
  Iterator begin() const { return Iterator(object_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  Json object_;
};

/// The values of an array.
class JsonItems {
 public:
  class Iterator {
   public:
    explicit Iterator(Json array) : steps_(array, false) {}
    const Json& operator*() const { return steps_.member().value; }
    const Json* operator->() const { return &steps_.member().value; }
    Iterator& operator++() {
      steps_.step();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return steps_.over(); }

   private:
    JsonSteps steps_;
  };

  explicit JsonItems(Json array) : array_(array) {}
  Iterator begin() const { return Iterator(array_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  Json array_;
};

template <std::size_t... Sizes>
std::array<Json, sizeof...(Sizes)> Json::picked(const char (&... names)[Sizes]) const {
  std::array<Json, sizeof...(Sizes)> found;
  for (const JsonMember& member : members()) {
    // Unrolled, and the lengths are constants.
    std::size_t i = 0;
    ((member.is({names, Sizes - 1}) ? void(found[i] = member.value) : void(), ++i), ...);
  }
  return found;
}

}  // namespace ccrelay::dialect
