#include "rpc/status.hpp"

namespace ccrelay::rpc {
namespace {

::grpc::StatusCode code_of(management::Code code) {
  switch (code) {
    case management::Code::invalid_argument:
      return ::grpc::StatusCode::INVALID_ARGUMENT;
    case management::Code::not_found:
      return ::grpc::StatusCode::NOT_FOUND;
    case management::Code::failed_precondition:
      return ::grpc::StatusCode::FAILED_PRECONDITION;
    case management::Code::aborted:
      return ::grpc::StatusCode::ABORTED;
    case management::Code::resource_exhausted:
      return ::grpc::StatusCode::RESOURCE_EXHAUSTED;
    case management::Code::unavailable:
      return ::grpc::StatusCode::UNAVAILABLE;
    case management::Code::deadline_exceeded:
      return ::grpc::StatusCode::DEADLINE_EXCEEDED;
  }
  return ::grpc::StatusCode::INTERNAL;
}

}  // namespace

::grpc::Status status_of(const management::Refusal& refusal) {
  return {code_of(refusal.code), refusal.message};
}

::grpc::Status invalid(const std::string& what) {
  return {::grpc::StatusCode::INVALID_ARGUMENT, what};
}

}  // namespace ccrelay::rpc
