"""What the documents say of settings is so: they exist, no other does, and their defaults."""

import re

import settings_told
from harness import Program
from pages import MANUAL, PAGES, words_in

# What a file of an embedding program may say, and its page tells of; what doctor and conformance
# look at.
CHECKS = (
    "incremental abort parallel keepalive bytes utf8 ping comment error truncated form usage array"
)
OWN = {"routing.last", "ledger.file", "ledger.space", *(f"stream.{name}" for name in CHECKS.split())}
# Files and members of other things that look like a setting's name.
FILES = r"\.(toml|json|pem|cpp|hpp|wrap|build|log)$"
# A number that a sentence says, the setting it is the default of, and one unit in the other.
MIB, GIB = 1 << 20, 1 << 30
GRACE, IDLE, TIMEOUT = (f"server.shutdown_{name}_ms" for name in ("grace", "idle", "timeout"))
BREAKER = "health.circuit_breaker."
SENTENCES = (
    ("README.md", r"(\d+) MiB at most by default", "server.max_body_bytes", MIB),
    ("README.md", r"and (\d+) GiB for\s+all", "server.max_buffered_body_bytes", GIB),
    ("README.md", r"fails (\d+) times in a row", BREAKER + "failure_threshold", 1),
    ("README.md", r"leaves it out for (\d+) s", BREAKER + "open_duration_ms", 1000),
    ("docs/operating.md", rf"`{GRACE}` \((\d+)\)", GRACE, 1),
    ("docs/operating.md", rf"`{IDLE}` \((\d+)\)", IDLE, 1),
    ("docs/operating.md", rf"`{TIMEOUT}` \((\d+)\)", TIMEOUT, 1),
    ("man", r"(\d+) seconds by default", TIMEOUT, 1000),
)


class DocsSettings(Program):
    def tables_of_settings(self):
        """(heading, row) of each row of the tables that `[section]` heads."""
        for table in PAGES["docs/configuration.md"].tables():
            heading = re.search(r"`\[+([\w.]+)\]+`", table[0][0])
            types = re.match(r"types? `", table[0][0])
            if heading or types:
                for row in table[1:]:
                    yield heading[1] if heading else "providers", row

    def test_the_tables_have_each_setting_there_is_and_no_other(self):
        real, told = settings_told.settings(self), set()
        for section, row in self.tables_of_settings():
            told |= {f"{section}.{name}" for name in words_in(row[0])}
        self.assertEqual(told - real, set(), "told of, but not there")
        # Tables have a heading; what an older relay's files may say, paragraphs at the page's end.
        heads = {name for name in real if any(each.startswith(name + ".") for each in real | told)}
        text = PAGES["docs/configuration.md"].text
        older = text[text.index("## Files of the older relay") :]
        missing = {
            name
            for name in real - told - heads
            if f"`{name}`" not in older and f"`{name.split('.')[-1]}`" not in older
        }
        self.assertEqual(missing, set(), "there, but not told of")

    def test_a_default_is_what_is_in_force_without_the_setting(self):
        real, seen = settings_told.defaults(self), 0
        for section, row in self.tables_of_settings():
            literal = re.fullmatch(r'`?("[^`]*"|-?\d+|true|false|\[\])`?', row[1])
            none = row[1] == "none" and f"{section}.{words_in(row[0])[0]}" in real
            if not literal and not none:
                continue
            if (section, row[0]) == ("ledger", "`required`"):  # not shown until somebody sets it
                continue
            for name in words_in(row[0]):
                with self.subTest(f"{section}.{name}"):
                    self.assertIn(f"{section}.{name}", real)
                    now = real[f"{section}.{name}"]
                    seen += 1
                    if none:
                        self.assertIn(now, ('""', "[]"))
                    elif name == "max_buffered_body_bytes":  # a quarter of a small machine's memory
                        self.assertLessEqual(int(now), int(literal[1]))
                    elif (section, name) == ("providers", "weight"):
                        self.assertEqual(literal[1], "0")  # shown as what it stands for
                    else:
                        self.assertEqual(now, literal[1])
        self.assertGreater(seen, 60)

    def test_the_words_of_a_setting_are_those_that_it_takes(self):
        rows = {
            f"{section}.{words_in(row[0])[0]}": row for section, row in self.tables_of_settings()
        }
        meanings = {table[0][0]: [words_in(row[0]) for row in table[1:]]
                    for table in PAGES["docs/configuration.md"].tables()}  # fmt: skip
        for name, real in settings_told.words(self).items():
            with self.subTest(name):
                # In a table of their own, or beside the setting.
                own = meanings.get(f"`{words_in(rows[name][0])[0]}`")
                told = sum(own, []) if own else words_in(" ".join(rows[name][1:]))
                self.assertEqual(set(real) - {word.strip('"') for word in told}, set())
                if own:
                    self.assertEqual(set(told), set(real))

    def test_each_setting_that_a_page_names_in_full_exists(self):
        real = settings_told.settings(self) | OWN
        tables = {".".join(name.split(".")[:n]) for name in real for n in (1, 2)}
        first = {name.split(".")[0] for name in real}
        seen = 0
        for page in PAGES.values():
            for span in page.spans:
                found = re.match(r"\[*([a-z]+(?:\.[a-z0-9_]+)*)\]*(?= = |$)", span.text)
                if not found or not re.search(r"[\[.]", span.text.split(" ")[0]):
                    continue
                name = found[1]
                if name.split(".")[0] not in first or re.search(FILES, name):
                    continue
                # Some are told of because they are no more; a mapping's members are the user's.
                parent = name.rsplit(".", 1)[0]
                if parent.endswith(("model_mapping", "headers")) or name in refused():
                    continue
                with self.subTest(f"{span}: {span.text}"):
                    self.assertIn(name, real | tables)
                    seen += 1
        self.assertGreater(seen, 80)

    def test_the_manual_names_settings_that_exist(self):
        real = settings_told.settings(self)
        first = "|".join({name.split(".")[0] for name in real if "." in name})
        named = re.findall(rf"(?<![\w./-])(?:{first})\.[a-z_.]+[a-z]", MANUAL)
        self.assertGreater(len(named), 3)
        for name in set(named):
            if not re.search(FILES, name):
                with self.subTest(name):
                    self.assertIn(name, real)

    def test_numbers_in_sentences_are_the_defaults(self):
        real = settings_told.defaults(self)
        for page, sentence, name, unit in SENTENCES:
            with self.subTest(f"{page}: {name}"):
                text = MANUAL if page == "man" else PAGES[page].text
                found = re.search(sentence, text)
                self.assertIsNotNone(found, sentence)
                if name == "server.max_buffered_body_bytes":
                    self.assertLessEqual(int(real[name]), int(found[1]) * unit)
                else:
                    self.assertEqual(int(real[name]), int(found[1]) * unit)

    def test_each_configuration_of_a_page_is_valid(self):
        for page in PAGES.values():
            for block in page.blocks:
                # Codex has its own file in TOML.
                if block.language != "toml" or "[model_providers." in block.text:
                    continue
                with self.subTest(block):
                    self.assert_valid(block)

    def assert_valid(self, block):
        text = block.text
        variables = re.findall(r"\$\{(\w+)\}", text)
        env = {name: f"sk-of-{name}" for name in variables}
        env["AWS_REGION"] = "eu-central-1"
        needed = re.findall(r'(?m)^(?:default_provider|"[\w-]+") = "(anthropic|zai)"', text)
        if "[[providers]]" not in text:  # a piece that stands beside providers
            for name in sorted(set(needed) | {"anthropic"}):
                text += f'[[providers]]\nname = "{name}"\ntype = "{name}"\n'
                text += '[[providers.keys]]\nkey = "k"\n'
        done = self.run_relay("config", "validate", self.write("page.toml", text), env=env)
        if 'type = "house"' in text:  # an embedder's own, built and run by tests/packaging
            self.assertEqual(done.code, 1)
            return
        self.assertEqual((done.code, done.stderr), (0, ""), text)


def refused():
    """What the page says is refused."""
    text = PAGES["docs/configuration.md"].text
    return set(words_in(text[text.index("## Not in this version") :]))
