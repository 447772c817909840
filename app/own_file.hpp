#pragma once

#include <ccrelay/result.hpp>

#include <string>
#include <utility>

#include "descriptor.hpp"

namespace ccrelay::app {

/// A file for this process and its children alone, in the runtime folder. Gone with the object;
/// what a process that was killed has left there, the next one takes away.
class OwnFile {
 public:
  static Result<OwnFile> make(const std::string& folder, const std::string& kind);
  ~OwnFile();
  OwnFile(OwnFile&&) = default;
  OwnFile& operator=(OwnFile&&) = delete;

  const std::string& path() const { return path_; }
  Result<void> write(const std::string& text);

 private:
  OwnFile(Descriptor lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}

  Descriptor lock_;
  std::string path_;
};

}  // namespace ccrelay::app
