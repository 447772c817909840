#include "../../app/certificate_bundle.hpp"

#include <fstream>
#include <sstream>

#include "../config/scratch_directory.hpp"
#include "catch.hpp"

namespace ccrelay::app {
namespace {

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("beside no other certificates the relay's own file is enough", "[app]") {
  const test::ScratchDirectory folder;
  const std::string own = folder.write("own.pem", "OWN");
  CHECK(*certificates_to_trust("", "/x", "/y") == "");
  CHECK(*certificates_to_trust(own, "", "/nowhere/bundle") == own);
  CHECK(*certificates_to_trust(own, own, "/nowhere/bundle") == own);
  CHECK(*certificates_to_trust(own, "/no/such.pem", "/nowhere/bundle") == own);
}

TEST_CASE("beside others a bundle of both is made, once", "[app]") {
  const test::ScratchDirectory folder;
  const std::string own = folder.write("own.pem", "OWN\n");
  const std::string theirs = folder.write("theirs.pem", "THEIRS");
  const std::string bundle = folder.path() + "/deep/bundle.pem";
  CHECK(*certificates_to_trust(own, theirs, bundle) == bundle);
  CHECK(text_of(bundle) == "THEIRS\nOWN\n");
  CHECK(*certificates_to_trust(own, bundle, bundle) == bundle);
  CHECK(text_of(bundle) == "THEIRS\nOWN\n");
  folder.write("own.pem", "NEW\n");
  CHECK(*certificates_to_trust(own, bundle, bundle) == bundle);
  CHECK(text_of(bundle) == "THEIRS\nOWN\nNEW\n");
}

}  // namespace ccrelay::app
