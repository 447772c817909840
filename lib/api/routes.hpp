#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "api/call.hpp"
#include "api/input.hpp"

namespace ccrelay::api {

using Done = std::function<void(Answer)>;
using Opened = std::variant<Answer, std::unique_ptr<Stream>>;

/// A call on its way to the Manager.
struct Asked {
  management::Manager& manager;
  const Call& call;
  std::string name = {};  ///< what stands for `*` in the route's path, decoded
  Input input = {};       ///< its fields
};

/// What a path and method come to. One of the functions is set; whichever it is has to ask
/// `input.mistake()` when it has taken its fields, before it does anything.
struct Route {
  std::string_view method;
  std::string_view path;                         ///< behind /api/v1; `*` is a name
  Answer (*tell)(Asked&) = nullptr;              ///< looks
  Answer (*act)(Asked&) = nullptr;               ///< needs an operator
  void (*later)(Asked&, const Done&) = nullptr;  ///< looks, and answers when it can
  void (*act_later)(Asked&, const Done&) = nullptr;
  Opened (*open)(Asked&) = nullptr;  ///< a stream
  std::string_view toml = {};        ///< the field that a body of application/toml is
};

/// One table for each subject; of paths that fit, the first counts.
std::span<const Route> server_routes();
std::span<const Route> provider_routes();
std::span<const Route> key_routes();
std::span<const Route> client_routes();
std::span<const Route> request_routes();
std::span<const Route> usage_routes();
std::span<const Route> config_routes();
std::span<const Route> log_routes();

/// Has `raw` the form of a route's path: what stands for `*`, raw; empty where there is none. Of
/// two, a name is without `/`.
std::optional<std::string_view> name_in(std::string_view raw, std::string_view route);

}  // namespace ccrelay::api
