#include "worker/client_index.hpp"

#include "sign/digests.hpp"

namespace ccrelay::worker {
namespace {

int digit(char c) {
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

// Of 64 hexadecimal digits, as the configuration has been checked to hold.
std::string bytes_in(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return out;
}

}  // namespace

ClientIndex::ClientIndex(const std::vector<ClientConfig>& clients) {
  for (const ClientConfig& client : clients) {
    for (const Secret& key : client.keys) {
      by_digest_[std::string(sign::bytes_of(sign::sha256(key.reveal())))] = &client;
    }
    for (const Secret& hash : client.key_hashes) by_digest_[bytes_in(hash.reveal())] = &client;
  }
}

const ClientConfig* ClientIndex::find(std::string_view credential) const {
  if (by_digest_.empty()) return nullptr;
  const auto found = by_digest_.find(std::string(sign::bytes_of(sign::sha256(credential))));
  return found == by_digest_.end() ? nullptr : found->second;
}

std::vector<state::ClientQuota> quotas_of(const std::vector<ClientConfig>& clients) {
  std::vector<state::ClientQuota> quotas;
  for (const ClientConfig& client : clients) {
    quotas.push_back({client.name, client.rpm_limit, client.itpm_limit, client.otpm_limit,
                      client.tpm_limit, static_cast<std::uint64_t>(client.max_in_flight),
                      client.budget_day_nano_usd, client.budget_month_nano_usd});
  }
  return quotas;
}

}  // namespace ccrelay::worker
