#include "rpc/reflection_service.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <set>
#include <string>

#include "catch.hpp"
#include "rpc/bytes.hpp"

using namespace ccrelay;

namespace {

// Answers are read as a client reads them: by the description of reflection itself.
class Client {
 public:
  Client()
      : type_(described_.file_of_symbol("grpc.reflection.v1.ServerReflectionResponse")
                  ->FindMessageTypeByName("ServerReflectionResponse")),
        answer_(factory_.GetPrototype(type_)->New()) {}

  /// The answer's text.
  std::string ask(int number, const std::string& about) {
    std::string request;
    rpc::add_field(request, 1, "host");
    rpc::add_field(request, number, about);
    REQUIRE(answer_->ParseFromString(rpc::reflected(described_, request)));
    CHECK(text("valid_host") == "host");
    return answer_->DebugString();
  }
  /// The files that the last answer told of.
  std::set<std::string> files() const {
    const auto* field = type_->FindFieldByName("file_descriptor_response");
    const auto& response = answer_->GetReflection()->GetMessage(*answer_, field);
    const auto* bytes = response.GetDescriptor()->field(0);
    std::set<std::string> names;
    for (int i = 0; i < response.GetReflection()->FieldSize(response, bytes); ++i) {
      google::protobuf::FileDescriptorProto file;
      REQUIRE(
          file.ParseFromString(response.GetReflection()->GetRepeatedString(response, bytes, i)));
      names.insert(file.name());
    }
    return names;
  }

 private:
  std::string text(const char* field) const {
    return answer_->GetReflection()->GetString(*answer_, type_->FindFieldByName(field));
  }

  const rpc::Described described_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::Descriptor* const type_;
  const std::unique_ptr<google::protobuf::Message> answer_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("reflection lists the management's services, health and itself", "[rpc]") {
  Client client;
  const std::string told = client.ask(7, "");
  for (const char* service :
       {"Server", "Provider", "Key", "Client", "Request", "Usage", "Config", "Log"}) {
    CHECK(has(told, "ccrelay.management.v1." + std::string(service) + "Service\""));
  }
  CHECK(has(told, "\"grpc.health.v1.Health\""));
  CHECK(has(told, "\"grpc.reflection.v1.ServerReflection\""));
  CHECK(has(told, "\"grpc.reflection.v1alpha.ServerReflection\""));
}

TEST_CASE("reflection gives a symbol's file with what that imports", "[rpc]") {
  Client client;
  client.ask(4, "ccrelay.management.v1.ServerService");
  const std::set<std::string> both{"ccrelay/management/v1/management.proto",
                                   "google/protobuf/timestamp.proto"};
  CHECK(client.files() == both);
  client.ask(3, "ccrelay/management/v1/management.proto");
  CHECK(client.files() == both);
  client.ask(4, "ccrelay.management.v1.ServerService.GetStatus");
  CHECK(client.files() == both);
  client.ask(4, "grpc.health.v1.Health");
  CHECK(client.files() == std::set<std::string>{"grpc/health/v1/health.proto"});
  client.ask(4, "grpc.reflection.v1alpha.ServerReflectionRequest");
  CHECK(client.files() == std::set<std::string>{"grpc/reflection/v1alpha/reflection.proto"});
}

TEST_CASE("reflection says what there is not, and tells of nothing else in the program", "[rpc]") {
  Client client;
  CHECK(has(client.ask(4, "no.such.thing"), "error_code: 5"));
  CHECK(has(client.ask(3, "no.proto"), "error_code: 5"));
  // The test program knows it, and it is none of the management's.
  CHECK(has(client.ask(3, "google/protobuf/descriptor.proto"), "error_code: 5"));
  CHECK(has(client.ask(4, "google.protobuf.FileDescriptorProto"), "error_code: 5"));
  CHECK(has(client.ask(6, "x"), "error_code: 5"));
  CHECK(has(client.ask(9, "x"), "error_code: 3"));
}
