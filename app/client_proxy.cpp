#include "client_proxy.hpp"

#include <algorithm>

#include "relay_place.hpp"

namespace ccrelay::app {

std::string with_host_of(const std::string& hosts, const std::string& url) {
  std::string bare = host_and_port(url).host;  // [::1] is written without brackets there
  bare.erase(std::remove_if(bare.begin(), bare.end(), [](char c) { return c == '[' || c == ']'; }),
             bare.end());
  return hosts.empty() ? bare : hosts + "," + bare;
}

}  // namespace ccrelay::app
