"""Runs the tests of the program in several parts at once, which mostly wait; see `run`.
  parts.py NUMBER COMMAND…
COMMAND runs one of them, told which by `--part K/NUMBER` behind it. Each test's line is shown as it
ends, what a part has to say beside those when all are done. The last line counts all tests."""

import re
import subprocess
import sys
import threading

TEST_LINE = re.compile(r".* \.\.\. (ok|FAIL|ERROR|skipped .*|expected failure|unexpected success)$")
COUNTS = re.compile(r"program: (\d+) passed, (\d+) failed, (\d+) skipped$")


class Part:
    def __init__(self, command, name):
        self._name = name
        self._said = []
        self.counts = (0, 1, 0)  # of one that came to no end
        self._process = subprocess.Popen(
            [*command, "--part", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace",
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            line = line.rstrip("\n")
            if counts := COUNTS.match(line):
                self.counts = tuple(map(int, counts.groups()))
            elif TEST_LINE.match(line):
                print(line, flush=True)
            else:
                self._said.append(line)

    def end(self):
        self._process.wait()
        self._reader.join()
        failed = self._process.returncode
        if failed and not self.counts[1]:
            self.counts = (self.counts[0], 1, self.counts[2])
        print(f"\npart {self._name}" + (f", which ended with {failed}" if failed else ""))
        print("\n".join(self._said), flush=True)

    def stop(self):
        self._process.terminate()


def main():
    number, command = int(sys.argv[1]), sys.argv[2:]
    parts = [Part(command, f"{each}/{number}") for each in range(1, number + 1)]
    try:
        for part in parts:
            part.end()
    except BaseException:
        for part in parts:
            part.stop()
        raise
    passed, failed, skipped = (sum(count) for count in zip(*(part.counts for part in parts)))
    print(f"program: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
