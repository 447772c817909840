#pragma once

namespace ccrelay::app {

/// Raises this process's limit of descriptors as far as it may be raised without privileges: the
/// usual soft limit of 1024 is for programs that use select(2).
void raise_descriptor_limit();

}  // namespace ccrelay::app
