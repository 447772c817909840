"""Help, versions and wrong command lines."""

from harness import Program

COMMANDS = (
    "serve",
    "status",
    "config",
    "config init",
    "config validate",
    "config check",
    "config show",
    "config cc",
    "config cc init",
    "config cc remove",
    "completion",
    "version",
)


class Help(Program):
    def test_every_command_explains_itself_with_an_example(self):
        for command in COMMANDS:
            for option in ("--help", "-h"):
                with self.subTest(f"{command} {option}"):
                    done = self.run_relay(*command.split(), option)
                    named = command.replace("check", "validate")
                    self.assert_succeeds(done, rf"(?mi)^usage: cc-relay {named}\b")
                    self.assertRegex(done.stdout, r"(?m)^Examples:\n  (source <\()?cc-relay ")

    def test_the_program_explains_itself_and_names_every_command(self):
        done = self.run_relay("--help")
        self.assert_succeeds(done, r"(?m)^Examples:\n  cc-relay serve --demo ")
        for command in ("serve", "status", "config", "claude", "version", "completion"):
            self.assertRegex(done.stdout, rf"(?m)^  {command} +\w")

    def test_help_of_claude_stands_before_the_word(self):
        # What stands behind it is Claude Code's.
        done = self.run_relay("--help", "claude")
        self.assert_succeeds(done, r"(?mi)^usage: cc-relay claude\b")
        self.assertRegex(done.stdout, r"(?m)^Examples:\n  cc-relay claude\n")
        self.assertIn("cc-relay --help claude", self.run_relay("--help").stdout)

    def test_the_version(self):
        for words in ("version", "--version"):
            with self.subTest(words):
                self.assert_ends(self.run_relay(words), 0, stdout="cc-relay 0.1.0\n")

    def test_a_result_that_cannot_be_written_is_an_error(self):
        for words in (["version"], ["--version"], ["--help"], ["completion", "bash"]):
            with self.subTest(words), open("/dev/full", "wb") as full:
                self.assert_ends(
                    self.run_relay(*words, stdout=full),
                    1,
                    stderr="cc-relay: the result could not be written\n",
                )


class WrongCommandLine(Program):
    def assert_usage(self, words, message):
        with self.subTest(words):
            self.assert_ends(
                self.run_relay(*words),
                2,
                stderr=f"cc-relay: {message}\nRun with --help for more information.\n",
            )

    def test_unknown_commands_and_options(self):
        self.assert_usage(["bogus"], "bogus was not expected")
        self.assert_usage(["serve", "--bogus"], "--bogus was not expected")
        self.assert_usage(["--bogus", "serve"], "--bogus was not expected")
        self.assert_usage(["status", "now"], "now was not expected")
        self.assert_usage(["config", "cc", "undo"], "undo was not expected")

    def test_what_is_missing(self):
        self.assert_usage([], "A subcommand is required")
        self.assert_usage(["config"], "A subcommand is required")
        self.assert_usage(["config", "cc"], "A subcommand is required")
        self.assert_usage(["completion"], "shell is required")
        self.assert_fails(self.run_relay("serve", "--config"), 2, r"\Acc-relay: --config: ")

    def test_values_that_are_none(self):
        self.assert_usage(
            ["serve", "--log-level", "loud"], "--log-level: loud not in {debug,info,warn,error}"
        )
        self.assert_usage(["serve", "--log-format", "xml"], "--log-format: xml not in {json,text}")
        self.assert_usage(["completion", "tcsh"], "shell: tcsh not in {bash,zsh,fish}")

    def test_an_empty_value_is_not_taken_for_none(self):
        # As from "$VARIABLE" in a script, when the variable is not set.
        for words in (
            ["--config", "", "config", "show"],
            ["serve", "--demo", "--listen", ""],
            ["config", "init", "--output", ""],
            ["config", "validate", ""],
            ["config", "cc", "init", "--proxy-url", ""],
        ):
            with self.subTest(words):
                self.assert_fails(self.run_relay(*words), 2, "must not be empty")
