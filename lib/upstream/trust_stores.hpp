#pragma once

#include <openssl/types.h>

#include <sys/stat.h>

#include <memory>
#include <string>
#include <unordered_map>

namespace ccrelay::upstream {

/// The certificates of each CA file, read once for all connections. curl itself reads a file again
/// for each multi handle, of which there is one for a few dozen connections: 33 ms and 0.8 MB with
/// a system's file. Owned by the client; loop's thread.
class TrustStores {
 public:
  /// Whether curl does TLS with the very OpenSSL that this program has, so that each can read the
  /// other's structures. Else curl must read the files.
  static bool usable();

  /// Makes a context trust the certificates in `file` and no others. False when there are none, or
  /// the file can't be read. A file that has changed is read again.
  bool apply(SSL_CTX* context, const std::string& file);

 private:
  struct FreeStore {
    void operator()(X509_STORE* store) const;
  };
  struct Entry {
    std::unique_ptr<X509_STORE, FreeStore> store;
    struct stat seen {};  // the file when it was read
  };
  std::unordered_map<std::string, Entry> entries_;  // by file
};

}  // namespace ccrelay::upstream
