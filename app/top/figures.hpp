#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model.hpp"

namespace ccrelay::app::top {

// Figures as a person reads them. What the relay did not tell is `n/a`.

std::string grouped(Number count);                       ///< 16 882
std::string brief(Number count);                         ///< 1840, 34k, 41.2M
std::string brief(Real count);                           ///< the same, rounded
std::string rate(Real per_second);                       ///< 41.2
std::string took(std::int64_t us);                       ///< 0.4 ms, 612 ms, 2.10 s, 3 m 05 s
std::string age(std::int64_t us);                        ///< 12.4s, 3m20s, 2h05m, 4d03h
std::string wait(std::int64_t ms);                       ///< 21s, 4m, 2h, 3d; rounded up
std::string uptime(std::int64_t ms);                     ///< 31s, 12m 31s, 04:12, 3d 04:12
std::string percent(double ratio);                       ///< 0.1 %, 78 %
std::string whole_percent(double ratio);                 ///< 4 %
std::string money(Number nano_usd);                      ///< $41.02
std::string money_limit(std::int64_t nano_usd);          ///< $10, $7.50
std::string memory(Number bytes);                        ///< 3.1 MiB
std::string size(Number bytes);                          ///< 812 B, 41 kB, 1.2 MB
std::string size_brief(Number bytes);                    ///< 812, 18k, 1.2M
std::string clock(Time time);                            ///< 12:04:31, of this machine's time zone
std::string until(std::int64_t time, std::int64_t now);  ///< 14:00, Fri 09:00, 24 Dec 09:00
std::string ago(std::int64_t ms);                        ///< now, 21s, 4m, 2h, 3d
std::string lower_case(std::string text);

/// `[####------]`
std::string bar(double ratio, int cells);

/// The last values as `▁▂▃▄▅▆▇█`, newest at the right; the greatest is the full one.
std::string sparkline(const std::vector<double>& values, int columns);

/// RFC 3339, such as 2026-11-30T09:14:24.123456Z.
Time time_of(const std::string& text);

}  // namespace ccrelay::app::top
