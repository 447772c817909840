#include "rpc/gate.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace ccrelay::rpc {
namespace {

constexpr std::string_view by_descriptor = "fd:";

std::optional<int> descriptor_in(std::string_view peer) {
  if (peer.substr(0, by_descriptor.size()) != by_descriptor) return {};
  peer.remove_prefix(by_descriptor.size());
  int number = -1;
  const auto [end, error] = std::from_chars(peer.data(), peer.data() + peer.size(), number);
  if (error != std::errc() || end != peer.data() + peer.size()) return {};
  return number;
}

bool same_word(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

// RFC 6750 section 2.1; the scheme's name in either case, RFC 9110 section 11.1. Sent twice it is
// nobody's.
std::optional<std::string> token_in(const ::grpc::ServerContextBase& context) {
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first == last) return {};
  if (std::next(first) != last) return std::string();
  const std::string_view value(first->second.data(), first->second.size());
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos || !same_word(value.substr(0, space), "bearer")) {
    return std::string();
  }
  const std::size_t begin = value.find_first_not_of(' ', space);
  return std::string(begin == std::string_view::npos ? std::string_view() : value.substr(begin));
}

// grpc asks for certificates only to verify them, so one that is here has been.
std::string subject_in(const ::grpc::ServerContextBase& context) {
  const auto told = context.auth_context();
  if (!told || !told->IsPeerAuthenticated()) return {};
  const auto subjects = told->FindPropertyValues("x509_subject");
  return subjects.empty() ? std::string() : std::string(subjects[0].data(), subjects[0].size());
}

}  // namespace

std::string address_of(std::string_view peer) {
  for (const std::string_view family : {"ipv4:", "ipv6:"}) {
    if (peer.substr(0, family.size()) != family) continue;
    std::string address;
    peer.remove_prefix(family.size());
    for (std::size_t i = 0; i < peer.size(); ++i) {
      const std::string_view escape = peer.substr(i, 3);
      if (escape == "%5B" || escape == "%5D") {
        address += escape == "%5B" ? '[' : ']';
        i += 2;
      } else {
        address += peer[i];
      }
    }
    return address;
  }
  return std::string(peer);
}

void Gate::comes_in(int descriptor, std::uint32_t uid) {
  const std::lock_guard lock(mutex_);
  uids_[descriptor] = uid;
}

Presented Gate::presented(const ::grpc::ServerContextBase& context) const {
  Presented out;
  const std::string peer = context.peer();
  if (const auto descriptor = descriptor_in(peer)) {
    out.peer = "unix";
    const std::lock_guard lock(mutex_);
    const auto found = uids_.find(*descriptor);
    if (found != uids_.end()) out.uid = found->second;
    return out;
  }
  out.peer = address_of(peer);
  out.token = token_in(context);
  out.subject = subject_in(context);
  return out;
}

::grpc::Status Gate::refuse(const Presented& presented, ::grpc::StatusCode code,
                            const std::string& words, std::string_view why) {
  access_.refused(presented.peer, why);
  return {code, words};
}

std::variant<management::Caller, ::grpc::Status> Gate::admit(const Presented& presented,
                                                             Needs needs) {
  std::optional<management::Caller> caller;
  if (presented.uid) {
    caller = access_.by_uid(*presented.uid);
    if (!caller) {
      const std::string words = access_.refused_user(*presented.uid);
      return refuse(presented, ::grpc::StatusCode::PERMISSION_DENIED, words, words);
    }
  } else if (presented.token) {
    caller = access_.by_token(*presented.token);
  } else if (!presented.subject.empty()) {
    caller = access_.by_certificate(presented.subject);
  }
  if (!caller) {
    return refuse(presented, ::grpc::StatusCode::UNAUTHENTICATED,
                  std::string(access_.unauthenticated()),
                  presented.token ? "a token that is nobody's" : "no token");
  }
  if (needs == Needs::operator_ && caller->role != management::Role::operator_) {
    return ::grpc::Status(::grpc::StatusCode::PERMISSION_DENIED, access_.refused_viewer(*caller));
  }
  return *std::move(caller);
}

}  // namespace ccrelay::rpc
