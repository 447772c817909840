"""claude, with every set-up that the documents tell of: what did the provider get?"""

import json
import pathlib
import re

from claude_program import ClaudeProgram
from harness import PROVIDER_KEY, RELAY_KEY

ROOT = pathlib.Path(__file__).parents[2]
LOGIN = "sk-ant-oat01-canary-login"


class ClaudeSetups(ClaudeProgram):
    def setUp(self):
        super().setUp()
        del self.env["PROVIDER_KEY"]

    def at_the_fake_provider(self, text):
        """The configuration with its first provider here, and listening where the test says."""
        text = re.sub(r"(?m)^#? ?listen = .*$", "", text)
        if "[server]" not in text:
            text = "[server]\n" + text
        text = text.replace("[server]", f'[server]\nlisten = "{self.address}"', 1)
        return text.replace(
            'type = "anthropic"\n', f'type = "anthropic"\nbase_url = "{self.provider.url}"\n', 1
        )

    def readme(self):
        return re.search(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]

    def template(self):
        file = self.folder / "made.toml"
        self.assert_succeeds(self.run_relay("config", "init", "--output", file), "Created")
        return file.read_text()

    def assert_answered(self, seen, **env):
        done = self.run_relay("claude", "-p", "hi", env=env)
        self.assert_ends(done, 7, stdout="hello from claude\n")
        self.assertEqual(self.told()["status"], 200, self.told()["text"])
        self.assertEqual(self.provider.seen, seen)
        self.assert_no_relay()

    def test_the_readmes_configuration_and_a_key_in_the_environment(self):
        self.configure(self.at_the_fake_provider(self.readme()))
        self.assert_answered(
            [(PROVIDER_KEY, None)], ANTHROPIC_API_KEY=PROVIDER_KEY, ZAI_API_KEY="z"
        )
        self.assertNotIn("ANTHROPIC_API_KEY", self.told()["env"])

    def test_the_template_and_a_key_in_the_environment(self):
        self.configure(self.at_the_fake_provider(self.template()))
        self.assert_answered([(PROVIDER_KEY, None)], ANTHROPIC_API_KEY=PROVIDER_KEY)

    def test_both_variables(self):
        self.configure(self.at_the_fake_provider(self.template()))
        self.assert_answered(
            [(PROVIDER_KEY, None)], ANTHROPIC_API_KEY=PROVIDER_KEY, ANTHROPIC_AUTH_TOKEN="other"
        )
        self.assertNotEqual(self.told()["env"]["ANTHROPIC_AUTH_TOKEN"], "other")

    def test_a_bare_login_is_passed_on(self):
        credentials = {"claudeAiOauth": {"accessToken": LOGIN}}
        self.write(self.home / ".claude/.credentials.json", json.dumps(credentials))
        text = self.at_the_fake_provider(self.template())
        self.configure(
            text.replace(
                'type = "anthropic"\n', 'type = "anthropic"\ncredentials = "passthrough"\n', 1
            )
        )
        self.assert_answered([(None, f"Bearer {LOGIN}")])
        self.assertNotIn("ANTHROPIC_AUTH_TOKEN", self.told()["env"])
        self.assertNotIn("ANTHROPIC_AUTH_TOKEN", self.told()["settings"]["env"])

    def test_a_token_of_claudes_own_is_passed_on(self):
        text = self.at_the_fake_provider(self.template())
        self.configure(
            text.replace(
                'type = "anthropic"\n', 'type = "anthropic"\ncredentials = "passthrough"\n', 1
            )
        )
        self.assert_answered([(None, f"Bearer {LOGIN}")], ANTHROPIC_AUTH_TOKEN=LOGIN)

    def test_no_file_at_all(self):
        # Where the relay listens then is fixed, so another relay may be there already.
        self.file.unlink()
        done = self.run_relay("claude", "silent", env={"ANTHROPIC_API_KEY": PROVIDER_KEY})
        if "what answers there" in done.stderr or "a cc-relay answers there" in done.stderr:
            self.skipTest("port 8787 is in use on this machine")
        self.assert_ends(done, 7, stdout="hello from claude\n")
        (provider,) = json.loads(self.told()["providers"])["data"]
        self.assertEqual((provider["name"], len(provider["keys"])), ("anthropic", 1))
        self.assertNotIn("ANTHROPIC_API_KEY", self.told()["env"])

    def test_a_relay_with_a_key_of_its_own_and_a_second_terminal_without_secrets(self):
        text = self.at_the_fake_provider(self.template())
        self.configure(text.replace('#api_key = ""', 'api_key = "${RELAY_KEY}"', 1))
        first = self.start(
            "claude",
            "wait",
            env={"ANTHROPIC_API_KEY": PROVIDER_KEY, "RELAY_KEY": RELAY_KEY},
        )
        first.stdout.wait_for("waiting\n")
        second = self.run_relay("claude", "-p", "hi")
        self.assert_ends(second, 7, stdout="hello from claude\n")
        self.assertEqual(self.told()["status"], 200)
        self.assertEqual(self.provider.seen, [(PROVIDER_KEY, None)] * 2)
        first.kill()
