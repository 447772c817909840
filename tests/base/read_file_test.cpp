#include "base/read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "catch.hpp"
#include "config/scratch_directory.hpp"

using ccrelay::base::FileText;
using ccrelay::base::read_file;
using Problem = FileText::Problem;

TEST_CASE("a regular file is read whole, up to a limit", "[base]") {
  const ccrelay::test::ScratchDirectory folder;
  const std::string text(100'000, 't');
  const std::string file = folder.write("file", text);
  CHECK(read_file(file, 100'000).text == text);
  CHECK(read_file(file, 99'999).problem == Problem::too_large);
  CHECK(read_file(file, 99'999).text.empty());
  CHECK(read_file(folder.write("empty", ""), 0).problem == Problem::none);
  CHECK(read_file(folder.write("one", "1"), 0).problem == Problem::too_large);
}

TEST_CASE("a link counts for what it leads to", "[base]") {
  const ccrelay::test::ScratchDirectory folder;
  const std::string link = folder.path() + "/link";
  REQUIRE(::symlink(folder.write("file", "text").c_str(), link.c_str()) == 0);
  CHECK(read_file(link, 10).text == "text");
  const std::string pipe = folder.path() + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  REQUIRE(::unlink(link.c_str()) == 0);
  REQUIRE(::symlink(pipe.c_str(), link.c_str()) == 0);
  CHECK(read_file(link, 10).problem == Problem::not_regular);
}

// Each of these would keep its reader for ever, or for as long as somebody likes.
TEST_CASE("pipes and devices are not read, and nobody waits for them", "[base]") {
  const ccrelay::test::ScratchDirectory folder;
  const std::string pipe = folder.path() + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(read_file(pipe, 10).problem == Problem::not_regular);
  // With a writer that says nothing.
  const int both = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(both >= 0);
  CHECK(read_file(pipe, 10).problem == Problem::not_regular);
  // As a shell's <(...) is named.
  CHECK(read_file("/dev/fd/" + std::to_string(both), 10).problem == Problem::not_regular);
  ::close(both);
  for (const char* device : {"/dev/zero", "/dev/null", "/dev/random"}) {
    CHECK(read_file(device, 10).problem == Problem::not_regular);
  }
  CHECK(read_file(folder.path(), 10).problem == Problem::directory);
}

TEST_CASE("what is named by a descriptor or in /proc is judged by what it is", "[base]") {
  const ccrelay::test::ScratchDirectory folder;
  const int file = ::open(folder.write("file", "text").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  CHECK(read_file("/dev/fd/" + std::to_string(file), 10).text == "text");
  ::close(file);
  CHECK(read_file("/proc/self/status", 1 << 20).text.find("Name:") == 0);
}

TEST_CASE("why a file cannot be read is told in words", "[base]") {
  CHECK(read_file("/no/such", 10).words(10) == "No such file or directory");
  CHECK(read_file("/dev/zero", 10).words(10) == "it is not a regular file");
  CHECK(read_file("/proc/self/status", 10).words(10) == "it is larger than 10 bytes");
}
