#pragma once

/* How much work was done, the same each time and on every machine: branches that the library's code
   took, which the compiler has it report (-fsanitize-coverage=trace-pc), and bytes that it had
   copied, compared or searched by the C library. */
#ifdef __cplusplus
extern "C" {
#endif
unsigned long long steps_so_far(void);
#ifdef __cplusplus
}
#endif
