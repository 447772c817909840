"""claude, beside settings that would lead Claude Code elsewhere."""

import json

from claude_program import ClaudeProgram
from harness import PROVIDER_KEY
from provider import FakeProvider


class ClaudeSettings(ClaudeProgram):
    def setUp(self):
        super().setUp()
        self.other = FakeProvider(self)

    def assert_relayed(self, *arguments, **options):
        done = self.run_relay("claude", *(arguments or ("-p", "hi")), **options)
        self.assert_ends(done, 7, stdout="hello from claude\n")
        self.assertEqual(self.told()["status"], 200, self.told()["text"])
        self.assertEqual(self.provider.seen[-1], (PROVIDER_KEY, None))
        self.assertEqual(self.other.seen, [])
        return self.told()

    def foreign(self):
        return {
            "ANTHROPIC_BASE_URL": self.other.url,
            "ANTHROPIC_AUTH_TOKEN": "foreign-token",
            "ANTHROPIC_API_KEY": "sk-ant-foreign",
        }

    def test_an_address_that_another_router_has_left(self):
        for path in (None, ".claude/settings.json", ".claude/settings.local.json"):
            with self.subTest(path):
                file = self.settings(path and self.folder / path, env=self.foreign())
                before = file.read_text()
                self.assert_relayed()
                self.assertEqual(file.read_text(), before)
                file.unlink()

    def test_an_address_in_the_environment(self):
        self.assert_relayed(env=self.foreign())

    def test_switches_to_clouds(self):
        for cloud in ("BEDROCK", "VERTEX", "FOUNDRY"):
            env = {
                f"CLAUDE_CODE_USE_{cloud}": "1",
                f"ANTHROPIC_{cloud}_BASE_URL": self.other.url,
            }
            with self.subTest(cloud):
                self.settings(env=env)
                self.assert_relayed()
                self.settings()
                self.assert_relayed(env=env)

    def test_every_switch_that_leads_past_an_address_is_off(self):
        self.assert_relayed()
        env = self.told()["settings"]["env"]
        for name in ("MANTLE", "ANTHROPIC_AWS", "ANTHROPIC_GOOGLE_CLOUD", "GATEWAY"):
            self.assertEqual(env[f"CLAUDE_CODE_USE_{name}"], "")
        self.assertEqual(env["ANTHROPIC_UNIX_SOCKET"], "")

    def test_a_helper_for_keys(self):
        self.settings(apiKeyHelper="echo sk-ant-helper")
        self.assert_relayed()

    def test_a_proxy_is_not_asked_for_the_relay(self):
        proxies = {"HTTP_PROXY": self.other.url, "http_proxy": self.other.url}
        self.assert_relayed(env={**proxies, "NO_PROXY": "internal.example"})
        self.assertEqual(self.told()["env"]["NO_PROXY"], "internal.example,127.0.0.1")
        self.settings(env=proxies)
        self.assert_relayed()

    def test_the_users_own_settings_argument_is_merged(self):
        file = self.write("mine.json", json.dumps({"model": "opus", "env": {"A": "1"}}))
        inline = '{"model":"opus","env":{"A":"1","ANTHROPIC_BASE_URL":"%s"}}' % self.other.url
        for given in (
            ["--settings", str(file)],
            ["--settings", "mine.json"],
            [f"--settings={file}"],
            ["--settings", inline],
            [f"--settings={inline}"],
            ["--settings", '{"model":"other"}', "--settings", inline],
        ):
            with self.subTest(given):
                told = self.assert_relayed("-p", *given, "hi")
                self.assertEqual(told["settings"]["model"], "opus")
                self.assertEqual(told["settings"]["env"]["A"], "1")
                self.assertEqual(told["settings"]["env"]["ANTHROPIC_BASE_URL"], self.url)
                words = [word.partition("=")[0] for word in told["arguments"]]
                self.assertEqual(
                    words.count("--settings"), given.count("--settings") or 1, told["arguments"]
                )
                self.assertEqual((words[0], words[-1]), ("-p", "hi"))

    def test_nothing_secret_stands_on_the_command_line(self):
        told = self.assert_relayed("-p", "--settings", '{"env":{"S":"very-secret"}}', "hi")
        self.assertNotIn("very-secret", " ".join(told["arguments"]))

    def test_the_file_with_the_settings_is_the_users_alone_and_goes(self):
        process = self.start("claude", "wait")
        process.stdout.wait_for("waiting\n")
        (file,) = (self.runtime / "cc-relay").glob("settings-*")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        process.kill()
        self.assertTrue(file.exists())  # nobody could take it away
        self.assert_relayed()
        self.assertEqual(list((self.runtime / "cc-relay").glob("settings-*")), [])

    def test_a_settings_argument_that_cannot_be_read(self):
        for given in ('{"env":', "no-such.json", '{"env":3}'):
            with self.subTest(given):
                self.assert_fails(
                    self.run_relay("claude", "--settings", given), 1, r"claude --settings: "
                )
        self.assertFalse((self.home / "told.json").exists())

    def test_what_stands_behind_two_dashes_is_no_option(self):
        told = self.assert_relayed("-p", "--", "--settings", "x")
        self.assertEqual(told["arguments"][2:], ["-p", "--", "--settings", "x"])

    def test_managed_settings_cannot_be_beaten(self):
        for name, settings, what in (
            ("managed-settings.json", {"env": {"ANTHROPIC_BASE_URL": self.other.url}}, "leads to "),
            ("managed-settings.d/10-x.json", {"env": {"ANTHROPIC_AUTH_TOKEN": "t"}}, "takes the "),
            ("managed-settings.json", {"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}, "leads past "),
            ("managed-settings.json", {"apiKeyHelper": "echo k"}, "is sent beside "),
            ("managed-settings.json", {"env": {"ANTHROPIC_API_KEY": "k"}}, "is sent beside "),
        ):
            with self.subTest(settings):
                file = self.settings(self.managed / name, **settings)
                done = self.run_relay("claude")
                self.assert_fails(
                    done, 1, rf"\Acc-relay: \S+ in {file} {what}.*nothing wins over managed settings"
                )
                file.unlink()
        self.assertFalse((self.home / "told.json").exists())
        self.assertEqual(self.other.seen, [])

    def test_managed_settings_that_lead_to_the_relay_are_right(self):
        env = {"ANTHROPIC_BASE_URL": self.url + "/", "CLAUDE_CODE_USE_BEDROCK": "0"}
        self.settings(self.managed / "managed-settings.json", env=env)
        self.assert_relayed()

    def test_a_login_is_not_taken_from_another_routers_settings(self):
        self.file.write_text(
            f'[server]\nlisten = "{self.address}"\n'
            '[[providers]]\nname = "a"\ntype = "anthropic"\ncredentials = "passthrough"\n'
            f'base_url = "{self.provider.url}"\n'
        )
        self.settings(env=self.foreign(), apiKeyHelper="echo sk-ant-helper")
        login = {"claudeAiOauth": {"accessToken": "sk-ant-oat01-own"}}
        self.write(self.home / ".claude/.credentials.json", json.dumps(login))
        self.run_relay("claude")
        self.assertEqual(self.provider.seen, [(None, "Bearer sk-ant-oat01-own")])
        self.assertEqual(self.other.seen, [])
