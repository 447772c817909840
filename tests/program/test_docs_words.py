"""What the documents quote, name or lead to is there: messages, headers, links, names of things."""

import re

from harness import Program
from pages import MANUAL, PAGES, ROOT, sources, words_in

# What other programs say, in rows of troubleshooting.md.
SAID_BY_OTHERS = {
    "Not logged in · Please run /login",
    "is not available on your bedrock deployment",
}
# Put together from several texts: test_docs_answers has a relay say them.
COMPOSED = {
    'provider "..." refused the relay\'s key ...',
    'provider "..." answered 502 with a page: ...',
    "... answered 200 with JSON that is no message",
}
# Names that are no names of the program: of systemd's settings, and of ways to write.
OTHERS = {"TimeoutStopSec", "WatchdogSec", "PascalCase", "snake_case", "test_ROOM"}


def pieces(quoted):
    """A quoted message without what stands for something else there: `…`, names in quotes."""
    for piece in re.split(r'\.\.\.|…|"[^"]*"|\$\{[^}]*\}|\d+(?:\.\d+)+', quoted):
        piece = piece.strip(' "')
        if re.search(r"\w\W+\w", piece):
            yield piece


class DocsWords(Program):
    def test_messages_that_are_quoted_are_said(self):
        text = sources("lib", "app").replace('\\"', '"')
        # Where a message is put together from several, what is filled in is a gap of its own.
        text = re.sub(r"\{[^{}\n]*\}", "\0", text)
        seen = 0
        for table in PAGES["docs/troubleshooting.md"].tables():
            for row in table[1:]:
                for quoted in words_in(row[0]):
                    if quoted in SAID_BY_OTHERS | COMPOSED or re.fullmatch(
                        r"[\w.:]+|[\w -]*settings\.json", quoted
                    ):
                        continue
                    for piece in pieces(quoted):
                        with self.subTest(f"{quoted}: {piece}"):
                            seen += 1
                            self.assertTrue(piece in text)
        self.assertGreater(seen, 35)

    def test_links_lead_somewhere(self):
        seen = 0
        for page in PAGES.values():
            for link in page.links:
                if re.match(r"https?:", link):
                    continue
                with self.subTest(f"{page.name}: {link}"):
                    seen += 1
                    path, _, anchor = link.partition("#")
                    file = (page.path.parent / path).resolve() if path else page.path
                    self.assertTrue(file.exists())
                    if anchor:
                        self.assertIn(anchor, PAGES[str(file.relative_to(ROOT))].anchors)
        self.assertGreater(seen, 30)

    def test_each_page_is_one_that_the_readme_leads_to(self):
        led = set(PAGES["README.md"].links)
        self.assertEqual({name for name in PAGES if name != "README.md"} - led, set())

    def test_the_readme_has_each_public_header_and_no_other(self):
        told = set()
        for table in PAGES["README.md"].tables():
            if "`include/ccrelay/`" in table[0][0]:
                told = {name for row in table[1:] for name in words_in(row[0])}
        headers = ROOT / "include" / "ccrelay"
        there = {each.name + ("/" if each.is_dir() else "") for each in headers.iterdir()}
        self.assertEqual(told, there)

    def test_names_of_things_are_names_of_the_program(self):
        """Whatever looks like a name in code: `snake_case`, `Class`, `call()`, `a::b`."""
        known = set(
            re.findall(
                r"\w+",
                sources(
                    "lib",
                    "app",
                    "include",
                    "proto",
                    "examples",
                    "tools",
                    "meson.build",
                    "meson_options.txt",
                    "tests/meson.build",
                    "tests/soak",
                    "tests/fuzz",
                    "tests/bench",
                    "tests/clients",
                    "tests/rooms",
                    "tests/support",
                    "tests/sign",
                    "cmake",
                    "subprojects",
                ),
            )
        )
        known |= {file.stem for file in (ROOT / "tests").rglob("*.cpp")}
        known |= {file.stem for file in (ROOT / "include").rglob("*.hpp")}
        known |= {f"test_{room.name}" for room in (ROOT / "tests").iterdir()}
        seen = 0
        for page in (page for page in PAGES.values() if page.name != "docs/clients.md"):
            for span in page.spans:
                if not re.fullmatch(r"[\w.:\[\]]+(?:\(\))?", span.text):
                    continue
                for word in re.findall(r"[A-Za-z_]\w*", span.text):
                    if not re.search(r"_|[a-z][A-Z]|\(", word + span.text[-2:]):
                        continue
                    with self.subTest(f"{span}: {word}"):
                        seen += 1
                        self.assertTrue(word in known | OTHERS)
        self.assertGreater(seen, 300)

    def test_files_of_a_user_are_those_that_the_program_writes_and_reads(self):
        text, seen = sources("app", "lib", "tools"), 0
        for page in PAGES.values():
            for span in page.spans:
                if re.match(r"(~|\$XDG_\w+|/etc)/.*[.]", span.text) and "systemd" not in span.text:
                    with self.subTest(f"{span}: {span.text}"):
                        seen += 1
                        name = span.text.rstrip("/").split("/")[-1]
                        # What stands beside another file is made of that one's name.
                        beside = f'".{name.removeprefix("settings.json.")}"'
                        self.assertTrue(name in text or beside in text)
        self.assertGreater(seen, 10)

    def test_what_a_build_needs_is_what_meson_asks_for(self):
        page = PAGES["docs/getting-started.md"].text
        build = (ROOT / "meson.build").read_text()
        for name, pattern in (
            ("meson", r"meson_version: '>=([\d.]+)'"),
            ("libcurl", r"'libcurl', version: '>=([\d.]+)'"),
            ("libuv", r"'libuv', version: '>=([\d.]+)'"),
            ("nghttp2", r"'libnghttp2', version: '>=([\d.]+)'"),
            ("OpenSSL", r"'openssl', version: '>=(\d+)"),
        ):
            with self.subTest(name):
                self.assertIn(f"{name} {re.search(pattern, build)[1]}", page)

    def test_files_of_rooms_are_where_the_pages_say(self):
        seen = 0
        for page in PAGES.values():
            for span in page.spans:
                if re.fullmatch(r"[a-z]+/[\w/]+\.[ch]pp", span.text) and "NAME" not in span.text:
                    with self.subTest(f"{span}: {span.text}"):
                        seen += 1
                        places = (ROOT, ROOT / "lib", ROOT / "tests", ROOT / "include" / "ccrelay")
                        self.assertTrue(any((place / span.text).exists() for place in places))
        self.assertGreater(seen, 40)

    def test_outcomes_and_endings_are_those_there_are(self):
        text = " ".join(PAGES["docs/troubleshooting.md"].section("Reading the log").split())
        names = (ROOT / "lib/base/names.cpp").read_text()
        for sentence, kind in (
            (r"How an attempt ended is one of (.*?);", "Outcome"),
            (r"how the answer ended, one of (.*?)\. ", "Ending"),
        ):
            with self.subTest(kind):
                told = words_in(re.search(sentence, text)[1])
                real = re.findall(rf'case {kind}::\w+:\s+return "(\w+)"', names)
                self.assertGreater(len(real), 3)
                self.assertEqual(sorted(told), sorted(real))

    def test_own_headers_are_those_there_are(self):
        real = {name.lower() for name in re.findall(r'"(x-cc-relay-[a-z]+)"', sources("lib"), re.I)}
        told = {
            name.lower()
            for page in PAGES.values()
            for name in re.findall(r"`(X-CC-Relay-[A-Za-z]+)`", page.text)
        }
        self.assertEqual(told, real)
        self.assertIn("X-CC-Relay-*", MANUAL)
