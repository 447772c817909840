#pragma once

#include <string>

namespace ccrelay::testing {

/// tests/data of the repository that the tests were built from; absolute.
std::string test_data();

/// The root of that repository; absolute.
std::string source_root();

}  // namespace ccrelay::testing
