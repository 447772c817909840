#include "rpc/bytes.hpp"

#include <map>
#include <string>

#include "catch.hpp"

using namespace ccrelay::rpc;

namespace {

std::map<int, std::string> fields_of(const std::string& message, bool& is_message) {
  std::map<int, std::string> fields;
  is_message = each_field(message, [&](int number, std::string_view content) {
    fields[number] = std::string(content);
  });
  return fields;
}

}  // namespace

TEST_CASE("fields that were added are read again, and numbers passed over", "[rpc]") {
  std::string message;
  const std::string large(300, 'x');
  add_field(message, 1, large);
  add_field(message, 2, std::uint64_t{1} << 63);
  add_field(message, 700, "y");
  message += '\x1d' + std::string("abcd");      // 3, four bytes
  message += '\x21' + std::string("abcdefgh");  // 4, eight
  bool is_message = false;
  CHECK(fields_of(message, is_message) == std::map<int, std::string>{{1, large}, {700, "y"}});
  CHECK(is_message);
  CHECK(bytes_of(buffer_of(message)) == message);
}

TEST_CASE("what ends too soon is no message", "[rpc]") {
  std::string whole;
  add_field(whole, 1, "abc");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    bool is_message = true;
    fields_of(whole.substr(0, size), is_message);
    CHECK_FALSE(is_message);
  }
  for (const char* wrong :
       {"\x0b", "\x07", "\x02", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"}) {
    bool is_message = true;
    fields_of(wrong, is_message);
    CHECK_FALSE(is_message);
  }
}
