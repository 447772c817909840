#pragma once

#include <string>
#include <string_view>

namespace bench {

/// What a client asks, over and over.
struct Request {
  std::string_view path;
  std::string_view credential;  // name of the field and its value, as the dialect's clients have it
  std::string_view credential_value;
  std::string body;
};

}  // namespace bench
