#pragma once

#include <ccrelay/manage.hpp>

namespace ccrelay::management::v1 {
class AdminOverride;
class LastError;
}  // namespace ccrelay::management::v1

namespace ccrelay::rpc {

/// What providers and keys have in common.
void tell(const management::AdminOverride& override, management::v1::AdminOverride& out);
void tell(const management::LastError& error, management::v1::LastError& out);

}  // namespace ccrelay::rpc
