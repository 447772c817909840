// What hands out credentials: other programs' settings files, the answers of AWS and of token
// endpoints, addresses. Nothing that is read of them can break a line, and no secret shows.
#include "base/ascii.hpp"
#include "fuzz/input.hpp"
#include "identity/aws_answer.hpp"
#include "identity/ini.hpp"
#include "identity/token_answer.hpp"
#include "identity/url.hpp"
#include "identity/xml.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

namespace {

void read_settings(std::string_view text) {
  for (const auto& [section, settings] : read_ini(text)) {
    FUZZ_CHECK(section.find_first_of("\n]") == std::string::npos);
    FUZZ_CHECK(section.find("  ") == std::string::npos);
    for (const auto& [key, value] : settings) {
      FUZZ_CHECK(base::lower(key) == key && base::trim(key) == key);
      FUZZ_CHECK(base::trim(value) == value);
      FUZZ_CHECK(key.find_first_of("\n=") == std::string::npos);
      FUZZ_CHECK(value.find('\n') == std::string::npos);
    }
  }
}

void check(const Result<IssuedKeys>& keys) {
  if (keys) {
    FUZZ_CHECK(!keys->access_key_id.empty() && !keys->secret_access_key.empty());
  } else {
    FUZZ_CHECK(!keys.error().message.empty());
  }
}

// Refused or not, one line that holds nothing of what was sent in confidence.
void read_token(std::string_view text) {
  const std::string secret = "s3cr3t/key";
  Answer answer;
  answer.asked = "it (GET /)";
  answer.secrets = {Secret(secret)};
  for (const int status : {200, 400}) {
    answer.status = status;
    answer.body = text;
    const Step step = token_answered(answer, "do");
    if (const auto* credentials = std::get_if<Issued>(&step.kind)) {
      FUZZ_CHECK(status == 200 && !std::get<IssuedToken>(*credentials).token.empty());
      FUZZ_CHECK(expiry_of(*credentials));
    } else {
      const std::string& message = std::get<Error>(step.kind).message;
      FUZZ_CHECK(message.starts_with(answer.asked));
      FUZZ_CHECK(std::none_of(message.begin(), message.end(),
                              [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
      FUZZ_CHECK(message.find(secret) == std::string::npos);
      FUZZ_CHECK(message.find(percent_encoded(secret)) == std::string::npos);
    }
  }
}

void read_address(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return;
  FUZZ_CHECK(!url->host.empty());
  FUZZ_CHECK(url->host.find_first_of("@/?#\\ \r\n") == std::string::npos);
  FUZZ_CHECK(base::lower(url->authority).starts_with(url->host));
  FUZZ_CHECK(text.starts_with(url->origin) && text.starts_with(url->display));
  FUZZ_CHECK(!is_loopback(*url) || !is_link_local(*url));
  const auto again = parse_url(url->origin);
  FUZZ_CHECK(again && again->host == url->host && again->tls == url->tls);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t what = input.byte() % 5;
  const std::string_view text = input.rest();
  if (what == 0) {
    read_settings(text);
  } else if (what == 1) {
    const auto value = xml_text(text, "Name");
    if (value) FUZZ_CHECK(text.find("<Name>") != std::string_view::npos);
    if (value) FUZZ_CHECK(value->size() + 13 <= text.size());
    check(read_aws_xml(text));
  } else if (what == 2) {
    check(read_aws_json(text, "Token"));
  } else if (what == 3) {
    read_token(text);
  } else {
    read_address(text);
  }
  return 0;
}
