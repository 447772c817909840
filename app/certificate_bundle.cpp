#include "certificate_bundle.hpp"

#include <cerrno>
#include <optional>

#include "files.hpp"
#include "running_relays.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t bundle_bytes_max = 8 << 20;

Result<std::string> text_of(const std::string& file) {
  Result<std::optional<std::string>> text = read_file(file, bundle_bytes_max);
  if (!text) return text.error();
  if (!*text) return file_error("cannot read", file, ENOENT);
  if (!(*text)->empty() && (*text)->back() != '\n') **text += '\n';
  return **std::move(text);
}

}  // namespace

Result<std::string> certificates_to_trust(const std::string& certificate,
                                          const std::string& already, const std::string& bundle) {
  if (certificate.empty()) return std::string();
  const std::string own = absolute_path(certificate);
  if (already.empty() || absolute_path(already) == own) return own;
  const Result<std::string> ours = text_of(own);
  if (!ours) return ours.error();
  const Result<std::string> theirs = text_of(already);
  if (!theirs) return own;  // Node.js would have nothing of it either
  if (theirs->find(*ours) != std::string::npos) return already;
  if (auto made = make_directories(directory_of(bundle)); !made) return made.error();
  if (auto done = write_file(bundle, *theirs + *ours, 0600); !done) return done.error();
  return bundle;
}

}  // namespace ccrelay::app
