#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "catch.hpp"
#include "support/paths.hpp"

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

// Which room may include which; everybody may include the public headers, the standard library and
// base. docs/architecture.md tells why.
const std::map<std::string, Names> may_include{
    {"base", {}},
    {"sign", {}},
    {"wire", {"sign"}},
    {"dialect", {"sign", "wire"}},
    {"http", {}},
    {"state", {}},
    {"price", {}},
    {"route", {}},
    {"config", {"price", "route", "provider", "sign", "dialect"}},
    {"provider", {"sign", "wire", "http", "dialect"}},
    {"loop", {}},
    {"upstream", {"loop", "http"}},
    {"identity", {"wire", "loop", "upstream", "sign"}},
    {"tls", {}},
    {"server", {"loop", "http", "tls"}},
    {"observe", {}},
    {"ledger", {"price", "wire"}},
    {"otel", {"http", "upstream"}},
    {"worker",
     {"sign", "wire", "dialect", "http", "state", "price", "route", "provider", "loop", "upstream",
      "identity", "server"}},
    {"checks", {"wire", "provider", "loop", "upstream", "identity", "worker"}},
    {"exchange",
     {"sign", "wire", "dialect", "http", "state", "price", "provider", "upstream", "identity",
      "server", "worker"}},
    {"front", {"wire", "dialect", "http", "price", "server", "observe", "worker", "exchange"}},
    {"manage",
     {"sign", "wire", "config", "state", "identity", "observe", "ledger", "worker", "front"}},
    {"api", {"wire", "http", "loop", "tls", "server"}},
    {"relay",
     {"config", "http", "loop", "tls", "upstream", "server", "worker", "exchange", "front",
      "manage", "api"}},
    {"rpc", {}},
    {"testing", {}},
};

// C libraries that only one room knows (the fake provider stands on its own, see lib/testing).
const std::map<std::string, Names> only_in{
    {"uv.h", {"loop", "upstream", "checks", "relay", "testing"}},
    {"curl/curl.h", {"upstream", "otel"}},
    {"llhttp.h", {"http", "testing"}},
    {"nghttp2/nghttp2.h", {"http"}},
    {"simdjson.h", {"wire"}},
    {"sqlite3.h", {"ledger"}},
    {"toml++/toml.h", {"config"}},
    {"zlib.h", {"wire", "http"}},
};

void check_line(const std::string& room, const fs::path& file, const std::string& line) {
  INFO(file.string() << ": " << line);
  if (line.rfind("#include \"", 0) == 0) {
    const std::string path = line.substr(10, line.find('"', 10) - 10);
    const auto slash = path.find('/');
    REQUIRE(slash != std::string::npos);
    const std::string other = path.substr(0, slash);
    if (other != room && other != "base") CHECK(may_include.at(room).count(other) == 1);
  } else if (line.rfind("#include <", 0) == 0) {
    const std::string path = line.substr(10, line.find('>') - 10);
    const auto found = only_in.find(path);
    if (found != only_in.end()) CHECK(found->second.count(room) == 1);
  }
}

}  // namespace

TEST_CASE("no room includes what it may not know") {
  std::size_t files = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(ccrelay::testing::source_root()) / "lib")) {
    const auto extension = entry.path().extension();
    if (extension != ".hpp" && extension != ".cpp") continue;
    ++files;
    const std::string room = entry.path().parent_path().filename().string();
    REQUIRE(may_include.count(room) == 1);
    std::ifstream text(entry.path());
    for (std::string line; std::getline(text, line);) check_line(room, entry.path(), line);
  }
  CHECK(files > 50);
}

TEST_CASE("the program knows the public headers alone, and libcurl in three places") {
  Names asks;
  const fs::path app = fs::path(ccrelay::testing::source_root()) / "app";
  for (const auto& entry : fs::recursive_directory_iterator(app)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream text(entry.path());
    for (std::string line; std::getline(text, line);) {
      INFO(entry.path().string() << ": " << line);
      if (line.rfind("#include <curl/", 0) == 0) asks.insert(entry.path().filename().string());
      if (line.rfind("#include \"", 0) != 0) continue;
      // A file beside it, or one of a folder of the program's own.
      const std::string path = line.substr(10, line.rfind('"') - 10);
      CHECK((path.find('/') == std::string::npos || fs::exists(app / path)));
    }
  }
  // One that asks, conformance's, which must send and see what no well-behaved client would, and
  // that of top, which follows streams and does not wait.
  CHECK(asks == Names{"api.cpp", "client.cpp", "http_get.cpp"});
}

TEST_CASE("tests include Catch by the header that knows both of its versions") {
  const fs::path root = fs::path(ccrelay::testing::source_root()) / "tests";
  Names direct;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
    std::ifstream text(entry.path());
    for (std::string line; std::getline(text, line);) {
      if (line.rfind("#include <catch2/", 0) == 0) direct.insert(entry.path().filename().string());
    }
  }
  CHECK(direct == Names{"catch.hpp"});
}

TEST_CASE("public headers include nothing but the standard library and each other") {
  const fs::path root = fs::path(ccrelay::testing::source_root()) / "include";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream text(entry.path());
    for (std::string line; std::getline(text, line);) {
      INFO(entry.path().string() << ": " << line);
      if (line.rfind("#include", 0) != 0) continue;
      const std::string path = line.substr(10, line.find('>') - 10);
      CHECK(line[9] == '<');
      const bool ours = path.rfind("ccrelay/", 0) == 0;
      CHECK((ours || path.find('/') == std::string::npos));
      CHECK((ours || path.find(".h") == std::string::npos));
    }
  }
}

TEST_CASE("every public header asks for its C++ before anything else") {
  const fs::path root = fs::path(ccrelay::testing::source_root()) / "include";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || entry.path().filename() == "language.hpp") continue;
    INFO(entry.path().string());
    std::ifstream text(entry.path());
    std::string first, line;
    while (first.empty() && std::getline(text, line)) {
      if (line.rfind("#include", 0) == 0) first = line;
    }
    CHECK(first == "#include <ccrelay/language.hpp>");
  }
}
