#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ccrelay::exchange {

/// The capacity that a body gets before it grows to `bytes`; 0 where it has enough. `announced` is
/// its content-length, 0 if it has none, and never more than a body may have. Pure.
///
/// An announced length is believed, so that a body is never copied: at once up to a megabyte, and
/// of a larger one all of it as soon as a 64th has come. Room costs no memory before it is
/// written to; but whoever announces and sends nothing shall not fill our address space either.
/// A chunked body grows in ever larger steps instead.
std::size_t body_room(std::size_t bytes, std::size_t capacity, std::uint64_t announced);

/// Gives it that capacity, if it can be had.
void make_room(std::string& body, std::size_t room);

}  // namespace ccrelay::exchange
