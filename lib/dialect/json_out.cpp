#include "dialect/json_out.hpp"

#include "dialect/json_flow.hpp"
#include "wire/json_runs.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::dialect {

JsonOut& JsonOut::open(char begin, char end) {
  comma();
  out_ += begin;
  closers_ += end;
  return *this;
}

JsonOut& JsonOut::end() {
  if (closers_.empty()) return *this;
  out_ += closers_.back();
  closers_.pop_back();
  return *this;
}

void JsonOut::end_all() {
  while (!closers_.empty()) end();
}

JsonOut& JsonOut::key(std::string_view name) {
  comma();
  wire::append_json_string(out_, name);
  out_ += ':';
  return *this;
}

JsonOut& JsonOut::key(const JsonMember& member) {
  const std::string_view raw = member.key;
  if (!member.plain || !wire::is_plain_text(raw.data() + 1, raw.data() + raw.size() - 1))
    return key(std::string_view(member.name()));
  comma();
  (out_ += raw) += ':';
  return *this;
}

JsonOut& JsonOut::string(std::string_view text) {
  comma();
  wire::append_json_string(out_, text);
  return *this;
}

JsonOut& JsonOut::string(Json text) {
  comma();
  out_ += '"';
  append_inside(out_, text);
  out_ += '"';
  return *this;
}

JsonOut& JsonOut::string(const Words& words) {
  comma();
  out_ += '"';
  words.append_to(out_);
  out_ += '"';
  return *this;
}

JsonOut& JsonOut::number(std::int64_t value) {
  comma();
  out_ += std::to_string(value);
  return *this;
}

JsonOut& JsonOut::boolean(bool value) {
  comma();
  out_ += value ? "true" : "false";
  return *this;
}

JsonOut& JsonOut::raw(std::string_view json) {
  comma();
  append_json(out_, json.empty() ? "null" : json);
  return *this;
}

JsonOut& JsonOut::raw(Json json) {
  return json.is_clean() ? written(json.raw()) : raw(json.raw());
}

JsonOut& JsonOut::written(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

JsonOut& JsonOut::joined(std::string_view front, std::string_view middle, std::string_view behind) {
  comma();
  out_.append(front).append(middle).append(behind);
  return *this;
}

JsonOut::Place JsonOut::joined(std::string_view front, const Words& middle,
                               std::string_view behind) {
  comma();
  Place place{};
  place.begin = out_.append(front).size();
  middle.append_to(out_);
  place.end = out_.size();
  out_.append(behind);
  return place;
}

JsonOut& JsonOut::quoted(Json json) {
  if (json.is_clean()) return string(json.raw());
  std::string mended;
  append_json(mended, json.raw());
  return string(mended);
}

std::string json_from_string(Json string) {
  return string.text();
}

std::string string_from_json(std::string_view json) {
  std::string mended;
  append_json(mended, json);
  return wire::json_string(mended);
}

std::string json_quoted(std::string_view text) {
  return wire::json_string(text);
}

bool is_object_text(std::string_view text) {
  return Json::read(text).is_object();
}

}  // namespace ccrelay::dialect
