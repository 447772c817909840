#pragma once

#include <ccrelay/result.hpp>

#include <sys/types.h>

#include <string>

namespace ccrelay::api {

/// The file of the management's Unix socket beside what listening makes of it: who can connect, and
/// the mark that its relay is about to end, so that another one may take the path over. The mark is
/// the file's `x` for its owner, which means nothing to a socket. Thread-safe where files are.
class SocketFile {
 public:
  /// Makes the folder (0700; where others shall come in, 0711) if it is not there.
  static Result<void> make_folder(const std::string& folder, bool for_others);
  /// Whether the relay that listens at the path is about to end.
  static bool is_given_up(const std::string& path);

  /// It is listened on.
  explicit SocketFile(std::string path);

  /// 0600, or 0666 where others shall come in: who they are is looked at then.
  void open_to_others(bool others);
  void give_up();

  const std::string& path() const { return path_; }

 private:
  void set_mode();

  const std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool others_ = false;
  bool given_up_ = false;
};

}  // namespace ccrelay::api
