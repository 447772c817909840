#include "base/uri_path.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::base;

TEST_CASE("a path has one way of being written", "[base]") {
  struct Case {
    const char* path;
    const char* normal;
  };
  for (const Case& one : std::vector<Case>{
           {"/v1/messages", "/v1/messages"},
           {"/v1/%6dessages", "/v1/messages"},
           {"/%76%31/%6Dessages", "/v1/messages"},
           {"//v1///messages", "/v1/messages"},
           {"/v1/messages/", "/v1/messages"},
           {"/v1/./messages", "/v1/messages"},
           {"/v1/x/../messages", "/v1/messages"},
           {"/v1/x/%2e%2E/messages/.", "/v1/messages"},
           {"/../../v1/messages", "/v1/messages"},
           {"/a%2fb%3a", "/a%2Fb%3A"},
           {"/a%2Fb", "/a%2Fb"},
           {"/a%25%32%66", "/a%252f"},
           {"/a%2", "/a%2"},
           {"/a%zz", "/a%zz"},
           {"/a%", "/a%"},
           {"/%", "/%"},
           {"%", "/%"},
           {"/a%%41", "/a%A"},
           {"/a%/b", "/a%/b"},
           {"/a;b=%41", "/a;b=A"},
           {"/", "/"},
           {"", "/"},
           {"//", "/"},
           {"/%7Euser/%5f", "/~user/_"},
       }) {
    INFO(one.path);
    CHECK(normal_path(one.path) == one.normal);
    CHECK(normal_path(normal_path(one.path)) == one.normal);
  }
}

TEST_CASE("a careless server may read a path in many others", "[base]") {
  for (const char* path :
       {"/v1/messages", "/V1/Messages", "/v1%2fmessages", "/v1/messages;v=1", "/v1;x/messages",
        "/v1/%256dessages", "/v1/%25256dessages", "/v1\\messages", "/v1%5Cmessages",
        "/v1/messages%3Fbeta=true", "/v1/messages%23x", "/v1/messages.", "/v1/messages%20",
        "/v1/messages%09", "/v1/x%2F..%2Fmessages", "/v1/messages%2F", "//v1//messages//"}) {
    INFO(path);
    CHECK(careless_path(path) == "/v1/messages");
  }
  CHECK(careless_path("/v1/messages/batches") == "/v1/messages/batches");
  CHECK(careless_path("/v1/files/..hidden") == "/v1/files/..hidden");
}
