#pragma once

#include <ccrelay/config_load.hpp>
#include <ccrelay/result.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

#include "descriptor.hpp"

namespace ccrelay::app {

/// What a relay that `serve` runs has written down of itself for this user's other commands, in a
/// file that it holds locked for as long as it lives: the kernel lets go of the lock, however it
/// ends. A value type.
struct RunningRelay {
  std::string file;  ///< where this stands
  pid_t process = 0;
  std::vector<std::string> addresses;  ///< `127.0.0.1:8787`, `unix:/path`
  std::string cert_file;               ///< what it shows there; empty = it speaks no TLS
  std::string config;                  ///< the file it was started with, absolute; may be empty
  std::string start_token;             ///< a proof_key() of this start alone
  std::string client_token;  ///< what it asks of its clients; empty = nothing, or not told
  std::string users_file;    ///< of a relay that ends with its last user
  std::string manage_url;    ///< of its management over TCP: `http://127.0.0.1:9091`; may be empty
};

/// The folder for such files: of this user alone, and made when it is not there.
/// $XDG_RUNTIME_DIR/cc-relay, or a place in the home directory where that is not set.
struct RuntimeFolder {
  std::string path;
  bool forgets = false;  ///< nothing in it outlives the session, so it may hold secrets
};
Result<RuntimeFolder> runtime_folder(const Environment& env);

/// A path as seen from anywhere.
std::string absolute_path(const std::string& path);

/// Those that live; what others have left behind is cleared away. The latest start comes last.
std::vector<RunningRelay> running_relays(const RuntimeFolder& folder);

/// This process's own file. Gone with the object.
class Announcement {
 public:
  static Result<Announcement> make(const RuntimeFolder& folder, RunningRelay relay);
  ~Announcement();
  Announcement(Announcement&&) = default;
  Announcement& operator=(Announcement&&) = delete;

  /// Its clients' token is another one now. A reader in the middle of it finds no relay.
  void set_client_token(const std::string& token);

 private:
  Announcement(Descriptor lock, RunningRelay relay)
      : lock_(std::move(lock)), relay_(std::move(relay)) {}
  bool write();

  Descriptor lock_;
  RunningRelay relay_;
};

/// Waits until the process that holds `file` has gone, at most so long.
bool wait_for_end(const RunningRelay& relay, int milliseconds);

}  // namespace ccrelay::app
