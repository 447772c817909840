#include "loop/file_watch.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace ccrelay::loop {
namespace {

namespace fs = std::filesystem;

constexpr int links_max = 40;  // as Linux has it (path_resolution(7))
constexpr std::size_t places_max = 1000;
constexpr int follows_max = 5;

// Of a directory what happens to its entries; not what is written to them: a log that stands beside
// the configuration would wake the loop for each line. libuv's uv_fs_event_t has no choice of
// these.
constexpr std::uint32_t events_of_directory =
    IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t events_of_file = IN_ATTRIB | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF;

// The last one comes first.
void put_before(std::vector<std::string>& rest, const fs::path& path) {
  const std::vector<fs::path> parts(path.begin(), path.end());
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) rest.push_back(part->string());
}

/// Adds what has to be watched to see that `file` becomes another one.
void add_way(const std::string& file, FileWatch::Places& places) {
  std::error_code error;
  std::vector<std::string> rest;
  put_before(rest, fs::absolute(file, error));
  if (error) return;
  fs::path at = "/";  // never a link
  for (int links = 0; !rest.empty();) {
    const std::string name = std::move(rest.back());
    rest.pop_back();
    if (name.empty() || name == "." || name == "/") continue;
    if (name == "..") {
      at = at.parent_path();
      continue;
    }
    const fs::path entry = at / name;
    const fs::file_status status = fs::symlink_status(entry, error);
    if (fs::is_symlink(status)) {
      places[at.string()].insert(name);
      const fs::path target = fs::read_symlink(entry, error);
      if (error || ++links > links_max) return;
      if (target.is_absolute()) at = "/";
      put_before(rest, target);
    } else if (fs::is_directory(status) && !rest.empty()) {
      at = entry;
    } else {
      places[at.string()].insert(name);
      if (fs::is_regular_file(status) && rest.empty()) places[entry.string()].insert("");
      return;
    }
  }
}

FileWatch::Places places_of(const std::set<std::string>& files) {
  FileWatch::Places places;
  for (const std::string& file : files) add_way(file, places);
  return places;
}

}  // namespace

// The kernel's half, and libuv's: freed by its close callback. One descriptor for all places, so
// that what was watched before is watched without a gap.
struct FileWatch::Kernel {
  uv_poll_t handle{};
  Loop* loop = nullptr;
  FileWatch* owner = nullptr;  // null: it is closing
  int descriptor = -1;

  ~Kernel() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

FileWatch::FileWatch(Loop& loop, std::function<void()> on_change)
    : TurnTask(loop), on_change_(std::move(on_change)) {}

FileWatch::~FileWatch() {
  close();
}

Result<void> FileWatch::watch(const std::vector<std::string>& files) {
  files_ = {files.begin(), files.end()};
  return follow();
}

bool FileWatch::watches(const std::vector<std::string>& files) const {
  return std::all_of(files.begin(), files.end(),
                     [this](const std::string& file) { return files_.contains(file); });
}

// A link may be pointed elsewhere while its directory is not watched yet.
Result<void> FileWatch::follow() {
  Places places = places_of(files_);
  Result<void> opened;
  for (int i = 0; i < follows_max; ++i) {
    opened = open(places);
    Places now = places_of(files_);
    if (now == places) break;
    places = std::move(now);
  }
  return opened;
}

Result<void> FileWatch::begin() {
  if (kernel_) return {};
  auto made = std::make_unique<Kernel>();
  made->loop = &loop();
  made->owner = this;
  made->descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (made->descriptor < 0) {
    return Error{ErrorCode::internal, fmt::format("cannot watch files: {}", uv_strerror(-errno))};
  }
  if (const int code = uv_poll_init(&loop().uv(), &made->handle, made->descriptor); code != 0) {
    return Error{ErrorCode::internal, fmt::format("cannot watch files: {}", uv_strerror(code))};
  }
  made->handle.data = made.get();
  uv_unref(reinterpret_cast<uv_handle_t*>(&made->handle));
  kernel_ = made.release();  // it has to be closed in any case
  uv_poll_start(&kernel_->handle, UV_READABLE, [](uv_poll_t* handle, int, int) noexcept {
    const auto* told = static_cast<Kernel*>(handle->data);
    if (told->owner == nullptr) return;
    const Callback here(*told->loop);
    told->owner->read_events();
  });
  return {};
}

Result<void> FileWatch::open(const Places& places) {
  if (Result<void> begun = begin(); !begun) return begun;
  Result<void> result;
  const auto failed = [&result](const std::string& path, std::string_view why) {
    if (result) result = Error{ErrorCode::internal, fmt::format("cannot watch {}: {}", path, why)};
  };
  // Two paths may lead to one place.
  std::map<int, std::set<std::string>> now;
  for (const auto& [path, names] : places) {
    if (now.size() >= places_max) {
      failed(path, fmt::format("there are more than {} directories to watch", places_max));
      break;
    }
    const bool is_file = names.contains("");
    const int number = ::inotify_add_watch(kernel_->descriptor, path.c_str(),
                                           is_file ? events_of_file : events_of_directory);
    if (number < 0) {
      // What has gone meanwhile is found to have gone by who looks at the way again.
      if (errno != ENOENT && errno != ENOTDIR) failed(path, uv_strerror(-errno));
      continue;
    }
    now[number].insert(names.begin(), names.end());
  }
  for (const auto& [number, names] : places_) {
    if (!now.contains(number)) ::inotify_rm_watch(kernel_->descriptor, number);
  }
  places_ = std::move(now);
  return result;
}

void FileWatch::close() {
  if (kernel_ == nullptr) return;
  Kernel* closing = std::exchange(kernel_, nullptr);
  closing->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&closing->handle),
           [](uv_handle_t* closed) noexcept { delete static_cast<Kernel*>(closed->data); });
}

// As many as there are; a look that finds nothing more is left to the next turn.
void FileWatch::read_events() {
  alignas(inotify_event) char buffer[16 * 1024];
  const ssize_t size = ::read(kernel_->descriptor, buffer, sizeof buffer);
  for (const char* at = buffer; size > 0 && at < buffer + size;) {
    inotify_event event;
    std::memcpy(&event, at, sizeof event);
    const char* name = event.len > 0 ? at + sizeof event : nullptr;
    on_event(event.wd, event.mask, name);
    at += sizeof event + event.len;
  }
}

void FileWatch::on_event(int place, std::uint32_t mask, const char* name) {
  // So many that some were lost.
  if ((mask & IN_Q_OVERFLOW) != 0) return schedule();
  const auto found = places_.find(place);
  if (found == places_.end()) return;  // it is not watched any more
  // The kernel has given it up: it went, or its file system did.
  if ((mask & IN_IGNORED) != 0) {
    places_.erase(found);
    return schedule();
  }
  // Without a name it is about the directory, or the file, itself.
  const std::set<std::string>& names = found->second;
  if (name == nullptr || names.contains("") || names.contains(name)) schedule();
}

void FileWatch::run_at_turn_end() {
  // Who is told looks at the files; what can't be watched any more has been said when it began.
  static_cast<void>(follow());
  on_change_();
}

}  // namespace ccrelay::loop
