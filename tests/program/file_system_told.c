/* Loaded before the C library: of what is below $TOLD_FOLDER, statfs() says the type $TOLD_TYPE. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

static int is_below(const char* path) {
  const char* folder = getenv("TOLD_FOLDER");
  char real[PATH_MAX];
  return folder && realpath(path, real) && strncmp(real, folder, strlen(folder)) == 0;
}

int statfs(const char* path, struct statfs* out) {
  int (*next)(const char*, struct statfs*) = dlsym(RTLD_NEXT, "statfs");
  const int code = next(path, out);
  if (code == 0 && is_below(path)) out->f_type = strtol(getenv("TOLD_TYPE"), NULL, 0);
  return code;
}

int statfs64(const char* path, struct statfs64* out) {
  int (*next)(const char*, struct statfs64*) = dlsym(RTLD_NEXT, "statfs64");
  const int code = next(path, out);
  if (code == 0 && is_below(path)) out->f_type = strtol(getenv("TOLD_TYPE"), NULL, 0);
  return code;
}
