#include "relay/tls_watch.hpp"

namespace ccrelay::relay {
namespace {
// A change is taken at the second look that finds it.
constexpr milliseconds interval{2'000};
}  // namespace

TlsWatch::TlsWatch(worker::Tools& tools)
    : tools_(tools), timer_(tools.loop.timers(), [this] { look(); }) {}

void TlsWatch::start() {
  if (tools_.shared.front.tls.enabled()) look();
}

// Three stat() calls, and reading a few KiB after a change: the loop can wait for that.
void TlsWatch::look() {
  timer_.arm(tools_.loop.now() + interval);
  // Before the snapshot: a reload on another thread puts its certificate in force behind its own.
  const std::uint64_t generation = tools_.shared.front.tls.generation();
  const auto snapshot = tools_.shared.snapshot();
  const ServerConfig& config = snapshot->config.server;
  if (!config.tls.enabled() || !files_.changed(config.tls)) return;
  auto context = tls::load_context(config.tls, config.enable_http2, tools_.loop.clock().wall());
  if (!context) {
    tools_.report.note(Level::error, "certificate_refused",
                       context.error().message + "; the certificate read before stays in use");
    return;
  }
  const std::vector<std::string> warnings = context->warnings;
  if (!tools_.shared.front.tls.use_unless_newer(std::move(*context), generation)) return;
  for (const std::string& warning : warnings) {
    tools_.report.note(Level::warn, "certificate_warning", warning);
  }
  tools_.report.note(Level::info, "certificate_read",
                     "new connections get the certificate that is now in " + config.tls.cert_file);
}

}  // namespace ccrelay::relay
