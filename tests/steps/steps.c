#include "steps.h"

#include <stddef.h>

static unsigned long long steps;

unsigned long long steps_so_far(void) {
  return steps;
}

void __sanitizer_cov_trace_pc(void) {
  ++steps;
}

/* In front of the C library's, for everybody in this program, shared libraries too. Plain loops: the
   compiler must not make calls of the same functions of them. */
#define KEEP_LOOP __asm__ volatile("" ::: "memory")

void* memcpy(void* restrict to, const void* restrict from, size_t size) {
  steps += size;
  unsigned char* out = to;
  const unsigned char* in = from;
  for (size_t i = 0; i < size; ++i) {
    out[i] = in[i];
    KEEP_LOOP;
  }
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  steps += size;
  unsigned char* out = to;
  const unsigned char* in = from;
  if (out < in) {
    for (size_t i = 0; i < size; ++i) {
      out[i] = in[i];
      KEEP_LOOP;
    }
  } else {
    for (size_t i = size; i > 0; --i) {
      out[i - 1] = in[i - 1];
      KEEP_LOOP;
    }
  }
  return to;
}

void* memset(void* to, int byte, size_t size) {
  steps += size;
  unsigned char* out = to;
  for (size_t i = 0; i < size; ++i) {
    out[i] = (unsigned char)byte;
    KEEP_LOOP;
  }
  return to;
}

void* memchr(const void* text, int byte, size_t size) {
  const unsigned char* in = text;
  for (size_t i = 0; i < size; ++i) {
    ++steps;
    KEEP_LOOP;
    if (in[i] == (unsigned char)byte) return (void*)(in + i);
  }
  return NULL;
}

void* memrchr(const void* text, int byte, size_t size) {
  const unsigned char* in = text;
  for (size_t i = size; i > 0; --i) {
    ++steps;
    KEEP_LOOP;
    if (in[i - 1] == (unsigned char)byte) return (void*)(in + i - 1);
  }
  return NULL;
}

int memcmp(const void* a, const void* b, size_t size) {
  const unsigned char* x = a;
  const unsigned char* y = b;
  for (size_t i = 0; i < size; ++i) {
    ++steps;
    KEEP_LOOP;
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  }
  return 0;
}

/* The C library's takes time in proportion to `size` whatever is looked for. */
void* memmem(const void* text, size_t size, const void* what, size_t what_size) {
  const unsigned char* in = text;
  if (what_size == 0) return (void*)in;
  for (size_t i = 0; i + what_size <= size; ++i) {
    ++steps;
    size_t same = 0;
    while (same < what_size && in[i + same] == ((const unsigned char*)what)[same]) {
      ++same;
      KEEP_LOOP;
    }
    if (same == what_size) return (void*)(in + i);
  }
  return NULL;
}

size_t strlen(const char* text) {
  size_t size = 0;
  while (text[size] != '\0') {
    ++size;
    KEEP_LOOP;
  }
  steps += size;
  return size;
}
