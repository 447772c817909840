#pragma once

#include "config/document.hpp"

#include <ccrelay/config_load.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::config {

/// `${VAR}`, `${VAR:-default}`, `${file:/path}` and `$$` replaced. What is put in is not expanded
/// again. An error's message is without the text itself, which may be a secret. The files that it
/// names are added to `files`, readable or not.
Result<std::string> expanded(std::string_view text, const Environment& env,
                             std::vector<SourceFile>* files = nullptr);

/// Expands every string value below `value`, whose path is `path`. A warning tells of variables
/// that are set to nothing, and of those that look like one and are none.
void expand_all(Value& value, const std::string& path, const Environment& env,
                std::vector<Mistake>& mistakes, std::vector<Mistake>& warnings,
                std::vector<SourceFile>* files = nullptr);

/// The same without a look at anything: a string that expands something counts as some value, is
/// unusable, and its path is one of `unresolved`. How an expansion is written is checked.
void expand_nothing(Value& value, const std::string& path, std::vector<Mistake>& mistakes,
                    std::set<std::string>& unresolved);

}  // namespace ccrelay::config
