"""Runs the tests of the program; see `run`."""

import pathlib
import sys
import unittest

import harness


class Counting(unittest.TextTestResult):
    """Counts as the other suites do: one line a test, what went wrong below it."""

    passed = 0

    def getDescription(self, test):
        case = getattr(test, "test_case", test)  # a subTest() belongs to one
        sentence = case.id().split(".")[-1].removeprefix("test_").replace("_", " ")
        values = test._subDescription() if case is not test else ""
        return f"{type(case).__name__}: {sentence} {values}".strip()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    @property
    def failed(self):
        """A test may fail in several ways, and again when its processes are looked at."""
        tests = {getattr(test, "test_case", test) for test, _ in self.failures + self.errors}
        return len(tests) + len(self.unexpectedSuccesses)


def cases(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from cases(each)
        else:
            yield each


def part_of(suite, which):
    """The classes of a part "K/NUMBER", dealt in turns: neighbours often take as long."""
    part, number = map(int, which.split("/"))
    classes = {}
    for case in cases(suite):
        classes.setdefault(type(case), []).append(case)
    dealt = list(classes.values())[part - 1 :: number]
    return unittest.TestSuite(map(unittest.TestSuite, dealt))


def main():
    harness.Program.executable, *names = sys.argv[1:]
    loader = unittest.defaultTestLoader
    if names[:1] == ["--part"]:
        tests = part_of(loader.discover(str(pathlib.Path(__file__).parent)), names[1])
    elif names:
        tests = loader.loadTestsFromNames(names)
    else:
        tests = loader.discover(str(pathlib.Path(__file__).parent))
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Counting)
    result = runner.run(tests)
    failed = result.failed
    if result.testsRun == 0:
        print("no tests were found")
        failed += 1
    print(f"program: {result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
