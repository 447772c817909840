#include "api/told.hpp"

namespace ccrelay::api {
namespace {

Answer list_clients(Asked& asked) {
  const auto page = page_of(asked.input);
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told_page("clients", asked.manager.list_clients(page));
}

Answer get_client(Asked& asked) {
  return told_one(asked, "client", &management::Manager::client);
}

constexpr Route client_table[] = {
    {.method = "GET", .path = "/clients", .tell = list_clients},
    {.method = "GET", .path = "/clients/*", .tell = get_client},
};

}  // namespace

std::span<const Route> client_routes() {
  return client_table;
}

}  // namespace ccrelay::api
