"""What the documents say of the repository's own tools, tests and files is so."""

import re

from harness import Program
from pages import PAGES, ROOT, sources, words_in

# What the repository has beside the program.
SCRIPTS = r"(?:\./)?(?:tools|tests)/[\w/-]+"
BENCHMARKS = PAGES["docs/benchmarks.md"]
# What these read has been read by another target's subject before, or comes from nobody else.
DEEPER_TARGETS = set(
    "base64 body_edit config header_rules json_members redact signature_scan thinking_cut wall_time".split()
)


class DocsTools(Program):
    def test_scripts_and_files_that_are_named_are_there(self):
        seen = 0
        for page in PAGES.values():
            said = [(span, span.text) for span in page.spans]
            said += [
                (block, line)
                for block in page.blocks
                if block.language == "sh"
                for line in block.text.splitlines()
            ]
            for place, text in said:
                command = re.match(rf"(?:CC=\S+ )?({SCRIPTS})( .*)?$", text)
                file = re.match(
                    r"((?:lib|app|include|examples|docs|share|subprojects|cmake)/[\w./*-]*)$", text
                )
                named = command or file
                if not named or re.search(r"NAME|aws-signing|packagecache", named[1]):
                    continue
                with self.subTest(f"{place}: {named[1]}"):
                    seen += 1
                    self.assertTrue(list(ROOT.glob(named[1].removeprefix("./").rstrip("/"))))
                    if command and command[2]:
                        self.assert_takes(command[1], command[2].split("#")[0])
        self.assertGreater(seen, 40)

    def assert_takes(self, script, arguments):
        """Its options stand in its source, or beside it; a name of a test is one's."""
        folder = (ROOT / script).parent
        for option in re.findall(r" (--[a-z-]+)", arguments):
            self.assertTrue(option in sources(str(folder.relative_to(ROOT))), option)

    def test_tests_that_are_named_are_there(self):
        seen = 0
        for page in PAGES.values():
            for line in "".join(block.text for block in page.blocks).splitlines():
                test = re.match(r'build[\w-]*/tests/test_(\w+)(?: "([^"*]*)\*?")?', line)
                if test:
                    with self.subTest(f"{page.name}: {line}"):
                        seen += 1
                        there = sources(f"tests/{test[1]}")
                        self.assertTrue(f'TEST_CASE("{test[2] or ""}' in there)
        self.assertGreaterEqual(seen, 2)

    def test_each_fuzz_target_that_the_network_reaches_is_told_of(self):
        said = re.search(r"Those that the network reaches are ([^.]*)\.", BENCHMARKS.text)[1]
        real = {file.stem for file in (ROOT / "tests/fuzz").glob("*.cpp")}
        self.assertEqual(set(words_in(said)), real - DEEPER_TARGETS)

    def test_the_figures_that_are_told_of_are_those_that_are_measured(self):
        (table,) = BENCHMARKS.tables()
        figures = re.findall(r'(?m)^    "([\w-]+)": ', sources("tests/bench/figures.py"))
        told = [name for row in table[1:] for name in words_in(row[0])]
        self.assertEqual(sorted(told), sorted(figures))

    def test_what_the_benchmarks_take_for_granted_is_what_the_page_says(self):
        text = sources("tests/bench/run")
        told = re.findall(r"\(`(--\w+)`, (\d+)\)", BENCHMARKS.text)
        told += [
            (name, count)
            for count, name in re.findall(
                r"(\d+) (?:silent streams )?\(`(--\w+)`\)", BENCHMARKS.text
            )
        ]
        self.assertEqual(len(told), 4)
        for option, value in told:
            with self.subTest(option):
                self.assertTrue(re.search(rf'"{option}", type=\w+, default={value}\b', text))

    def test_targets_of_fuzzing_that_are_named_are_there(self):
        sentence = re.search(r"Those that the network reaches are ([\s\S]*?)\.\n", BENCHMARKS.text)[
            1
        ]
        names = words_in(sentence) + ["h1", "sse"]
        self.assertGreater(len(names), 8)
        for name in names:
            with self.subTest(name):
                self.assertTrue((ROOT / "tests" / "fuzz" / f"{name}.cpp").is_file())
