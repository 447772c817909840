"""codex and gemini: those clients through the relay. A script of ours stands in for them: it writes
down what it was given. What is the same for all clients test_claude has."""

import json
import re
import sys

from harness import RELAY_KEY
from claude_program import ClaudeProgram
from serving import Serving

STAND_IN = """
import json, os, sys
with open(os.environ["HOME"] + "/told.json", "w") as file:
    json.dump({"arguments": sys.argv[1:], "env": dict(os.environ)}, file)
print("hello")
sys.exit(7)
"""


class RunClients(ClaudeProgram):
    def setUp(self):
        super().setUp()
        for name in ("codex", "gemini"):
            script = self.write(self.script.with_name(name), f"#!{sys.executable} -S\n{STAND_IN}")
            script.chmod(0o755)
        self.file.write_text(self.file.read_text() + f'[server.auth]\napi_key = "{RELAY_KEY}"\n')
        self.env["GEMINI_CLI_SYSTEM_SETTINGS_PATH"] = str(self.scratch / "none.json")
        self.proxies = {"HTTP_PROXY": "http://proxy.example:1", "NO_PROXY": "a.example"}

    def gemini_settings(self, path=None, **auth):
        text = json.dumps({"security": {"auth": auth}})
        return self.write(path or self.home / ".gemini/settings.json", text)

    def test_codex_is_told_of_the_relay_and_its_settings_stay(self):
        settings = self.write(self.home / ".codex/config.toml", 'model_provider = "other"\n')
        given = ["exec", "--help", "-c", "model=\"m\"", "--", "status", ""]
        self.assert_ends(self.run_relay("codex", *given, env=self.proxies), 7, stdout="hello\n")
        self.assert_no_relay()
        told = self.told()
        self.assertEqual(told["arguments"][4:], given)
        self.assertEqual(
            told["arguments"][:4],
            [
                "-c",
                'model_provider = "cc-relay"',
                "-c",
                'model_providers.cc-relay = { name = "cc-relay", '
                f'base_url = "{self.url}/v1", wire_api = "responses", env_key = "CC_RELAY_TOKEN" }}',
            ],
        )
        self.assertEqual(told["env"]["CC_RELAY_TOKEN"], RELAY_KEY)
        self.assertEqual(told["env"]["NO_PROXY"], "a.example,127.0.0.1")
        self.assertEqual(told["env"]["no_proxy"], "a.example,127.0.0.1")
        self.assertNotIn(RELAY_KEY, str(told["arguments"]))
        self.assertEqual(list(settings.parent.iterdir()), [settings])
        self.assertEqual(settings.read_text(), 'model_provider = "other"\n')

    def test_a_relay_that_runs_is_used_and_stays(self):
        relay = Serving(self, "--config", self.file)
        self.gemini_settings(selectedType="gemini-api-key")
        for word in ("codex", "gemini"):
            self.assert_ends(self.run_relay("--config", self.file, word), 7, stdout="hello\n")
            self.assertEqual(relay.get("/health").status, 200)

    def test_gemini_is_told_of_the_relay(self):
        self.gemini_settings(selectedType="gemini-api-key")
        env = {**self.proxies, "GEMINI_API_KEY": "own"}
        self.assert_ends(self.run_relay("gemini", "-p", "two words", env=env), 7, stdout="hello\n")
        told = self.told()
        self.assertEqual(told["arguments"], ["-p", "two words"])
        self.assertEqual(told["env"]["GOOGLE_GEMINI_BASE_URL"], self.url)
        self.assertEqual(told["env"]["GEMINI_API_KEY"], RELAY_KEY)
        self.assertEqual(told["env"]["NO_PROXY"], "a.example,127.0.0.1")

    def test_gemini_that_would_go_elsewhere_is_not_run(self):
        own = self.home / ".gemini/settings.json"
        said = 'selectedType is not set: Gemini CLI asks the relay when it is "gemini-api-key" in its '
        self.assert_fails(self.run_relay("gemini"), 1, said + "settings; say so once with: cc-relay ")
        self.gemini_settings(selectedType="oauth-personal")
        said = f'selectedType = "oauth-personal" in {own} leads past the relay; change that with: cc-'
        self.assert_fails(self.run_relay("gemini"), 1, re.escape(said))
        self.assert_succeeds(self.run_relay("config", "gemini", "init"), "now points")
        self.assertEqual(self.run_relay("gemini").code, 7)
        here = self.gemini_settings(self.folder / ".gemini/settings.json", selectedType="vertex-ai")
        said = f'selectedType = "vertex-ai" in {here} leads past the relay; take it out of that file'
        self.assert_fails(self.run_relay("gemini"), 1, re.escape(said))
        self.assert_no_relay()

    def test_neither_is_installed(self):
        for word, name, package in (
            ("codex", "Codex", "@openai/codex"),
            ("gemini", "Gemini CLI", "@google/gemini-cli"),
        ):
            done = self.run_relay(word, env={"PATH": str(self.folder)})
            said = f"{word} was not found in PATH; install {name} with: npm install -g {package}\n"
            self.assert_fails(done, 1, re.escape(said))
