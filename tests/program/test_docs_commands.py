"""The command lines of the documents are ones that the program takes, and those of a page run."""

import json
import re
import shlex
import subprocess

import harness
from harness import Program
from pages import MANUAL, PAGES, sources
from serving import Serving

# Set by the pages themselves, or by whoever follows them: for a configuration's `${…}`.
OWN_VARIABLES = {
    "ANTHROPIC_API_KEY_2",
    "RELAY_KEY",
    "HOUSE_TOKEN",
    "VAR",
    "UNSET",
    "NAME",
    "OTHER_BUILD",
    # Of providers that have no type of their own.
    "OPENROUTER_API_KEY",
    "DEEPSEEK_API_KEY",
    "MOONSHOT_API_KEY",
    "GROQ_API_KEY",
    "TOGETHER_API_KEY",
    "MISTRAL_API_KEY",
    "XAI_API_KEY",
}
# Read by clients that no test here has; docs/clients.md says which were tried by hand.
THEIR_VARIABLES = {"SSL_CERT_FILE", "ANTHROPIC_API_BASE", "OPENAI_BASE_URL", "OLLAMA_CONTEXT_LENGTH"}
# Words in capitals that are no variables of the environment.
NO_VARIABLES = {
    "SO_REUSEPORT",
    "CURLOPT_CONNECT_ONLY",
    "REFUSED_STREAM",
    "PROTOCOL_ERROR",
    "RST_STREAM",
    "WINDOW_UPDATE",
    "ENHANCE_YOUR_CALM",
    "GIT_REPOSITORY",
    "GIT_TAG",
    "SOURCE_SUBDIR",
    "TEST_CASE",
}
# Commands behind which everything is another program's.
CLIENTS = ("claude", "codex", "gemini")


def commands_of(text):
    """The `cc-relay …` commands of a script that begin a line, each as its words."""
    for line in text.replace("\\\n", " ").splitlines():
        if re.match(r" *(sudo |\w+=\S* )*cc-relay (?!\d)", line):
            reader = shlex.shlex(
                line[line.index("cc-relay ") :], posix=True, punctuation_chars=True
            )
            reader.whitespace_split = True
            words = list(reader)[1:]
            ends = [words.index(word) for word in words if set(word) <= set("|&;()<>")]
            yield words[: min(ends, default=len(words))]


def written(text):
    """A synopsis as a command line: `status [--json]`, `completion bash|zsh|fish`."""
    text = re.sub(r"\[([^\[\]]*)\]", r"\1", text.replace("\\|", "|"))
    return [word.split("|")[0] for word in text.split()]


class DocsCommands(Program):
    help = {}  # asked for once

    def known(self, command):
        """Of what its help offers: {option: whether a value follows}, {subcommand}, a value."""
        asked = ("--help", command) if command in CLIENTS else (*command.split(), "--help")
        text = self.run_relay(*asked).stdout
        options = {}
        for names, value in re.findall(r"(?m)^  (-[\w,-]+)(?: ([A-Z]+))?", text):
            options |= {name: bool(value) for name in names.split(",")}
        commands = re.search(r"\nSubcommands:\n((?:  .*\n)+)", text)
        words = re.findall(r"(?m)^  (\w[\w, ]*?)  ", commands[1]) if commands else []
        return (
            options,
            {name for word in words for name in word.split(", ")},
            "\nPositionals:" in text,
        )

    def setUp(self):
        super().setUp()
        if not self.help:
            waiting = ["", "help"]
            while waiting:
                name = waiting.pop()
                self.help[name] = self.known(name)
                if name != "help":
                    waiting += [f"{name} {inner}".strip() for inner in self.help[name][1]]
        # Options of all commands may stand behind one as well.
        self.common = self.help[""][0]

    def assert_taken(self, words):
        """Each word is a command, an option of it or the value of one."""
        command, words = "", list(words)
        while words:
            word = words.pop(0)
            options, commands, positional = self.help[command]
            if command in CLIENTS:
                return  # the rest is the client's
            name, _, value = word.partition("=")
            if word.startswith("-"):
                takes = {**self.common, **options}
                self.assertIn(name, takes, f"an option of {command!r}")
                if takes[name] and not value and words:  # a sentence may leave the value out
                    words.pop(0)
            elif word in commands or (command, word) == ("", "help"):
                command = f"{command} {word}".strip()
            elif command == "help" or word in ("COMMAND", "OPTION..."):
                pass
            else:
                self.assertTrue(positional, f"{word!r} behind {command!r}")

    def test_the_program_takes_each_command_line(self):
        seen = 0
        names = "|".join(self.help[""][1])
        for page in PAGES.values():
            lines = [
                (block, words)
                for block in page.blocks
                for words in commands_of(block.text)
                if block.language in ("", "sh")
            ]
            for span in page.spans:
                if span.text.startswith("cc-relay ") and not span.text.startswith("cc-relay-"):
                    lines.append((span, written(span.text)[1:]))
                elif page.name == "docs/cli.md" and re.match(rf"(?:{names}) [\w\[-]", span.text):
                    lines.append((span, written(span.text)))
            for place, words in lines:
                with self.subTest(f"{place}: {words}"):
                    seen += 1
                    self.assert_taken(words)
        for words in commands_of(MANUAL[MANUAL.index(".SH EXAMPLES") :]):
            with self.subTest(f"the manual: {words}"):
                self.assert_taken(words)
        self.assertGreater(seen, 50)

    def test_each_option_is_one_of_the_program_or_of_what_is_spoken_of(self):
        ours = {name for options, _, _ in self.help.values() for name in options}
        scripts = sources("tools", "tests/bench", "tests/clients/run", "tests/packaging/run")
        for page in PAGES.values():
            for span in page.spans:
                option = re.match(r"(--?[a-z][a-z-]*)(?: |$)", span.text)
                if not option or re.match(r"-(f|l|D|W|std)", span.text):
                    continue
                with self.subTest(f"{span}: {option[1]}"):
                    if page.name in ("docs/benchmarks.md", "CONTRIBUTING.md"):
                        self.assertTrue(re.search(rf"(?<![\w-]){option[1]}(?![\w-])", scripts))
                    elif option[1] != "--settings":  # Claude Code's
                        self.assertIn(option[1], ours)

    def test_each_variable_of_the_environment_is_read_by_somebody(self):
        text = sources("lib", "app", "tools", "tests/clients", "tests/sign/suite.cpp")
        read = set(re.findall(r"[A-Z0-9_]+", text)) | THEIR_VARIABLES
        seen = 0
        for page in (*PAGES.values(), None):
            text = page.text if page else MANUAL
            words = set(re.findall(r"(?<![\w@/.-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w.])", text))
            for name in words - OWN_VARIABLES - NO_VARIABLES:
                with self.subTest(f"{page.name if page else 'the manual'}: {name}"):
                    seen += 1
                    self.assertTrue(name in read)
        self.assertGreater(seen, 60)

    def test_exit_codes_are_those_that_the_page_tells(self):
        codes = r"(\d) success · (\d) an error[^·]*· (\d) a wrong command line"
        told = re.search(codes, PAGES["docs/cli.md"].text).groups()
        manual = MANUAL[MANUAL.index(".SH EXIT STATUS") : MANUAL.index(".SH ENVIRONMENT")]
        nobody = ("status", "--url", "http://127.0.0.1:9")
        real = [self.run_relay(*words).code for words in (("version",), nobody, ("--bogus",))]
        self.assertEqual([int(code) for code in told], real)
        self.assertEqual([int(code) for code in re.findall(r"\.B (\d)\n", manual)], real)

    def test_the_quick_start_runs_as_it_is_written(self):
        page = PAGES["docs/getting-started.md"]
        first, last = (
            page.text[: page.text.index(title)].count("\n") for title in ("## Quick start", "## A team")
        )
        blocks = [
            block
            for block in page.blocks
            if block.language == "sh" and first < block.line <= last
        ]
        self.assertGreaterEqual(len(blocks), 5)
        env, ran, served = {}, [], None
        for block in blocks:
            for line in block.text.splitlines():
                if export := re.match(r"export (\w+)=(\S+)", line):
                    env[export[1]] = export[2]
                for words in commands_of(line):
                    with self.subTest(f"{block}: {words}"):
                        ran.append(words[0])
                        if words[0] == "serve":  # anywhere but where it would listen
                            if served:
                                served.process.kill()
                            served = Serving(self, *words[1:], "--listen", "127.0.0.1:0", env=env)
                        elif words[0] != "claude":  # test_claude does that
                            done = self.run_relay(*words, env=env)
                            self.assertEqual(done.code, 0, done)
        self.assertEqual(ran, ["serve", "config", "config", "serve", "config", "status"])
        settings = json.loads((self.home / ".claude" / "settings.json").read_text())
        self.assertEqual(set(settings["env"]), {"ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"})

    def test_what_the_readme_asks_of_the_demo_is_answered_as_it_says(self):
        blocks = PAGES["README.md"].blocks
        asked = next(block for block in blocks if block.text.startswith("curl "))
        told = blocks[blocks.index(asked) + 1]
        relay = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        self.assertEqual(self.curl(asked, relay), told.text.strip())
        streamed = asked.text.replace('{"model"', '{"stream":true,"model"')
        self.assertIn("event: message_stop", self.curl(asked, relay, streamed))
        # What the demo prints is one too.
        printed = re.search(
            r"(?m)^curl .*\\\n.*", relay.process.stderr.wait_for(r"curl .*\\\n.*\n")[0]
        )
        self.assertIn("event: message_stop", self.curl(asked, relay, printed[0]))

    def test_the_request_of_the_api_page_is_answered(self):
        asked = next(block for block in PAGES["docs/api.md"].blocks if block.language == "sh")
        file = self.write("relay.toml", f'[server.auth]\napi_key = "{harness.RELAY_KEY}"\n')
        relay = Serving(self, "--demo", "--config", file, "--listen", "127.0.0.1:0")
        text = asked.text.replace("$RELAY_KEY", harness.RELAY_KEY)
        self.assertIn("event: message_stop", self.curl(asked, relay, text))

    def curl(self, block, relay, text=None):
        """What a page's curl prints, sent to this relay instead."""
        words = shlex.split((text or block.text).replace("\\\n", " "))
        words = [re.sub(r"http://127\.0\.0\.1:\d+", relay.url, word) for word in words]
        self.assertEqual(sum(relay.url in word for word in words), 1, words)
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout
