#include "sign/aws4_sign.hpp"

#include <algorithm>
#include <cstdio>

#include "base/ascii.hpp"
#include "sign/aws4_canonical.hpp"

namespace ccrelay::sign {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view date_field = "x-amz-date";
constexpr std::string_view token_field = "x-amz-security-token";
constexpr std::string_view hash_field = "x-amz-content-sha256";

// In UTC, as YYYYMMDD'T'HHMMSS'Z'. std::format is not everywhere yet.
std::string iso_8601_basic(std::chrono::system_clock::time_point now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  char text[40];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

std::string canonical_request(const Aws4Request& request, Aws4Options options,
                              const Aws4Headers& headers, std::string_view payload_hash) {
  const auto question = std::min(request.target.find('?'), request.target.size());
  const std::string_view path = request.target.substr(0, question);
  const std::string_view query =
      request.target.substr(std::min(question + 1, request.target.size()));
  std::string out(request.method);
  out += '\n';
  out += options.encode_path ? aws4_encoded_path(path, options.normalize_path)
                             : aws4_plain_path(path, options.normalize_path);
  out += '\n';
  out += aws4_query(query);
  out += '\n';
  out += headers.canonical;
  out += '\n';
  out += headers.names;
  out += '\n';
  out += payload_hash;
  return out;
}

}  // namespace

Aws4Signature aws4_sign(Aws4Key& key, const Aws4Request& request,
                        std::chrono::system_clock::time_point now, Aws4Options options) {
  const std::string time = iso_8601_basic(now);
  const std::string date = time.substr(0, time.find('T'));
  const std::string payload_hash =
      request.payload_hash.empty() ? hex(sha256(request.body)) : std::string(request.payload_hash);

  Headers to_sign;
  to_sign.reserve_for(request.headers);
  for (const Header field : request.headers) {
    if (!aws4_never_signed(field.name)) to_sign.add(field.name, field.value);
  }
  // The token is put in anew below, or must not be signed.
  to_sign.remove(token_field);

  Aws4Signature out;
  const auto add = [&](std::string_view name, std::string_view value, bool sign) {
    out.headers.add(name, value);
    if (sign) to_sign.set(name, value);
  };
  add(date_field, time, true);
  if (options.add_content_hash) add(hash_field, payload_hash, true);
  if (!key.session_token().empty())
    add(token_field, key.session_token().reveal(), options.sign_session_token);

  const Aws4Headers headers = aws4_headers(to_sign);
  const std::string scope = key.scope(date);
  out.canonical_request = canonical_request(request, options, headers, payload_hash);
  out.string_to_sign = std::string(algorithm) + '\n' + time + '\n' + scope + '\n' +
                       hex(sha256(out.canonical_request));
  out.signature = hex(hmac_sha256(bytes_of(key.derived(date)), out.string_to_sign));
  out.headers.add("authorization", std::string(algorithm) + " Credential=" + key.access_key_id() +
                                       '/' + scope + ", SignedHeaders=" + headers.names +
                                       ", Signature=" + out.signature);
  return out;
}

}  // namespace ccrelay::sign
