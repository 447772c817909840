#include "rpc/described.hpp"

#include <ccrelay/management/v1/management.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <initializer_list>

namespace ccrelay::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;

struct Field {
  const char* name;
  int number;
  FieldDescriptorProto::Type type;
  const char* of = "";  ///< the message or enum
  bool is_repeated = false;
  bool is_choice = false;  ///< in the message's one oneof
};

void add_message(FileDescriptorProto& file, const char* name, std::initializer_list<Field> fields,
                 const char* choice = nullptr) {
  DescriptorProto& message = *file.add_message_type();
  message.set_name(name);
  if (choice) message.add_oneof_decl()->set_name(choice);
  for (const Field& each : fields) {
    FieldDescriptorProto& field = *message.add_field();
    field.set_name(each.name);
    field.set_number(each.number);
    field.set_type(each.type);
    field.set_label(each.is_repeated ? FieldDescriptorProto::LABEL_REPEATED
                                     : FieldDescriptorProto::LABEL_OPTIONAL);
    if (*each.of) field.set_type_name("." + file.package() + "." + each.of);
    if (each.is_choice) field.set_oneof_index(0);
  }
}

FileDescriptorProto file_named(const std::string& name, const std::string& package) {
  FileDescriptorProto file;
  file.set_name(name);
  file.set_package(package);
  file.set_syntax("proto3");
  return file;
}

// https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto
FileDescriptorProto health() {
  using Type = FieldDescriptorProto;
  FileDescriptorProto file = file_named("grpc/health/v1/health.proto", "grpc.health.v1");
  add_message(file, "HealthCheckRequest", {{"service", 1, Type::TYPE_STRING}});
  add_message(file, "HealthCheckResponse",
              {{"status", 1, Type::TYPE_ENUM, "HealthCheckResponse.ServingStatus"}});
  auto& states = *file.mutable_message_type(1)->add_enum_type();
  states.set_name("ServingStatus");
  int number = 0;
  for (const char* state : {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}) {
    auto& value = *states.add_value();
    value.set_name(state);
    value.set_number(number++);
  }
  auto& service = *file.add_service();
  service.set_name("Health");
  for (const bool is_stream : {false, true}) {
    auto& method = *service.add_method();
    method.set_name(is_stream ? "Watch" : "Check");
    method.set_input_type(".grpc.health.v1.HealthCheckRequest");
    method.set_output_type(".grpc.health.v1.HealthCheckResponse");
    method.set_server_streaming(is_stream);
  }
  return file;
}

// https://github.com/grpc/grpc-proto/blob/master/grpc/reflection/v1/reflection.proto
FileDescriptorProto reflection(const std::string& version) {
  using Type = FieldDescriptorProto;
  FileDescriptorProto file =
      file_named("grpc/reflection/" + version + "/reflection.proto", "grpc.reflection." + version);
  add_message(
      file, "ServerReflectionRequest",
      {{"host", 1, Type::TYPE_STRING},
       {"file_by_filename", 3, Type::TYPE_STRING, "", false, true},
       {"file_containing_symbol", 4, Type::TYPE_STRING, "", false, true},
       {"file_containing_extension", 5, Type::TYPE_MESSAGE, "ExtensionRequest", false, true},
       {"all_extension_numbers_of_type", 6, Type::TYPE_STRING, "", false, true},
       {"list_services", 7, Type::TYPE_STRING, "", false, true}},
      "message_request");
  add_message(
      file, "ExtensionRequest",
      {{"containing_type", 1, Type::TYPE_STRING}, {"extension_number", 2, Type::TYPE_INT32}});
  add_message(
      file, "ServerReflectionResponse",
      {{"valid_host", 1, Type::TYPE_STRING},
       {"original_request", 2, Type::TYPE_MESSAGE, "ServerReflectionRequest"},
       {"file_descriptor_response", 4, Type::TYPE_MESSAGE, "FileDescriptorResponse", false, true},
       {"all_extension_numbers_response", 5, Type::TYPE_MESSAGE, "ExtensionNumberResponse", false,
        true},
       {"list_services_response", 6, Type::TYPE_MESSAGE, "ListServiceResponse", false, true},
       {"error_response", 7, Type::TYPE_MESSAGE, "ErrorResponse", false, true}},
      "message_response");
  add_message(file, "FileDescriptorResponse",
              {{"file_descriptor_proto", 1, Type::TYPE_BYTES, "", true}});
  add_message(file, "ExtensionNumberResponse",
              {{"base_type_name", 1, Type::TYPE_STRING},
               {"extension_number", 2, Type::TYPE_INT32, "", true}});
  add_message(file, "ListServiceResponse",
              {{"service", 1, Type::TYPE_MESSAGE, "ServiceResponse", true}});
  add_message(file, "ServiceResponse", {{"name", 1, Type::TYPE_STRING}});
  add_message(file, "ErrorResponse",
              {{"error_code", 1, Type::TYPE_INT32}, {"error_message", 2, Type::TYPE_STRING}});
  auto& service = *file.add_service();
  service.set_name("ServerReflection");
  auto& method = *service.add_method();
  method.set_name("ServerReflectionInfo");
  method.set_input_type("." + file.package() + ".ServerReflectionRequest");
  method.set_output_type("." + file.package() + ".ServerReflectionResponse");
  method.set_client_streaming(true);
  method.set_server_streaming(true);
  return file;
}

const FileDescriptor* management_file() {
  return management::v1::ServerInfo::descriptor()->file();
}

}  // namespace

Described::Described() : own_(std::make_unique<DescriptorPool>()) {
  own_->BuildFile(health());
  own_->BuildFile(reflection("v1"));
  own_->BuildFile(reflection("v1alpha"));
}

Described::~Described() = default;

// Not all of the generated pool: what an embedding program has in it is nobody's business.
const FileDescriptor* Described::file(const std::string& name) const {
  if (name == management_file()->name()) return management_file();
  for (int i = 0; i < management_file()->dependency_count(); ++i) {
    if (management_file()->dependency(i)->name() == name) return management_file()->dependency(i);
  }
  return own_->FindFileByName(name);
}

const FileDescriptor* Described::file_of_symbol(const std::string& symbol) const {
  const FileDescriptor* const found = management_file()->pool()->FindFileContainingSymbol(symbol);
  return found && file(found->name()) == found ? found : own_->FindFileContainingSymbol(symbol);
}

std::vector<std::string> management_services() {
  std::vector<std::string> names;
  for (int i = 0; i < management_file()->service_count(); ++i) {
    names.push_back(management_file()->service(i)->full_name());
  }
  return names;
}

}  // namespace ccrelay::rpc
