#include "dialect/custom_input.hpp"

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {
namespace {

enum class Match { no, not_yet, yes };

// Whether `text` begins with {"input":" and white space between; `at` is then behind it.
Match match_beginning(std::string_view text, std::size_t& at) {
  constexpr std::string_view tokens[] = {"{", "\"input\"", ":", "\""};
  at = 0;
  for (const std::string_view token : tokens) {
    while (at < text.size() && std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos)
      ++at;
    const std::string_view rest = text.substr(at);
    if (rest.size() < token.size()) {
      return token.substr(0, rest.size()) == rest ? Match::not_yet : Match::no;
    }
    if (rest.substr(0, token.size()) != token) return Match::no;
    at += token.size();
  }
  return Match::yes;
}

// What a piece of a JSON string means. One that is none, such as an escape that broke off, stays.
std::string decoded(std::string piece) {
  const std::string string = '"' + piece + '"';
  const Json value = Json::read(string);
  return value.is_string() ? value.text() : piece;
}

}  // namespace

void CustomInput::feed(std::string_view json, std::string& delta) {
  // What comes out of the flow ends in no escape and in no half of a pair.
  flow_.feed(json, pending_);
  take(delta);
}

void CustomInput::take(std::string& delta) {
  if (state_ == State::before) {
    std::size_t at = 0;
    json_ += pending_;
    pending_.clear();
    const Match match = match_beginning(json_, at);
    if (match == Match::not_yet) return;
    state_ = match == Match::yes ? State::inside : State::other;
    if (match == Match::yes) pending_ = json_.substr(at);
  } else if (state_ == State::other) {
    json_ += pending_;
    pending_.clear();
  }
  if (state_ == State::inside) {
    std::size_t end = 0;
    while (end < pending_.size() && pending_[end] != '"') end += pending_[end] == '\\' ? 2 : 1;
    const bool over = end < pending_.size();
    const std::string piece = decoded(pending_.substr(0, end));
    text_ += piece;
    delta += piece;
    if (over) state_ = State::behind;
  }
  if (state_ == State::inside || state_ == State::behind) pending_.clear();
}

void CustomInput::end(std::string& delta) {
  flow_.end(pending_);
  take(delta);
  if (state_ == State::inside || state_ == State::behind) return;
  const Json value = Json::read(json_);
  const Json input = value["input"];
  text_ = input.is_string() ? input.text() : json_;
  delta += text_;
}

}  // namespace ccrelay::dialect
