#pragma once

namespace ccrelay::app {

/// Tells malloc to keep what is freed, so that the bodies of the next requests find it: given back
/// to the system and had again, the pages of a body of 200 KB cost as much as reading its JSON. The
/// relay gives memory back by itself when a crowd or large bodies have gone. For programs alone: a
/// library leaves its host's malloc as it is. Does nothing where malloc has no such setting.
void keep_freed_memory();

}  // namespace ccrelay::app
