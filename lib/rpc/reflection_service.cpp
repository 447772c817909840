#include "rpc/reflection_service.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <memory>
#include <set>
#include <variant>

#include "rpc/bytes.hpp"
#include "rpc/health_service.hpp"

namespace ccrelay::rpc {
namespace {

using google::protobuf::FileDescriptor;
using ::grpc::ByteBuffer;

// Numbers of ServerReflectionRequest and ServerReflectionResponse.
enum class Ask : std::uint8_t {
  host = 1,
  file = 3,
  symbol = 4,
  extension = 5,
  numbers = 6,
  list = 7
};
enum class Told : std::uint8_t {
  host = 1,
  request = 2,
  files = 4,
  numbers = 5,
  services = 6,
  error = 7
};

void add(std::string& message, Told number, std::string_view content) {
  add_field(message, static_cast<int>(number), content);
}

// The file and all that it imports: a client may have none of them.
void add_files(const FileDescriptor& file, std::set<std::string>& seen, std::string& files) {
  if (!seen.insert(file.name()).second) return;
  google::protobuf::FileDescriptorProto described;
  file.CopyTo(&described);
  add_field(files, 1, described.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) add_files(*file.dependency(i), seen, files);
}

void add_error(std::string& out, ::grpc::StatusCode code, const std::string& words) {
  std::string error;
  add_field(error, 1, static_cast<std::uint64_t>(code));
  add_field(error, 2, words);
  add(out, Told::error, error);
}

void add_file(std::string& out, const FileDescriptor* file, const std::string& what) {
  if (!file) return add_error(out, ::grpc::StatusCode::NOT_FOUND, "there is no " + what);
  std::set<std::string> seen;
  std::string files;
  add_files(*file, seen, files);
  add(out, Told::files, files);
}

// One caller, question by question.
class Reflecting final : public ::grpc::ServerBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  Reflecting(Front& front, const Described& described, const ::grpc::CallbackServerContext& context)
      : described_(described) {
    const auto job = [this, &front, turn = turn_, presented = front.gate.presented(context)] {
      if (*turn) return;  // and this is gone
      const auto caller = front.gate.admit(presented, Needs::viewer);
      if (turn->exchange(true)) return;
      if (const auto* refused = std::get_if<::grpc::Status>(&caller)) return Finish(*refused);
      StartRead(&question_);
    };
    if (!front.pool->offer(job)) {
      *turn_ = true;
      Finish({::grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls wait already; ask again"});
    }
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(::grpc::Status::OK);
    answer_ = buffer_of(reflected(described_, bytes_of(question_)));
    StartWrite(&answer_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(::grpc::Status::CANCELLED);
    question_.Clear();
    StartRead(&question_);
  }
  // Behind the first read it ends by that.
  void OnCancel() override {
    if (!turn_->exchange(true)) Finish(::grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

  const Described& described_;
  const std::shared_ptr<std::atomic<bool>> turn_ = std::make_shared<std::atomic<bool>>(false);
  ByteBuffer question_, answer_;
};

}  // namespace

std::vector<std::string> listed_services() {
  std::vector<std::string> names = management_services();
  names.emplace_back(HealthService::name);
  names.emplace_back("grpc.reflection.v1.ServerReflection");
  names.emplace_back("grpc.reflection.v1alpha.ServerReflection");
  return names;
}

std::string reflected(const Described& described, std::string_view request) {
  std::string host, out;
  int asked = 0;
  std::string about;
  const bool is_message = each_field(request, [&](int number, std::string_view content) {
    if (number == static_cast<int>(Ask::host)) {
      host = content;
    } else {
      asked = number;
      about = content;
    }
  });
  add(out, Told::host, host);
  add(out, Told::request, request);
  if (!is_message) asked = 0;
  switch (static_cast<Ask>(asked)) {
    case Ask::file:
      add_file(out, described.file(about), "file \"" + about + "\"");
      break;
    case Ask::symbol:
      add_file(out, described.file_of_symbol(about), "symbol \"" + about + "\"");
      break;
    case Ask::extension:
    case Ask::numbers:
      add_error(out, ::grpc::StatusCode::NOT_FOUND, "there are no extensions");
      break;
    case Ask::list: {
      std::string services;
      for (const std::string& name : listed_services()) {
        std::string service;
        add_field(service, 1, name);
        add_field(services, 1, service);
      }
      add(out, Told::services, services);
      break;
    }
    default:
      add_error(out, ::grpc::StatusCode::INVALID_ARGUMENT,
                "it asks for nothing that is known here");
  }
  return out;
}

ReflectionService::ReflectionService(Front& front, const Described& described,
                                     const std::string& version)
    : method_("/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo") {
  // A method keeps the pointer to its name.
  AddMethod(new ::grpc::internal::RpcServiceMethod(
      method_.c_str(), ::grpc::internal::RpcMethod::BIDI_STREAMING, nullptr));
  MarkMethodCallback(0, new ::grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
                            [&front, &described](::grpc::CallbackServerContext* context) {
                              return new Reflecting(front, described, *context);
                            }));
}

}  // namespace ccrelay::rpc
