// The public test suite of AWS Signature Version 4 (repository awslabs/aws-c-auth,
// tests/aws-signing-test-suite/v4), all cases with header fields. It is no part of this repository:
// looked for in $CCRELAY_AWS4_SUITE, then beside the source; skipped where it is not.
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sign/aws4_sign.hpp"
#include "support/paths.hpp"

namespace fs = std::filesystem;
using namespace ccrelay;
using namespace ccrelay::sign;

namespace {

struct Case {
  std::string method, target, body;
  Headers headers;
  Aws4Credentials credentials;
  Aws4Scope scope;
  Aws4Options options;
};

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A request line, fields that may go on in lines with a blank in front, an empty line, the body.
void read_request(const std::string& text, Case& one) {
  const auto head_end = text.find("\n\n");
  if (head_end != std::string::npos) one.body = text.substr(head_end + 2);
  std::vector<std::string> lines;
  std::string_view rest = std::string_view(text).substr(0, head_end);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string line(rest.substr(0, end));
    if (line.starts_with(' ')) {
      lines.back() += '\n' + line;
    } else if (!line.empty()) {
      lines.push_back(line);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const std::string& first = lines.front();
  const auto begin = first.find(' ') + 1;
  one.method = first.substr(0, begin - 1);
  one.target = first.substr(begin, first.rfind(' ') - begin);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    one.headers.add(lines[i].substr(0, colon), lines[i].substr(colon + 1));
  }
}

void read_context(const std::string& text, Case& one) {
  simdjson::dom::parser parser;
  const simdjson::dom::element context = parser.parse(text);
  const auto word = [](const simdjson::dom::element& in, const char* name) {
    std::string_view value;
    if (in[name].get_string().get(value)) value = {};
    return std::string(value);
  };
  const auto flag = [&context](const char* name) {
    bool value = false;
    return !context[name].get_bool().get(value) && value;
  };
  const simdjson::dom::element credentials = context["credentials"];
  one.credentials = {word(credentials, "access_key_id"),
                     Secret(word(credentials, "secret_access_key")),
                     Secret(word(credentials, "token"))};
  one.scope = {word(context, "region"), word(context, "service")};
  one.options.normalize_path = flag("normalize");
  one.options.add_content_hash = flag("sign_body");
  one.options.sign_session_token = !flag("omit_session_token");
  if (word(context, "timestamp") != "2015-08-30T12:36:00Z") std::abort();
}

bool same(const fs::path& folder, const char* what, const std::string& wanted,
          const std::string& got) {
  if (wanted == got) return true;
  std::printf("%s: %s\n--- wanted\n%s\n--- got\n%s\n", folder.filename().c_str(), what,
              wanted.c_str(), got.c_str());
  return false;
}

bool passes(const fs::path& folder) {
  Case one;
  read_request(read(folder / "request.txt"), one);
  read_context(read(folder / "context.json"), one);
  Aws4Key key(one.credentials, one.scope);
  const std::vector<std::string_view> body{one.body};
  const Aws4Signature out = aws4_sign(
      key, {one.method, one.target, one.headers, body},
      std::chrono::system_clock::time_point{std::chrono::seconds{1440938160}}, one.options);
  const auto wanted = [&folder](const char* name) { return read(folder / name); };
  const std::string authorization(out.headers.get("authorization").value_or(""));
  bool good = same(folder, "canonical request", wanted("header-canonical-request.txt"),
                   out.canonical_request);
  good &= same(folder, "string to sign", wanted("header-string-to-sign.txt"), out.string_to_sign);
  good &= same(folder, "signature", wanted("header-signature.txt"), out.signature);
  const std::string signed_request = wanted("header-signed-request.txt");
  for (const Header field : out.headers) {
    const std::string line = ':' + std::string(field.value) + '\n';
    if (signed_request.find(line) != std::string::npos) continue;
    std::printf("%s: no field %s\n", folder.filename().c_str(), line.c_str());
    good = false;
  }
  return good;
}

}  // namespace

int main() {
  const char* given = std::getenv("CCRELAY_AWS4_SUITE");
  const fs::path root = given
                            ? fs::path(given)
                            : fs::path(testing::source_root()).parent_path() / "shared/data/sigv4";
  if (!fs::is_directory(root)) {
    std::printf("skipped: there is no test suite of AWS in %s\n", root.c_str());
    return 77;
  }
  int cases = 0, failed = 0;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (!entry.is_directory()) continue;
    ++cases;
    failed += passes(entry.path()) ? 0 : 1;
  }
  std::printf("%d cases, %d failed\n", cases, failed);
  // Fewer would mean that they are not what they should be.
  return failed == 0 && cases >= 30 ? 0 : 1;
}
