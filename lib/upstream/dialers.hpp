#pragma once

#include <curl/curl.h>

#include <memory>
#include <vector>

#include "upstream/dialer.hpp"
#include "upstream/trust_stores.hpp"

namespace ccrelay::upstream {

/// All dialers of a worker and what they have in common: the caches of names and TLS sessions, and
/// the certificates. Owned by the client; loop's thread; outlives every handle.
class Dialers final : private loop::TurnTask {
 public:
  explicit Dialers(loop::Loop& loop);
  ~Dialers() override = default;

  /// One with room for another handle.
  Dialer& with_room();
  /// A handle has gone: dialers without any go when the turn ends, but for one that may be of use.
  void note_room() { schedule(); }

  CURLSH* share() { return share_.get(); }
  TrustStores& trust_stores() { return trust_stores_; }

 private:
  struct CloseShare {
    void operator()(CURLSH* share) const { curl_share_cleanup(share); }
  };
  void run_at_turn_end() override;

  std::unique_ptr<CURLSH, CloseShare> share_;
  TrustStores trust_stores_;
  std::vector<std::unique_ptr<Dialer>> dialers_;
};

/// An easy handle, and its place in a dialer while it has one. Destroying it closes the connection
/// it may have opened.
class CurlHandle {
 public:
  explicit CurlHandle(Dialers& dialers);
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  CURLMcode join();
  CURL* get() const { return curl_; }

 private:
  Dialers& dialers_;
  CURL* curl_;
  Dialer* dialer_ = nullptr;
};

}  // namespace ccrelay::upstream
