#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::testing {

/// The messages and enums of a .proto file, as far as management.proto needs it: one line a field,
/// nothing nested but `oneof`.
struct ProtoText {
  struct Field {
    std::string name;
    std::string type;  ///< "string", "Provider", "map<string, string>"
    bool repeated = false;
    bool optional = false;
    std::string one_of = {};  ///< name of the `oneof` it stands in
  };
  struct Call {
    std::string name, request, response;
    bool stream = false;
  };
  std::map<std::string, std::vector<Field>> messages;  ///< fields in their order
  std::map<std::string, std::vector<std::string>> enums;
  std::vector<Call> calls;

  /// The contract of the management API, as it lies in the tree.
  static const ProtoText& management();

  /// In which way JSON is not the message with all of its fields in their order, each of its type
  /// and named as in the proto; empty when it is. Of a `oneof` one is there, and null stands for
  /// what is absent alone.
  std::string differs(std::string_view message, std::string_view json) const;
};

}  // namespace ccrelay::testing
