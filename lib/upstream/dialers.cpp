#include "upstream/dialers.hpp"

#include "base/assert.hpp"
#include "upstream/curl_init.hpp"

namespace ccrelay::upstream {

namespace {

// One thread uses it, so curl needs no locks.
CURLSH* make_share() {
  init_curl();
  CURLSH* share = curl_share_init();
  CCRELAY_ASSERT(share != nullptr, "curl has memory for a share");
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return share;
}

}  // namespace

Dialers::Dialers(loop::Loop& loop) : TurnTask(loop), share_(make_share()) {}

Dialer& Dialers::with_room() {
  for (const auto& dialer : dialers_) {
    if (dialer->has_room()) return *dialer;
  }
  dialers_.push_back(std::make_unique<Dialer>(loop()));
  return *dialers_.back();
}

void Dialers::run_at_turn_end() {
  bool spare = !Dialer::closes_what_is_removed;
  std::erase_if(dialers_, [&spare](const auto& dialer) {
    if (dialer->handles() > 0) return false;
    return std::exchange(spare, true);
  });
}

CurlHandle::CurlHandle(Dialers& dialers) : dialers_(dialers), curl_(curl_easy_init()) {
  CCRELAY_ASSERT(curl_ != nullptr, "curl has memory for an easy handle");
}

CurlHandle::~CurlHandle() {
  if (dialer_) {
    dialer_->remove(curl_);
    dialers_.note_room();
  }
  curl_easy_cleanup(curl_);
}

CURLMcode CurlHandle::join() {
  Dialer& dialer = dialers_.with_room();
  const CURLMcode code = dialer.add(curl_);
  if (code == CURLM_OK) dialer_ = &dialer;
  return code;
}

}  // namespace ccrelay::upstream
