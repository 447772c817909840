#!/usr/bin/env python3
"""Looks whether the tests of the rooms that need few others (pure_rooms in meson.build) link with those
alone, as they do wherever rooms are compiled a file at a time: in a contributor's build, and in none of
the suite's.
  pure_rooms.py TESTED ALONE
TESTED is a folder of builds with the tests of all rooms, ALONE one with each source compiled alone
(-Dalone=sources), by any compiler: names of functions are the same to all of them. What is not defined
by any of our rooms is a library's."""

import ast
import collections
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def pure_rooms():
    text = (HERE / "meson.build").read_text()
    listed = re.search(r"^pure_rooms = (\{.*?^\})", text, re.M | re.S)[1]
    return ast.literal_eval(re.sub(r"#.*", "", listed))


def symbols(files):
    """Of each file: the names that it defines, and those that it has of others."""
    told = subprocess.run(["nm", "--print-file-name", "--format=posix", *map(str, files)],
                          check=True, capture_output=True, text=True).stdout
    out = collections.defaultdict(lambda: (set(), set()))
    for line in told.splitlines():
        file, name, kind = line.split(" ")[:3]
        # Lower case but for weak ones: nobody else sees them. A weak one may have no definition.
        if kind in "Uvw":
            out[file][1].add(name)
        elif kind.isupper() or kind == "u":
            out[file][0].add(name)
    return out.values()


def objects(folder):
    return sorted(folder.glob("*.o"))


def main():
    tested, alone = (pathlib.Path(word) for word in sys.argv[1:])
    of_rooms = collections.defaultdict(list)
    for file in objects(alone / "tests/libsources-alone.a.p"):
        of_rooms[re.match(r"(?:\.\._)?lib_([a-z0-9]+)_", file.name)[1]].append(file)
    rooms = {room: symbols(files) for room, files in of_rooms.items()}
    rooms["tests/support"] = symbols(objects(tested / "tests/libtest-support.a.p"))
    home = collections.defaultdict(set)
    for room, of_room in rooms.items():
        for defined, _ in of_room:
            for name in defined:
                home[name].add(room)

    passed = failed = 0
    for room, others in pure_rooms().items():
        of_tests = symbols(objects(tested / f"tests/test_{room}.p"))
        if not of_tests:
            print(f"test_{room} was not built", file=sys.stderr)
            failed += 1
            continue
        linked = list(of_tests)
        for each in {"base", room, *others}:
            linked += rooms.get(each, [])
        here = set().union(*(defined for defined, _ in linked))
        missing = {name: home[name] for _, needed in linked for name in needed - here if home[name]}
        for name, where in missing.items():
            plain = subprocess.run(["c++filt", name], capture_output=True, text=True).stdout.strip()
            print(f"test_{room} needs {plain}, which is in {' and '.join(sorted(where))}: "
                  f"not among its rooms in tests/meson.build")
        passed, failed = passed + (not missing), failed + bool(missing)
    print(f"pure: {passed} passed, {failed} failed, 0 skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
