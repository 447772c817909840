#pragma once

#include <map>
#include <string>
#include <string_view>

namespace ccrelay::identity {

/// Sections of AWS's shared files: name in brackets -> key (in lower case) -> value. Lines that are
/// indented more than the key above them belong to its nested settings and are left out, as are
/// comments and whatever is no setting: these files are other programs' as well.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
using Ini = std::map<std::string, std::map<std::string, std::string>>;
Ini read_ini(std::string_view text);

}  // namespace ccrelay::identity
