#include "loop/file_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace ccrelay::loop {
namespace {

namespace fs = std::filesystem;

constexpr int links_max = 40;  // as Linux has it (path_resolution(7))
constexpr std::size_t places_max = 1000;
constexpr int follows_max = 5;

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

// libuv's half: freed by its close callback.
struct FileWatch::Place {
  uv_fs_event_t handle{};
  Loop* loop = nullptr;
  FileWatch* owner = nullptr;  // null: it is closing
  std::string path;
  std::set<std::string> names;
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

Result<void> FileWatch::open(const Places& places) {
  // Those of before are closed last: what both watch is watched without a gap.
  std::vector<Place*> before = std::exchange(places_, {});
  Result<void> result;
  const auto failed = [&result](const std::string& path, std::string_view why) {
    if (result) result = Error{ErrorCode::internal, fmt::format("cannot watch {}: {}", path, why)};
  };
  for (const auto& [path, names] : places) {
    if (places_.size() >= places_max) {
      failed(path, fmt::format("there are more than {} directories to watch", places_max));
      break;
    }
    auto place = std::make_unique<Place>();
    place->loop = &loop();
    place->owner = this;
    place->path = path;
    place->names = names;
    uv_fs_event_init(&loop().uv(), &place->handle);
    place->handle.data = place.get();
    uv_unref(reinterpret_cast<uv_handle_t*>(&place->handle));
    const int code = uv_fs_event_start(
        &place->handle,
        [](uv_fs_event_t* handle, const char* name, int, int) noexcept {
          const auto* told = static_cast<Place*>(handle->data);
          const Callback here(*told->loop);
          if (told->owner) told->owner->on_event(*told, name);
        },
        path.c_str(), 0);
    places_.push_back(place.release());  // it has to be closed in any case
    // What has gone meanwhile is found to have gone by who looks at the way again.
    if (code < 0 && code != UV_ENOENT && code != UV_ENOTDIR) failed(path, uv_strerror(code));
  }
  std::swap(before, places_);
  close();
  places_ = std::move(before);
  return result;
}

void FileWatch::close() {
  for (Place* place : std::exchange(places_, {})) {
    place->owner = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&place->handle),
             [](uv_handle_t* closed) noexcept { delete static_cast<Place*>(closed->data); });
  }
}

void FileWatch::on_event(const Place& place, const char* name) {
  // Without a name of its own it is about the directory itself, and has that one's.
  const bool matters = name == nullptr || place.names.contains("") || place.names.contains(name) ||
                       fs::path(place.path).filename() == name;
  if (matters) schedule();
}

void FileWatch::run_at_turn_end() {
  // Who is told looks at the files; what can't be watched any more has been said when it began.
  static_cast<void>(follow());
  on_change_();
}

}  // namespace ccrelay::loop
