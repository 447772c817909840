// What accept() may say, on a machine that says it at will: in this program the relay's accept4()
// is the one below.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using F = RelayFixture;

namespace {

thread_local std::deque<int> errors;  // what the next calls fail with
thread_local std::size_t calls = 0;

std::size_t notes_of(const F& f, const std::string& event) {
  std::size_t count = 0;
  for (const Note& note : f.observer.notes) count += note.event == event ? 1 : 0;
  return count;
}

}  // namespace

extern "C" int accept4(int descriptor, sockaddr* __restrict address, socklen_t* __restrict length,
                       int flags) {
  ++calls;
  if (!errors.empty()) {
    errno = errors.front();
    errors.pop_front();
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, descriptor, address, length, flags));
}

TEST_CASE("who gave up before being taken keeps nobody else waiting", "[scenario][descriptors]") {
  const int error = GENERATE(ECONNABORTED, EPROTO, EHOSTUNREACH, ENETDOWN, EPERM, EINTR);
  CAPTURE(error);
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  errors.assign(3, error);
  const Answer answer = f.ask(request(false));
  CHECK(errors.empty());
  CHECK(answer.status == 200);
  CHECK(one.requests().size() == 1);
  CHECK(notes_of(f, "accept_failed") == 0);
}

TEST_CASE("a machine without descriptors is asked again after a rest, not at once",
          "[scenario][descriptors]") {
  const int error = GENERATE(ENFILE, EMFILE, ENOBUFS, ENOMEM);
  CAPTURE(error);
  F f;
  FakeProvider& one = f.add_provider("one");
  f.start();
  const auto there = f.connect();
  there->send(F::get("/health"));
  answers(f, *there, 1);
  errors.assign(5, error);
  calls = 0;
  const auto client = f.connect();
  client->send(request(false));
  f.until([&] { return notes_of(f, "accept_failed") == 1; });
  CHECK(has(f.observer.notes.back().message, "new connections can't be taken and have to wait"));
  CHECK(has(f.observer.notes.back().message, "LimitNOFILE") ==
        (error == ENFILE || error == EMFILE));
  f.harness.settle();
  CHECK(calls == 1);
  // Who is there already is served meanwhile.
  there->send(F::get("/health"));
  answers(f, *there, 2);
  CHECK(one.requests().empty());
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(client->gone());
    f.harness.advance(milliseconds(100));
    f.harness.settle();
  }
  f.until([&] { return !client->answers().empty() && client->answers()[0].complete; });
  CHECK(client->answers()[0].status == 200);
  CHECK(one.requests().size() == 1);
  CHECK(notes_of(f, "accept_failed") == 1);
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("accept_failures":1)"));
}
