#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace ccrelay::app {

/// What --help says. Footers hold examples, line by line: newer versions of CLI11 would fill them
/// as paragraphs; older ones put the blank line before a footer by themselves.
class Help final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_footer(const CLI::App* app) const override;

 private:
  void add_common_options(const CLI::App& app, std::string& help) const;
};

}  // namespace ccrelay::app
