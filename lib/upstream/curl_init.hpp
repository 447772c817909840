#pragma once

namespace ccrelay::upstream {

/// Makes libcurl ready, once for the process. Before any other call of it; from any thread.
void init_curl();

}  // namespace ccrelay::upstream
