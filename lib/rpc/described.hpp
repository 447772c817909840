#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class DescriptorPool;
class FileDescriptor;
}  // namespace google::protobuf

namespace ccrelay::rpc {

/// What reflection can tell of: the files of the generated messages, and those of the services that
/// are spoken by hand, in a pool of its own so that they are in nobody's way.
class Described {
 public:
  Described();
  ~Described();
  Described(const Described&) = delete;
  Described& operator=(const Described&) = delete;

  const google::protobuf::FileDescriptor* file(const std::string& name) const;
  const google::protobuf::FileDescriptor* file_of_symbol(const std::string& symbol) const;

 private:
  const std::unique_ptr<google::protobuf::DescriptorPool> own_;
};

/// The management's own, by their full names.
std::vector<std::string> management_services();

}  // namespace ccrelay::rpc
