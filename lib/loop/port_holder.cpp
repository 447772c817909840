#include "loop/port_holder.hpp"

#include <dirent.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

namespace ccrelay::loop {
namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

// The inode of the socket in state LISTEN (0A) on the port; proc(5) describes the columns.
std::string listening_inode(std::uint16_t port) {
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X", port);
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      std::istringstream fields(line);
      std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
          timeout >> inode;
      if (state == "0A" && local.size() > 5 && local.substr(local.size() - 5) == wanted) {
        return inode;
      }
    }
  }
  return {};
}

bool holds(const std::string& process, const std::string& socket) {
  const std::string folder = "/proc/" + process + "/fd";
  const Directory list(::opendir(folder.c_str()), ::closedir);
  if (!list) return false;
  while (const dirent* entry = ::readdir(list.get())) {
    char target[64];
    const auto length = ::readlink((folder + "/" + entry->d_name).c_str(), target, sizeof target);
    if (length > 0 && std::string(target, static_cast<std::size_t>(length)) == socket) return true;
  }
  return false;
}

}  // namespace

std::string port_holder(std::uint16_t port) {
  const std::string inode = listening_inode(port);
  if (inode.empty()) return {};
  const std::string socket = "socket:[" + inode + "]";
  const Directory processes(::opendir("/proc"), ::closedir);
  if (!processes) return {};
  while (const dirent* entry = ::readdir(processes.get())) {
    const std::string process = entry->d_name;
    if (!std::isdigit(static_cast<unsigned char>(process[0])) || !holds(process, socket)) continue;
    std::string name;
    std::ifstream comm("/proc/" + process + "/comm");
    std::getline(comm, name);
    return name + " (pid " + process + ")";
  }
  return {};
}

}  // namespace ccrelay::loop
