"""config init: a configuration to begin with."""

from harness import PROVIDER_KEY, Program
from serving import Serving


class ConfigInit(Program):
    def setUp(self):
        super().setUp()
        self.usual = self.config_home / "cc-relay" / "config.toml"

    def mode(self, path):
        return path.stat().st_mode & 0o777

    def test_it_goes_where_serve_will_find_it_and_is_private(self):
        done = self.run_relay("config", "init")
        self.assert_succeeds(done, rf"\ACreated {self.usual}\n\nNext steps:\n")
        self.assertEqual((self.mode(self.usual), self.mode(self.usual.parent)), (0o600, 0o700))
        checked = self.run_relay("config", "validate", env={"ANTHROPIC_API_KEY": PROVIDER_KEY})
        self.assert_succeeds(checked, rf"\A{self.usual} is valid\n")
        self.assertRegex(checked.stdout, "provider anthropic: anthropic, 1 key\n")

    def test_the_next_steps_read_the_file_that_was_written(self):
        usual = self.run_relay("config", "init").stdout
        self.assertIn("cc-relay serve\n", usual)
        self.assertIn("cc-relay status\n", usual)
        done = self.run_relay("config", "init", "--output", "else where.toml")
        for command in ("serve", "config cc init", "status"):
            self.assertIn(f"cc-relay {command} --config 'else where.toml'\n", done.stdout)
        self.assertIn("cc-relay config validate 'else where.toml'\n", done.stdout)
        self.assert_succeeds(self.run_relay("config", "validate", "else where.toml"), "is valid")
        # Where the environment names it, it is found.
        there = {"CC_RELAY_CONFIG": str(self.folder / "there.toml")}
        self.write("there.toml", "")
        done = self.run_relay("config", "init", "--force", "-o", "there.toml", env=there)
        self.assertIn("cc-relay serve\n", done.stdout)

    def test_vendors_whose_keys_the_environment_has_are_in_it(self):
        env = {"OPENAI_API_KEY": PROVIDER_KEY, "GEMINI_API_KEY": PROVIDER_KEY + "2"}
        self.assert_succeeds(self.run_relay("config", "init", env=env), "codex or gemini in place")
        self.assertNotIn(PROVIDER_KEY, self.usual.read_text())
        checked = self.run_relay("config", "validate", env=env)
        self.assert_succeeds(checked, "provider openai: openai, 1 key\n *provider gemini: gemini, 1 key\n")
        shown = self.run_relay("config", "show", env=env).stdout
        for models in ('["gpt-*", "chatgpt-*", "codex-*", "o1*", "o3*", "o4*"]', '["gemini-*"'):
            self.assertIn(f"models = {models}", shown)
        self.assertIn(
            "\n# OPENAI_API_KEY was set when this file was written. Where it is not, this provider is "
            "left out, with a\n# warning; without the :- the relay would not start there.\n"
            '[[providers]]\nname = "openai"\n',
            self.usual.read_text(),
        )

    def test_where_a_key_is_missing_the_relay_starts_without_that_vendor(self):
        both = {"OPENAI_API_KEY": PROVIDER_KEY, "GEMINI_API_KEY": PROVIDER_KEY + "2"}
        self.run_relay("config", "init", env=both)
        left_out = (
            rf"{self.usual}:\d+:7: providers\[1\]\.keys\[0\]\.key: environment variable OPENAI_API_KEY "
            r'has no value, so provider "openai" is left out; set it where the relay is started\n'
        )
        one = {"GEMINI_API_KEY": PROVIDER_KEY}
        checked = self.run_relay("config", "validate", env=one)
        self.assertEqual(checked.code, 0, checked)
        self.assertIn("  provider openai: openai, no key of its own, disabled\n", checked.stdout)
        self.assertRegex(checked.stderr, rf"\Acc-relay: warning: {left_out}\Z")
        # In a terminal without any of them, too.
        for env, models in ((one, ["gemini"]), ({}, [])):
            with self.subTest(env):
                relay = Serving(self, "--listen", "127.0.0.1:0", env=env)
                relay.stderr.wait_for(left_out)
                listed = relay.get("/v1/providers").json["data"]
                active = [each["name"] for each in listed if each["active"]]
                self.assertEqual(sorted(active), ["anthropic", *models])
                relay.process.kill()

    def test_a_misspelt_variable_is_a_mistake_all_the_same(self):
        self.run_relay("config", "init", env={"OPENAI_API_KEY": PROVIDER_KEY})
        text = self.usual.read_text().replace("${OPENAI_API_KEY:-}", "${OPENAI_API_KY}")
        self.usual.write_text(text)
        done = self.run_relay("serve", env={"OPENAI_API_KEY": PROVIDER_KEY})
        missing = rf"{self.usual}:\d+:7: providers\[1\]\.keys\[0\]\.key: .* OPENAI_API_KY is not set"
        self.assert_fails(done, 1, missing)

    def test_an_address_of_ollamas_makes_no_provider(self):
        self.run_relay("config", "init", env={"OLLAMA_HOST": "127.0.0.1:1"})
        checked = self.run_relay("config", "validate").stdout
        self.assertEqual(checked.count("provider "), 1, checked)

    def test_it_is_valid_without_any_key_too(self):
        self.run_relay("config", "init")
        self.assert_succeeds(self.run_relay("config", "validate"), "is valid")

    def test_without_xdg_config_home_it_is_below_home(self):
        for value in ("", "relative/path"):  # the XDG specification says to ignore a relative one
            with self.subTest(value):
                done = self.run_relay("config", "init", "--force", env={"XDG_CONFIG_HOME": value})
                self.assert_succeeds(done, f"Created {self.home}/.config/cc-relay/config.toml\n")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_without_a_home_it_asks_where_to(self):
        self.assert_ends(
            self.run_relay("config", "init", env={"XDG_CONFIG_HOME": "", "HOME": ""}),
            1,
            stderr="cc-relay: neither HOME nor XDG_CONFIG_HOME is set; "
            "say where with --output FILE\n",
        )

    def test_a_file_that_exists_is_kept_without_force(self):
        file = self.write("relay.toml", "# mine\n")
        self.assert_ends(
            self.run_relay("config", "init", "--output", file),
            1,
            stderr=f"cc-relay: {file} exists; use --force to replace it, or --output FILE\n",
        )
        self.assertEqual(file.read_text(), "# mine\n")

    def test_force_replaces_it_and_keeps_its_mode(self):
        file = self.write("relay.toml", "# mine\n")
        file.chmod(0o640)
        self.assert_succeeds(self.run_relay("config", "init", "--force", "-o", file), "Created ")
        self.assertIn("[[providers]]", file.read_text())
        self.assertEqual(self.mode(file), 0o640)

    def test_even_an_empty_file_or_a_folder_is_kept(self):
        file = self.write("empty.toml", "")
        self.assert_fails(self.run_relay("config", "init", "-o", file), 1, "exists")
        self.assert_fails(self.run_relay("config", "init", "-o", self.folder), 1, "exists")
        done = self.run_relay("config", "init", "--force", "-o", self.folder)
        self.assert_fails(done, 1, "cannot write")

    def test_output_may_be_relative_and_its_folders_are_made(self):
        self.assert_succeeds(self.run_relay("config", "init", "-o", "a/b/c.toml"), "Created a/b/c")
        self.assertTrue((self.folder / "a/b/c.toml").exists())

    def test_a_folder_that_cannot_be_made_is_said(self):
        self.write("file", "")
        done = self.run_relay("config", "init", "-o", "file/c.toml")
        self.assert_fails(done, 1, r"\Acc-relay: .*file")

    def test_config_names_the_file_when_output_does_not(self):
        self.assert_succeeds(self.run_relay("--config", "mine.toml", "config", "init"), "mine.toml")
        self.assertTrue((self.folder / "mine.toml").exists())
