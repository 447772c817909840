#include <ccrelay/config_load.hpp>
#include <ccrelay/manage_access.hpp>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "manage/core.hpp"
#include "manage/token_file.hpp"
#include "sign/secrets.hpp"

namespace ccrelay::management {
namespace {

constexpr std::chrono::minutes quiet{1};
constexpr std::size_t addresses_max = 1'000;

// Without the port, so that a line a minute is one for all of a machine's connections.
std::string_view address_of(std::string_view peer) {
  const auto colon = peer.rfind(':');
  return colon == peer.npos ? peer : peer.substr(0, colon);
}

bool is_user(const std::string& name, uid_t uid) {
  if (const auto number = base::parse_number(name)) return *number == uid;
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  return ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found &&
         entry.pw_uid == uid;
}

}  // namespace

class Access::State {
 public:
  explicit State(manage::Core& core) : core_(core) {}

  std::shared_ptr<const worker::Snapshot> snapshot() const { return core_.shared().snapshot(); }

  std::optional<Caller> by_token(std::string_view token) const {
    const auto now = snapshot();
    std::optional<Caller> found;
    for (const ManageToken& one : now->config.manage.tokens) {
      const bool same = !one.token.empty() && sign::equal_secrets(one.token.reveal(), token);
      if (same) found = Caller{"token:" + one.name, one.role};
    }
    const std::lock_guard lock(mutex_);
    const bool made = made_ && sign::equal_secrets(made_->token().reveal(), token);
    if (made && is_open_to_made(now->config.manage)) found = Caller{"token:made", Role::operator_};
    return found;
  }

  Result<void> make_token() {
    const auto now = snapshot();
    const std::lock_guard lock(mutex_);
    if (made_ || !is_open_to_made(now->config.manage)) return {};
    const auto& addresses = core_.shared().addresses;
    const ManagePlace place =
        manage_place(now->config.manage, addresses.empty() ? std::string() : addresses.front(),
                     core_.shared().environment);
    if (place.folder.empty()) {
      return Error{ErrorCode::config,
                   "the management's token has no place: neither XDG_RUNTIME_DIR nor /run/cc-relay "
                   "can be written to; write [[manage.auth.tokens]], or set manage.socket to a "
                   "path"};
    }
    auto made = manage::TokenFile::make(place.folder, place.port + ".token");
    if (!made) return made.error();
    made_ = *std::move(made);
    core_.shared().made_token.set(made_->token());
    return {};
  }

  std::string token_file() const {
    const std::lock_guard lock(mutex_);
    return made_ ? made_->path() : std::string();
  }

  void refused(std::string_view peer, std::string_view why) {
    const std::string address = base::clipped(address_of(peer));
    {
      const std::lock_guard lock(mutex_);
      const TimePoint now = core_.now();
      std::erase_if(refused_, [&](const auto& one) { return now - one.second >= quiet; });
      // Who has so many addresses is not told of one by one.
      if (refused_.size() >= addresses_max || !refused_.emplace(address, now).second) return;
    }
    core_.shared().directory.tell_first([address, why = std::string(why)](auto& worker) {
      worker.report().note(Level::warn, "manage_refused",
                           fmt::format("{} was not let in to the management: {}", address, why), {},
                           {{"address", address}});
    });
  }

 private:
  // A credential that somebody has written stands in its place at once.
  static bool is_open_to_made(const ManageConfig& manage) {
    return manage.tokens.empty() && manage.tls.client_auth == ClientAuth::none;
  }

  manage::Core& core_;
  mutable std::mutex mutex_;
  std::unique_ptr<manage::TokenFile> made_;
  std::map<std::string, TimePoint> refused_;
};

Access::Access(manage::Core& core) : state_(std::make_unique<State>(core)) {}
Access::~Access() = default;

std::optional<Caller> Access::by_token(std::string_view token) const {
  return state_->by_token(token);
}

std::optional<Caller> Access::by_uid(std::uint32_t uid) const {
  const Caller caller{fmt::format("uid:{}", uid), Role::operator_};
  if (uid == ::geteuid() || uid == 0) return caller;
  const auto now = state_->snapshot();
  const auto& users = now->config.manage.users;
  const bool known = std::any_of(users.begin(), users.end(),
                                 [&](const std::string& user) { return is_user(user, uid); });
  return known ? std::optional(caller) : std::nullopt;
}

std::optional<Caller> Access::by_certificate(std::string_view subject) const {
  const auto now = state_->snapshot();
  const ManageConfig& manage = now->config.manage;
  if (!manage.tls.enabled() || manage.tls.client_auth == ClientAuth::none || subject.empty()) {
    return {};
  }
  std::string shown = base::clipped(subject);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return Caller{"cert:" + shown, manage.client_role};
}

Result<void> Access::make_token() {
  return state_->make_token();
}
std::string Access::token_file() const {
  return state_->token_file();
}

std::string_view Access::unauthenticated() {
  return "a credential of the management is needed, as \"authorization: Bearer TOKEN\": one of "
         "[[manage.auth.tokens]], or the one in the file beside the relay's socket";
}

std::string Access::refused_user(std::uint32_t uid) {
  return fmt::format(
      "the user {} may not manage this relay; its own user and root may, and those that "
      "manage.auth.users names",
      uid);
}

std::string Access::refused_viewer(const Caller& caller) {
  return fmt::format("{} is a viewer and may look, not act; an operator's credential is needed",
                     caller.name);
}

void Access::refused(std::string_view peer, std::string_view why) {
  state_->refused(peer, why);
}

}  // namespace ccrelay::management
