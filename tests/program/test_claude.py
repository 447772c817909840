"""claude: Claude Code through the relay. A script of ours stands in for Claude Code."""

import json
import os
import signal
import socket
import sys

from harness import PROVIDER_KEY, RELAY_KEY, Program
from provider import FakeProvider
from serving import Serving, config, reserved_port

# Writes what it was given into a file, and what the relay says. `wait` lets it wait for a signal.
STAND_IN = f"""#!{sys.executable} -S
import json, os, signal, sys, urllib.request
url = os.environ.get("ANTHROPIC_BASE_URL", "")
health = urllib.request.urlopen(url + "/health").read().decode()
with open(os.environ["HOME"] + "/told.json", "w") as file:
    json.dump({{"arguments": sys.argv[1:], "env": dict(os.environ), "health": health}}, file)
if "wait" in sys.argv:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(9))
    print("waiting", flush=True)
    signal.pause()
if "die" in sys.argv:
    os.kill(os.getpid(), signal.SIGKILL)
print("hello from claude")
sys.exit(7)
"""


class Claude(Program):
    def setUp(self):
        super().setUp()
        programs = self.scratch / "bin"
        self.script = self.write(programs / "claude", STAND_IN)
        self.script.chmod(0o755)
        self.env["PATH"] = f"{programs}:{self.env['PATH']}"
        self.env["PROVIDER_KEY"] = PROVIDER_KEY
        self.port = reserved_port(self)
        self.address = f"127.0.0.1:{self.port}"
        self.provider = FakeProvider(self)
        self.file = self.configure(config(self.provider, listen=self.address))

    def told(self):
        return json.loads((self.home / "told.json").read_text())

    def assert_no_relay(self):
        with socket.socket() as client:
            self.assertNotEqual(client.connect_ex(("127.0.0.1", self.port)), 0)

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
        self.assertFalse((self.home / ".local").exists())

    def test_everything_behind_the_word_is_claudes(self):
        Serving(self, "--config", self.file)
        given = ["--help", "--config", "x", "-p", "two words", "--", "status", "--version", ""]
        self.assertEqual(self.run_relay("claude", *given).code, 7)
        self.assertEqual(self.told()["arguments"], given)

    def test_config_before_the_word_is_ours(self):
        other = self.file.rename(self.folder / "other.toml")
        for option in (["--config", other], [f"--config={other}"]):
            with self.subTest(option):
                self.assertEqual(self.run_relay(*option, "claude", "-p").code, 7)
                self.assertEqual(self.told()["arguments"], ["-p"])

    def test_the_token_is_what_the_relay_asks_for_and_other_keys_are_taken_away(self):
        text = self.file.read_text() + f'[server.auth]\napi_key = "{RELAY_KEY}"\n'
        self.file.write_text(text)
        self.run_relay("claude", env={"ANTHROPIC_API_KEY": PROVIDER_KEY})
        env = self.told()["env"]
        self.assertEqual(env["ANTHROPIC_AUTH_TOKEN"], RELAY_KEY)
        self.assertNotIn("ANTHROPIC_API_KEY", env)

    def test_claudes_own_login_stays_when_no_provider_has_a_key(self):
        self.file.write_text(
            f'[server]\nlisten = "{self.address}"\n'
            '[[providers]]\nname = "a"\ntype = "anthropic"\n'
        )
        self.run_relay("claude", env={"ANTHROPIC_API_KEY": PROVIDER_KEY})
        env = self.told()["env"]
        self.assertNotIn("ANTHROPIC_AUTH_TOKEN", env)
        self.assertEqual(env["ANTHROPIC_API_KEY"], PROVIDER_KEY)

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

    def test_another_program_on_the_port_is_said(self):
        self.file.write_text(config(self.provider, listen=f"127.0.0.1:{self.provider.port}"))
        self.assert_fails(
            self.run_relay("claude"),
            1,
            r"\Acc-relay: the relay could not be started:\n"
            rf"cc-relay: cannot listen on 127.0.0.1:{self.provider.port}: the port is in use by ",
        )
        self.assertFalse((self.home / "told.json").exists())

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
