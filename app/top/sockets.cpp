#include "sockets.hpp"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "descriptor.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::string_view socket_end = ".sock";
constexpr std::string_view token_end = ".token";

bool is_hidden(int error) {
  return error == EACCES || error == EPERM;
}

std::vector<std::string> files_in(const std::string& folder, std::string_view end) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) return out;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    const bool fits = name.size() > end.size() && name.substr(name.size() - end.size()) == end;
    if (fits) out.push_back(folder + "/" + entry->d_name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<std::string> socket_folders() {
  std::vector<std::string> out;
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') out.push_back(std::string(runtime) + "/cc-relay");
  out.emplace_back("/run/cc-relay");
  return out;
}

SocketLook look_at_socket(const std::string& path) {
  struct stat about {};
  if (path.empty()) return SocketLook::none;
  if (::stat(path.c_str(), &about) != 0) {
    return is_hidden(errno) ? SocketLook::hidden : SocketLook::none;
  }
  sockaddr_un address{};
  if (!S_ISSOCK(about.st_mode) || path.size() >= sizeof address.sun_path) return SocketLook::none;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const Descriptor asks(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!asks) return SocketLook::alive;  // whoever asks is told
  const int done =
      ::connect(asks.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // EAGAIN: so many wait to be taken that there is no room for one more.
  if (done == 0 || errno == EAGAIN || errno == EINPROGRESS) return SocketLook::alive;
  return is_hidden(errno) ? SocketLook::hidden : SocketLook::dead;
}

bool may_be_there(const std::string& path) {
  const SocketLook look = look_at_socket(path);
  return look == SocketLook::alive || look == SocketLook::hidden;
}

std::vector<std::string> sockets_in_use() {
  std::vector<std::string> out;
  for (const std::string& folder : socket_folders()) {
    for (const std::string& file : files_in(folder, socket_end)) {
      if (may_be_there(file)) out.push_back(file);
    }
  }
  return out;
}

std::vector<std::string> made_tokens() {
  std::vector<std::string> out;
  for (const std::string& folder : socket_folders()) {
    for (const std::string& file : files_in(folder, token_end)) {
      const std::string beside =
          file.substr(0, file.size() - token_end.size()) + std::string(socket_end);
      if (look_at_socket(beside) != SocketLook::dead) out.push_back(file);
    }
  }
  return out;
}

}  // namespace ccrelay::app::top
