#include "http/content_coding.hpp"

#include <zlib.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "support/deflated.hpp"

using namespace ccrelay;
using namespace ccrelay::http;
using testing::deflated;
using testing::Form;

namespace {

struct Decoded {
  int status = 0;
  std::string text;
};

Decoded decoded(const std::string& coding, const std::string& bytes, std::size_t step = 1,
                std::size_t bytes_max = 1 << 20) {
  ContentDecoder decoder;
  Headers headers;
  if (!coding.empty()) headers.add("Content-Encoding", coding);
  Decoded out;
  out.status = decoder.begin(headers).status;
  for (std::size_t at = 0; out.status == 0 && at < bytes.size(); at += step) {
    out.status = decoder
                     .feed(std::string_view(bytes).substr(at, step),
                           [&](std::string_view made) -> Refusal {
                             if (out.text.size() + made.size() > bytes_max) return {413, {}};
                             out.text += made;
                             return {0, {}};
                           })
                     .status;
  }
  if (out.status == 0) out.status = decoder.end().status;
  return out;
}

const std::string text = R"({"model":"m","messages":[]})" + std::string(3000, ' ');

}  // namespace

TEST_CASE("codings are undone, however the body is cut", "[http]") {
  for (const std::size_t step : {1, 7, 100'000}) {
    CHECK(decoded("gzip", deflated(text, Form::gzip), step).text == text);
    CHECK(decoded("X-GZip", deflated(text, Form::gzip), step).text == text);
    CHECK(decoded("deflate", deflated(text, Form::zlib), step).text == text);
    CHECK(decoded("deflate", deflated(text, Form::raw), step).text == text);
    CHECK(decoded("identity, gzip ,", deflated(text, Form::gzip), step).text == text);
    // Applied in the order in which they are named.
    CHECK(decoded("deflate, gzip", deflated(deflated(text, Form::zlib), Form::gzip), step).text ==
          text);
    CHECK(decoded("gzip", deflated("a", Form::gzip) + deflated("b", Form::gzip), step).text ==
          "ab");
  }
}

TEST_CASE("what is not understood is said", "[http]") {
  for (const char* coding :
       {"br", "zstd", "compress", "gzip, br", "aws-chunked", "gzip;q=1", "gzip,gzip,gzip,gzip"}) {
    INFO(coding);
    CHECK(decoded(coding, "x").status == 415);
  }
  ContentDecoder decoder;
  CHECK(decoder.begin({{"content-encoding", "BR"}}).message ==
        "Content-Encoding: br is not understood; send the body as it is, or with gzip or deflate");
  ContentDecoder none;
  CHECK(none.begin({{"content-encoding", "identity"}}).status == 0);
  CHECK_FALSE(none.active());
}

TEST_CASE("a coded body that is broken is refused", "[http]") {
  for (const Form form : {Form::gzip, Form::zlib, Form::raw}) {
    const std::string coding = form == Form::gzip ? "gzip" : "deflate";
    const std::string bytes = deflated(text, form);
    for (const std::size_t step : {1, 100'000}) {
      for (const std::size_t cut :
           {std::size_t(0), std::size_t(1), bytes.size() / 2, bytes.size() - 1}) {
        CHECK(decoded(coding, bytes.substr(0, cut), step).status == 400);
      }
      CHECK(decoded(coding, bytes + "x", step).status == 400);
      CHECK(decoded(coding, bytes + std::string(9, '\0'), step).status == 400);
    }
  }
  CHECK(decoded("gzip", text).status == 400);
  CHECK(decoded("deflate", "no such thing").status == 400);
}

TEST_CASE("nothing is decoded beyond what a body may have", "[http]") {
  const std::string bomb = deflated(std::string(50 << 20, 'a'), Form::gzip);
  const Decoded out = decoded("gzip", bomb, 4096);
  CHECK(out.status == 413);
  CHECK(out.text.size() <= 1 << 20);
  CHECK(decoded("gzip, gzip", deflated(bomb, Form::gzip), 4096).status == 413);
  CHECK(decoded("gzip", deflated(text, Form::gzip), 9, text.size()).text == text);
  CHECK(decoded("gzip", deflated(text, Form::gzip), 9, text.size() - 1).status == 413);
}
