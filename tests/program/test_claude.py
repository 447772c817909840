"""claude: Claude Code through the relay. A script of ours stands in for Claude Code."""

import os
import signal

from claude_program import ClaudeProgram
from harness import PROVIDER_KEY, RELAY_KEY
from serving import Serving, config

class Claude(ClaudeProgram):
    def test_a_relay_is_started_for_it_and_stopped_after_it(self):
        self.assert_ends(self.run_relay("claude"), 7, stdout="hello from claude\n")
        told = self.told()
        self.assertEqual(told["health"], '{"status":"ok"}')
        self.assertEqual(told["env"]["ANTHROPIC_BASE_URL"], f"http://{self.address}")
        self.assertNotIn(PROVIDER_KEY, told["env"]["ANTHROPIC_AUTH_TOKEN"])
        self.assert_no_relay()
        log = self.home / ".local/state/cc-relay/claude.log"
        self.assertIn(f"listening on http://{self.address}", log.read_text())
        self.assertEqual(log.stat().st_mode & 0o777, 0o600)

    def test_a_relay_that_runs_is_used_and_stays(self):
        relay = Serving(self, "--config", self.file)
        self.assert_ends(self.run_relay("claude"), 7, stdout="hello from claude\n")
        self.assertEqual(relay.get("/health").status, 200)
        self.assertFalse((self.home / ".local/state/cc-relay/claude.log").exists())

    def test_everything_behind_the_word_is_claudes(self):
        Serving(self, "--config", self.file)
        given = ["--help", "--config", "x", "-p", "two words", "--", "status", "--version", ""]
        self.assertEqual(self.run_relay("claude", *given).code, 7)
        self.assertEqual(self.told()["arguments"][2:], given)

    def test_config_before_the_word_is_ours(self):
        other = self.file.rename(self.folder / "other.toml")
        for option in (["--config", other], [f"--config={other}"]):
            with self.subTest(option):
                self.assertEqual(self.run_relay(*option, "claude", "-p").code, 7)
                self.assertEqual(self.told()["arguments"][2:], ["-p"])

    def test_the_token_is_what_the_relay_asks_for_and_other_keys_are_taken_away(self):
        text = self.file.read_text() + f'[server.auth]\napi_key = "{RELAY_KEY}"\n'
        self.file.write_text(text)
        self.run_relay("claude", env={"ANTHROPIC_API_KEY": PROVIDER_KEY})
        env = self.told()["env"]
        self.assertEqual(env["ANTHROPIC_AUTH_TOKEN"], RELAY_KEY)
        self.assertNotIn("ANTHROPIC_API_KEY", env)
        self.assertEqual(self.provider.seen, [(PROVIDER_KEY, None)])

    def test_claudes_own_login_stays_when_no_provider_has_a_key(self):
        self.file.write_text(
            f'[server]\nlisten = "{self.address}"\n'
            '[[providers]]\nname = "a"\ntype = "anthropic"\ncredentials = "passthrough"\n'
            f'base_url = "{self.provider.url}"\n'
            # A key of another vendor pays for none of Claude's models.
            '[[providers]]\nname = "o"\ntype = "openai"\nmodels = ["gpt-*"]\n'
            '[[providers.keys]]\nkey = "sk-of-openai"\n'
        )
        self.run_relay("claude", env={"ANTHROPIC_API_KEY": PROVIDER_KEY})
        env = self.told()["env"]
        self.assertNotIn("ANTHROPIC_AUTH_TOKEN", env)
        self.assertEqual(env["ANTHROPIC_API_KEY"], PROVIDER_KEY)
        self.assertEqual(self.provider.credentials, [PROVIDER_KEY])

    def test_a_signal_that_ends_claude_shows_in_the_exit_code(self):
        self.assert_ends(self.run_relay("claude", "die"), 128 + signal.SIGKILL)
        self.assert_no_relay()

    def test_sigterm_is_passed_on(self):
        process = self.start("claude", "wait")
        process.stdout.wait_for("waiting\n")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 9)
        self.assert_no_relay()

    def test_ctrl_c_is_claudes_business(self):
        process = self.start("claude", "wait", start_new_session=True)
        process.stdout.wait_for("waiting\n")
        # As a terminal does: to the whole group. The stand-in dies of it, the relay does not.
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.wait(), 128 + signal.SIGINT)
        self.assertIn("KeyboardInterrupt", process.stderr.all())
        self.assert_no_relay()

    def test_it_ends_with_claude_when_child_signals_were_ignored(self):
        process = self.start(
            "claude", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        )
        self.assertEqual(process.wait(), 7)
        self.assert_no_relay()

    def test_claude_is_not_installed(self):
        self.assert_ends(
            self.run_relay("claude", env={"PATH": str(self.folder)}),
            1,
            stderr="cc-relay: claude was not found in PATH; install Claude Code with: "
            "npm install -g @anthropic-ai/claude-code\n",
        )

    def test_a_folder_of_that_name_is_not_claude(self):
        (self.folder / "claude").mkdir()
        done = self.run_relay("claude", env={"PATH": str(self.folder)})
        self.assert_fails(done, 1, "claude was not found in PATH")

    def test_a_port_that_is_not_fixed_is_refused(self):
        self.file.write_text(config(self.provider))
        self.assert_fails(self.run_relay("claude"), 1, "claude needs a fixed port")

    def test_a_broken_configuration(self):
        self.file.write_text("nonsense")
        self.assert_fails(self.run_relay("claude"), 1, rf"\Acc-relay: {self.file}:1:")

    def test_an_absolute_state_folder_is_honoured_and_a_relative_one_is_not(self):
        state = self.scratch / "state"
        self.run_relay("claude", env={"XDG_STATE_HOME": str(state)})
        self.assertTrue((state / "cc-relay/claude.log").exists())
        self.run_relay("claude", env={"XDG_STATE_HOME": "state"})
        self.assertFalse((self.folder / "state").exists())
        self.assertTrue((self.home / ".local/state/cc-relay/claude.log").exists())
