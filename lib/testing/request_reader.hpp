#pragma once

#include <llhttp.h>
#include <ccrelay/testing/fake_provider.hpp>

#include <string>
#include <string_view>

namespace ccrelay::testing {

/// Bytes in, requests out, one at a time; what was pipelined behind a request waits. Owned by its
/// connection.
class RequestReader final {
 public:
  RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  void push(std::string_view bytes) { unread_.append(bytes); }
  bool has_unread() const { return !unread_.empty(); }

  enum class Status { incomplete, complete, malformed };
  /// Reads on up to the end of a request, which take() then hands over.
  Status read();
  RecordedRequest take() { return std::move(request_); }
  /// The client waits for 100 before it sends the body. Says so once per request.
  bool take_expects_continue();
  /// Whether the connection goes on after the request that was read last.
  bool keep_alive() const { return keep_alive_; }
  /// What is wrong, after `malformed`.
  std::string_view problem() const;

 private:
  struct Callbacks;  // llhttp's way in
  static const llhttp_settings_t& settings();

  llhttp_t parser_;
  std::string unread_;
  RecordedRequest request_;
  std::string name_;
  std::string value_;
  bool in_head_ = false;
  bool expects_continue_ = false;
  bool keep_alive_ = true;
};

}  // namespace ccrelay::testing
