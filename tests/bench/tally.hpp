#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "socket.hpp"

namespace bench {

/// What a load has seen. Printed as one line of JSON.
struct Tally {
  std::uint64_t done = 0;  // requests or events, while it was measured
  std::uint64_t errors = 0;
  double taken_seconds = 0;  // from the first connection until each had an answer
  std::vector<float> latencies;

  void note(Clock::duration latency) {
    latencies.push_back(std::chrono::duration<float, std::micro>(latency).count());
  }

  void print(Clock::time_point since) {
    std::sort(latencies.begin(), latencies.end());
    const auto at = [&](double part) {
      if (latencies.empty()) return 0.0;
      const double last = static_cast<double>(latencies.size() - 1);
      return static_cast<double>(latencies[static_cast<std::size_t>(part * last)]);
    };
    std::printf(
        "{\"done\":%llu,\"seconds\":%.3f,\"errors\":%llu,\"taken_seconds\":%.3f,"
        "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f}\n",
        static_cast<unsigned long long>(done),
        std::chrono::duration<double>(Clock::now() - since).count(),
        static_cast<unsigned long long>(errors), taken_seconds, at(0.5), at(0.99), at(0.999));
  }
};

}  // namespace bench
