#!/usr/bin/env python3
"""Writes a unit that compiles several files, mostly tests, as one; see whole_tests in meson_options.txt.
  grouped.py OUTPUT TESTS FILE…
TESTS is the folder of all tests, by which the unit names the files. What a test costs to compile is
mostly its headers and what it instantiates of them, which the unit has once. Each file is in a
namespace of its own, so that two may have helpers of the same name; for that, all that they include
comes first, outside of those. A file that is itself about a namespace of ours needs none, but names
that the others of the unit have not. The output is left alone if it would not change."""

import os
import pathlib
import re
import sys

OURS = re.compile(r"^namespace ccrelay\b", re.M)
INCLUDE = re.compile(r'^#include (<[^>]+>|"[^"]+")', re.M)


def included(file, tests):
    """What a file includes, as it is found from the folder of all tests."""
    for name in INCLUDE.findall(file.read_text()):
        beside = file.parent / name[1:-1]
        if name[0] == '"' and beside.exists():
            name = f'"{os.path.relpath(beside, tests)}"'
        yield name


def unit(files, tests):
    first, then = [], []
    for file in files:
        path = os.path.relpath(file, tests)
        if OURS.search(file.read_text()):
            then += [f'#include "{path}"']
        else:
            first += [f"#include {name}" for name in included(file, tests)]
            then += [f"namespace {re.sub(r'[^a-z0-9]', '_', path)} {{", f'#include "{path}"', "}"]
    made_by = "// Made by tests/grouped.py: several files as one unit."
    return "\n".join([made_by, *dict.fromkeys(first), *then]) + "\n"


def main():
    output, tests = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    text = unit([pathlib.Path(name).resolve() for name in sys.argv[3:]], tests)
    if not output.exists() or output.read_text() != text:
        output.write_text(text)


if __name__ == "__main__":
    main()
