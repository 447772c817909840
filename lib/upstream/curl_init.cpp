#include "upstream/curl_init.hpp"

#include <curl/curl.h>

#include "base/assert.hpp"

namespace ccrelay::upstream {

// Not in two threads at once before 7.84, which the static variable sees to.
void init_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  CCRELAY_ASSERT(code == CURLE_OK, "libcurl can be initialized");
}

}  // namespace ccrelay::upstream
