"""Help, versions and wrong command lines."""

from harness import Program

COMMANDS = (
    "serve",
    "status",
    "top",
    "reload",
    "web",
    "usage",
    "doctor",
    "conformance",
    "config",
    "config init",
    "config validate",
    "config check",
    "config show",
    "config cc",
    "config cc init",
    "config cc remove",
    "config codex",
    "config codex init",
    "config codex remove",
    "config gemini",
    "config gemini init",
    "config gemini remove",
    "client",
    "client new",
    "completion",
    "version",
    "help",
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
        for command in {each.split()[0] for each in COMMANDS} | {"claude", "codex", "gemini"}:
            self.assertRegex(done.stdout, rf"(?m)^  {command} +\w")

    def test_commands_that_ask_a_relay_say_how_to_name_it(self):
        for command in COMMANDS:
            with self.subTest(command):
                said = self.run_relay(*command.split(), "--help").stdout
                asks = command in ("status", "reload") or command.endswith(
                    ("cc init", "codex init", "gemini init")
                )
                self.assertEqual("  --url URL " in said, asks, said)
                # That of `top` is for the management, where another token is asked for.
                has_token = asks or command == "top"
                self.assertEqual("  --token-file FILE " in said, has_token, said)

    def test_help_of_a_client_stands_before_the_word(self):
        # What stands behind it is the client's.
        for word in ("claude", "codex", "gemini"):
            done = self.run_relay("--help", word)
            self.assert_succeeds(done, rf"(?mi)^usage: cc-relay {word}\b")
            self.assertRegex(done.stdout, rf"(?m)^Examples:\n  cc-relay {word}\n")
            for asked in ((), ("--config", "x.toml"), ("-cx.toml",)):
                said = self.run_relay(*asked, "help", word, "--of-the-client").stdout
                self.assertEqual(said, done.stdout, asked)
        self.assertIn("cc-relay --help claude", self.run_relay("--help").stdout)

    def test_help_is_a_word_too(self):
        whole = self.run_relay("--help").stdout
        for words in ([], ["help"], ["-c", "x.toml", "help"], ["--config=x.toml", "help"]):
            with self.subTest(words):
                self.assert_ends(self.run_relay(*words), 0, stdout=whole)
        for command in COMMANDS:
            with self.subTest(command):
                self.assert_ends(
                    self.run_relay("help", *command.split()),
                    0,
                    stdout=self.run_relay(*command.split(), "--help").stdout,
                )
        self.assert_succeeds(self.run_relay("help", "claude"), r"(?mi)^usage: cc-relay claude\b")

    def test_a_group_of_commands_explains_itself(self):
        for group in ("config", "config cc"):
            with self.subTest(group):
                said = self.run_relay(*group.split(), "--help").stdout
                self.assert_ends(self.run_relay(*group.split()), 0, stdout=said)

    def test_every_command_names_the_option_for_the_configuration(self):
        for command in COMMANDS:
            with self.subTest(command):
                said = self.run_relay(*command.split(), "--help").stdout
                self.assertRegex(said, r"(?m)^  -c,--config FILE ")

    def test_c_is_config_before_and_behind_a_command(self):
        file = self.write("mine.toml", '[server]\nlisten = "127.0.0.1:4321"\n')
        for words in (
            ["-c", file, "config", "show"],
            ["config", "show", "-c", file],
            ["config", "-c", file, "show"],
            [f"-c{file}", "config", "show"],
            ["config", "show", f"--config={file}"],
        ):
            with self.subTest(words):
                self.assert_succeeds(self.run_relay(*words), 'listen = "127.0.0.1:4321"')

    def test_the_version(self):
        for words in ("version", "--version", "-V", "-v"):
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
        known = (
            "serve, status, top, usage, reload, web, doctor, conformance, config, client, claude, codex, gemini, version, completion, help"
        )
        self.assert_usage(["bogus"], f"bogus is no command; one of: {known}")
        self.assert_usage(["serve", "--bogus"], "--bogus was not expected")
        self.assert_usage(["--bogus", "serve"], "--bogus was not expected")
        self.assert_usage(["status", "now"], "now was not expected")
        self.assert_usage(["config", "cc", "undo"], "undo is no command; one of: init, remove")

    def test_the_nearest_word_is_named(self):
        self.assert_usage(["statsu"], "statsu is no command; did you mean status?")
        self.assert_usage(["config", "vaildate"], "vaildate is no command; did you mean validate?")
        self.assert_usage(["hlep"], "hlep is no command; did you mean help?")
        self.assert_usage(["help", "sevre"], "sevre is no command; did you mean serve?")
        self.assert_usage(["serve", "--lisen", "x"], "--lisen is no option; did you mean --listen?")
        self.assert_usage(
            ["--listen", "127.0.0.1:1", "serve"],
            "--listen belongs behind its command: cc-relay serve --listen …",
        )

    def test_what_other_programs_call_it_is_told_how_it_is_done_here(self):
        for words, means in (
            (["start"], "cc-relay serve"),
            (["run"], "cc-relay serve"),
            (["stop"], "systemctl stop cc-relay"),
            (["stop"], "Ctrl-C"),
            (["restart"], "systemctl restart cc-relay"),
            (["refresh"], "cc-relay reload"),
            (["logs"], "journalctl -u cc-relay"),
            (["init"], "cc-relay config init"),
            (["validate"], "cc-relay config validate"),
            (["health"], "cc-relay status"),
            (["selftest"], "cc-relay conformance --self"),
            (["serve", "--port", "9000"], "cc-relay serve --listen 127.0.0.1:9000"),
            (["serve", "--port=9000"], "cc-relay serve --listen 127.0.0.1:9000"),
            (["serve", "-p", "9000"], "cc-relay serve --listen 127.0.0.1:9000"),
            (["--port", "9000"], "cc-relay serve --listen 127.0.0.1:9000"),
            (["serve", "--port"], "cc-relay serve --listen 127.0.0.1:PORT"),
            (["serve", "--host", "0.0.0.0"], "cc-relay serve --listen ADDRESS:PORT"),
            (["serve", "-f", "x"], "--config FILE"),
            (["serve", "--daemon"], "systemctl start cc-relay"),
        ):
            with self.subTest(words):
                done = self.run_relay(*words)
                self.assert_fails(done, 2, r"\Acc-relay: ")
                self.assertIn(means, done.stderr)

    def test_what_is_missing(self):
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
