#pragma once

#include <ccrelay/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "check.hpp"

namespace ccrelay::app::contract {

/// How one format writes what all have in common. Pure.

/// Chat has no `count`.
enum class Call { whole, stream, count };

/// The format of that name, which is one.
Format format_named(std::string_view name);
/// What to ask for when nobody says; how its clients call themselves; where their list of models
/// is.
std::string_view usual_model(Format format);
std::string_view usual_agent(Format format);
std::string_view models_target(Format format);

/// Path and query of a call for this model.
std::string target_of(Format format, Call call, std::string_view model);
/// The end of the path under which the provider must get it, without the query; for the cloud
/// formats with the model left out, which may be mapped.
std::string_view path_end_of(Format format, Call call);

/// The array of what was said, in which the user says this. `text` is escaped already.
std::string said(Format format, std::string_view text);

/// A body: `fields` are further members with a comma behind each, `messages` the array. What only
/// the Messages format has in the body is left out of the others.
std::string body_of(Format format, Call call, std::string_view model, std::string_view fields,
                    std::string_view messages);

/// The events of an answer in this many words (`word-0001`, …), each as it goes over the wire.
std::vector<std::string> events_of(Format format, int words);
/// The same of an answer that says these, one an event; escaped already.
std::vector<std::string> events_saying(Format format, const std::vector<std::string>& texts);
/// The place among them of the event that says the first.
std::size_t first_word(Format format);
/// By what the nth word (from 1) is known in a stream, whatever a gateway does to its spaces.
std::string word_in(Format format, int number);
/// One event from its name and its data.
std::string event_of(Format format, std::string_view name, std::string_view data);
/// The head of a stream.
Headers stream_headers(Format format);

/// JSON with spaces, escapes and forms of numbers evened out, the order of keys kept; empty when it
/// is none. Of the member `name` of an object with canonical_member(), which is empty without it.
std::string canonical(std::string_view json);
std::string canonical_member(std::string_view json, std::string_view name);

}  // namespace ccrelay::app::contract
