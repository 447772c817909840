#pragma once

#include <ccrelay/language.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay {
namespace base {
/// Names that the library knows, as numbers; which ones is its own affair.
enum class HeaderName : std::uint8_t;
}  // namespace base

/// One header field as it is seen while walking over Headers.
struct Header {
  std::string_view name;
  std::string_view value;
};

/// An ordered list of header fields. Names compare without regard to case (RFC 9110 section 5.1);
/// order and spelling are kept. All text lives in one buffer, so a list costs two allocations
/// however long it is; views returned from here are valid until the list is next changed. A value
/// type, not thread-safe.
class [[gnu::visibility("default")]] Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields);
  Headers(const Headers&) = default;
  Headers(Headers &&) = default;
  Headers& operator=(const Headers&) = default;
  /// Assigning an empty list gives the memory back.
  Headers& operator=(Headers&& other) noexcept {
    text_.swap(other.text_);
    fields_.swap(other.fields_);
    return *this;
  }

  /// Appends a field; a field of the same name stays where it is.
  void add(std::string_view name, std::string_view value);
  /// Appends a field of another list.
  void add(const Headers& from, std::size_t index);
  /// Removes every field of that name, then appends this one.
  void set(std::string_view name, std::string_view value);
  /// Removes every field of that name; says how many there were.
  std::size_t remove(std::string_view name);
  /// The value of the first field of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  bool contains(std::string_view name) const {
    return get(name).has_value();
  }
  /// The same for a name that the library knows.
  std::optional<std::string_view> get(base::HeaderName name) const;
  bool contains(base::HeaderName name) const {
    return get(name).has_value();
  }
  void clear();
  /// Makes room for so many more fields, with so many bytes of text.
  void reserve(std::size_t fields, std::size_t text_bytes);
  /// Makes room for as much as `other` has and some fields more.
  void reserve_for(const Headers& other);

  std::size_t size() const noexcept {
    return fields_.size();
  }
  bool empty() const noexcept {
    return fields_.empty();
  }
  Header operator[](std::size_t index) const {
    return view(fields_[index]);
  }
  /// Which it has of the names that the library knows.
  base::HeaderName known_name(std::size_t index) const {
    return fields_[index].known;
  }

  class Iterator {
   public:
    Iterator(const Headers& list, std::size_t index) : list_(&list), index_(index) {}
    Header operator*() const { return (*list_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Headers* list_;
    std::size_t index_;
  };
  Iterator begin() const {
    return {*this, 0};
  }
  Iterator end() const {
    return {*this, fields_.size()};
  }

 private:
  struct Field {
    std::uint32_t name;    // offset into text_
    std::uint32_t value;   // offset into text_; the name ends here
    std::uint32_t length;  // of the value
    base::HeaderName known;
  };
  void append(std::string_view name, std::string_view value, base::HeaderName known);
  bool has_name(const Field& field, std::string_view name, base::HeaderName known) const;
  Header view(const Field& field) const {
    const char* text = text_.data();
    return {{text + field.name, field.value - field.name}, {text + field.value, field.length}};
  }

  std::string text_;
  std::vector<Field> fields_;
};

/// What stands before the body of a request.
struct [[gnu::visibility("default")]] RequestHead {
  std::string method;     ///< upper case, as sent
  std::string target;     ///< origin form: path and query, as sent (RFC 9112 section 3.2.1)
  int version_minor = 1;  ///< HTTP/1.x
  Headers headers;

  /// The target up to `?`.
  std::string_view path() const;
  /// The target after `?`; empty if there is none.
  std::string_view query() const;
};

/// What stands before the body of a response.
struct ResponseHead {
  int status = 200;
  Headers headers;
};

/// The words that belong to a status code, such as "Not Found"; empty for an unknown one.
[[gnu::visibility("default")]] std::string_view reason_phrase(int status);

}  // namespace ccrelay
