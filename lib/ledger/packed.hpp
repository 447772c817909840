#pragma once

#include <ccrelay/observer.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "ledger/row.hpp"

namespace ccrelay::ledger {

/// Appends what the ledger keeps of a request, as bytes in the memory that is there. Who made a
/// name up has it cut here: models, sessions and the like.
void append_packed(std::string& out, const RequestSummary& request, const Spending& spending);

/// The first request of these. Its texts point into them.
Entry unpacked(std::string_view packed);
/// How many bytes the first one takes.
std::size_t packed_bytes(std::string_view packed);
/// Says anew what the first one takes from which budgets.
void set_spending(char* packed, const Spending& spending);

}  // namespace ccrelay::ledger
