#pragma once

#include "facts.hpp"
#include "finding.hpp"

namespace ccrelay::app::checks {

/// One check, in the file of its name: it looks at the facts and says what it finds, at least one
/// thing for each of its ids.
using Check = void(const Facts& facts, Findings& out);

Check check_config_file, check_config_permissions, check_config_current, check_listen_port,
    check_listen_public, check_tls_certificate, check_limits_files, check_clock, check_proxy,
    check_reach, check_keys, check_identity, check_models, check_claude_settings,
    check_claude_version, check_codex_settings, check_codex_version, check_gemini_settings,
    check_gemini_version, check_workers, check_service, check_ledger, check_prices, check_clients;

/// All of them.
Findings examine(const Facts& facts);

/// For a person: a line for each, and what to do below it. `marks`: signs and colours, for a
/// terminal that shows them.
void print_text(const Findings& found, bool marks);
/// One line of JSON; its form is in docs/cli.md.
void print_json(const Findings& found, bool ok);

}  // namespace ccrelay::app::checks
