"""Waiting for a file that another process writes, by inotify(7)."""

import ctypes
import os
import re

_MODIFY, _MOVED_TO, _CREATE = 0x2, 0x80, 0x100
_libc = ctypes.CDLL(None, use_errno=True)


def wait_for_text(path, pattern):
    """The match of a regular expression in a file, which need not be there yet."""
    descriptor = _libc.inotify_init()
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "inotify_init")
    try:
        mask = _MODIFY | _MOVED_TO | _CREATE
        if _libc.inotify_add_watch(descriptor, os.fsencode(path.parent), mask) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch")
        while True:
            text = path.read_text(errors="replace") if path.exists() else ""
            if found := re.search(pattern, text):
                return found
            os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
