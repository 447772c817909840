#pragma once

namespace ccrelay::base {

/// Gives memory that was freed back to the system, where malloc has a way to. Takes some 50 ms when
/// it is 300 MB, a millisecond when there is next to none.
void give_back_spare_memory();

}  // namespace ccrelay::base
