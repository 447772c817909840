#pragma once

#include <ccrelay/testing/fake_provider.hpp>

namespace ccrelay::app {

/// What the demo's provider answers to a request. Pure.
testing::Script demo_answer(const testing::RecordedRequest& request);

}  // namespace ccrelay::app
