#include "soak/weather.hpp"

#include "base/rng.hpp"
#include "support/raw_client.hpp"

namespace ccrelay::soak {

using testing::Script;

namespace {

std::string text_for(std::uint64_t number) {
  std::string text = "answer to " + std::to_string(number);
  for (std::uint64_t word = 0; word < number % 40; ++word) text += " wörd" + std::to_string(word);
  return text;
}

Script good(std::uint64_t number, bool stream) {
  return stream ? Script::stream(text_for(number)) : Script::message(text_for(number));
}

Script in_band_overload() {
  return Script::stream_head()
      .chunk(Script::events("x")[0])
      .chunk(
          "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
          "\"message\":\"busy\"}}\n\n")
      .last_chunk();
}

}  // namespace

std::uint64_t Weather::draw(std::uint64_t a, std::uint64_t b) const {
  return base::Rng(base::Rng(base::Rng(seed_ + a).next() + b).next()).next();
}

// One provider is well in each phase; the others are as they are.
Weather::Mood Weather::mood(int provider, std::uint64_t number) const {
  const std::uint64_t phase = number / phase_length;
  const auto well = static_cast<int>(draw(phase, 1) % provider_count);
  if (provider == well) return Mood::well;
  return static_cast<Mood>(draw(phase, 10 + static_cast<std::uint64_t>(provider)) % 8);
}

Script Weather::script(int provider, int key, std::uint64_t number, bool stream) const {
  if (stream && breaks_late(number)) {
    Script script = Script::stream_head();
    const auto events = Script::events(text_for(number));
    for (std::size_t i = 0; i < 4; ++i) script.chunk(events[i]);
    return script.reset();
  }
  const std::uint64_t luck = draw(number, 20 + static_cast<std::uint64_t>(provider)) % 100;
  switch (mood(provider, number)) {
    case Mood::well:
      break;
    case Mood::flaky:
      if (luck < 20) return Script::error(500, "api_error", "down");
      if (luck < 40) return Script().reset();
      break;
    case Mood::overloaded:
      if (luck < 30) return Script::error(529, "overloaded_error", "busy");
      if (luck < 60 && stream) return in_band_overload();
      break;
    case Mood::limited:
      if (key == 0) return Script::error(429, "rate_limit_error", "slow", {{"retry-after", "1"}});
      break;
    case Mood::refusing:
      if (key == 0) return Script::error(401, "authentication_error", "who");
      break;
    case Mood::dead:
      return Script().reset();
    case Mood::lying:
      if (luck < 50) return Script::reply(200, "text/html", "<html>all is well</html>");
      return Script().send("HTTP/1.1 2").reset();
    case Mood::stalling:
      if (luck < 5 && stream) return Script().hold();
      if (luck < 60 && stream) return Script::stream_head().chunk(Script::events("x")[0]).reset();
      break;
  }
  return good(number, stream);
}

std::string Weather::answer(std::uint64_t number, bool stream) {
  std::string wire;
  const Script script = good(number, stream);
  for (const auto& step : script.steps()) wire += step.bytes;
  return testing::parse_answers(wire, true).back().body;
}

}  // namespace ccrelay::soak
