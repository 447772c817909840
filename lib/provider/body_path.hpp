#pragma once

#include <string>
#include <string_view>

namespace ccrelay::provider {

/// Where in `body` a place is that a provider names in its way (`system.1.cache_control.ephemeral
/// .scope`, `/tools/0/strict`, `system[1].text`), as BodyEdit::remove() takes it: every index is
/// `[]`, and what stands for the kind of an object but is no member of it (`ephemeral`, `custom`)
/// is left out. Empty where the body has no such member.
std::string path_in(std::string_view body, std::string_view named);

}  // namespace ccrelay::provider
