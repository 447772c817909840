#pragma once

#include <ccrelay/result.hpp>
#include <ccrelay/secret.hpp>

#include <sys/types.h>

#include <memory>
#include <string>

namespace ccrelay::manage {

/// A token of 32 random bytes, made for this process, and its file (0600), which goes with it
/// unless another relay has put its own in its place. Not copied.
class TokenFile {
 public:
  /// In a folder that is made (0700) if it is not there. The file takes its place in one step.
  static Result<std::unique_ptr<TokenFile>> make(const std::string& folder,
                                                 const std::string& name);
  ~TokenFile();
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;

  const Secret& token() const { return token_; }
  const std::string& path() const { return path_; }

 private:
  TokenFile(std::string path, Secret token) : path_(std::move(path)), token_(std::move(token)) {}

  const std::string path_;
  const Secret token_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace ccrelay::manage
