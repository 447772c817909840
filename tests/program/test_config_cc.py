"""config cc init|remove: Claude Code's settings point at the relay, and back."""

import json
import pathlib

from harness import RELAY_KEY, Program
from serving import Serving

TLS = pathlib.Path(__file__).parents[1] / "data" / "tls"

PLACEHOLDER = "cc-relay"
CUSTOM = """{
  // no comment: this is strict JSON once the next line is taken away
  "model": "opus",
  "env": { "EDITOR": "vi",   "ANTHROPIC_BASE_URL": "https:\\/\\/before.example" },
  "permissions": {"allow": ["Bash(ls:*)"]}
}
""".replace(
    "  // no comment: this is strict JSON once the next line is taken away\n", ""
)


class ConfigCc(Program):
    def setUp(self):
        super().setUp()
        self.claude = self.home / ".claude"
        self.file = self.claude / "settings.json"

    def settings(self, text):
        return self.write(self.file, text)

    def init(self, *arguments, **options):
        return self.run_relay("config", "cc", "init", *arguments, **options)

    def remove(self, **options):
        return self.run_relay("config", "cc", "remove", **options)

    def value(self):
        return json.loads(self.file.read_text())

    def others(self):
        """What is beside the settings."""
        return sorted(each.name for each in self.claude.iterdir() if each != self.file)

    def keyed(self):
        return self.configure(
            f'[server]\nlisten = "127.0.0.1:4711"\n[server.auth]\napi_key = "{RELAY_KEY}"\n',
        )

    def test_settings_are_made_when_there_are_none_and_deleted_again(self):
        self.keyed()
        done = self.init()
        self.assert_ends(
            done,
            0,
            stdout=f"{self.file} now points Claude Code at the relay:\n"
            "  env.ANTHROPIC_BASE_URL = http://127.0.0.1:4711\n"
            "  env.ANTHROPIC_AUTH_TOKEN is set\n"
            "Take it back with: cc-relay config cc remove\n",
        )
        self.assertEqual(
            self.value(),
            {
                "env": {
                    "ANTHROPIC_BASE_URL": "http://127.0.0.1:4711",
                    "ANTHROPIC_AUTH_TOKEN": RELAY_KEY,
                }
            },
        )
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assert_ends(
            self.remove(),
            0,
            stdout=f"{self.file} is deleted, as nothing else was in it:\n"
            "  removed env.ANTHROPIC_AUTH_TOKEN\n"
            "  removed env.ANTHROPIC_BASE_URL\n",
        )
        self.assertFalse(self.file.exists())

    def test_everything_else_in_the_settings_stays_byte_for_byte(self):
        self.keyed()
        self.settings(CUSTOM)
        self.assert_succeeds(self.init(), "now points Claude Code at the relay")
        changed = self.value()
        before = json.loads(CUSTOM)
        self.assertEqual(changed["env"].pop("ANTHROPIC_AUTH_TOKEN"), RELAY_KEY)
        self.assertEqual(changed["env"]["ANTHROPIC_BASE_URL"], "http://127.0.0.1:4711")
        changed["env"]["ANTHROPIC_BASE_URL"] = before["env"]["ANTHROPIC_BASE_URL"]
        self.assertEqual(changed, before)
        self.assertIn('"EDITOR": "vi",   "ANTHROPIC_BASE_URL"', self.file.read_text())
        self.assert_succeeds(self.remove(), "restored the earlier value of env.ANTHROPIC_BASE_URL")
        self.assertEqual(self.file.read_text(), CUSTOM)

    def test_the_file_as_it_was_is_kept_beside_it(self):
        self.keyed()
        self.settings(CUSTOM)
        self.init()
        backup = self.claude / "settings.json.cc-relay-backup"
        self.assertEqual(backup.read_text(), CUSTOM)
        self.assertEqual(backup.stat().st_mode & 0o777, 0o600)
        self.assertEqual(
            self.others(), ["settings.json.cc-relay", "settings.json.cc-relay-backup"]
        )
        self.remove()
        self.assertEqual(self.others(), ["settings.json.cc-relay-backup"])
        self.assertIn("4711", backup.read_text())

    def test_a_second_init_says_that_all_is_as_wanted(self):
        self.keyed()
        self.settings(CUSTOM)
        self.init()
        text = self.file.read_text()
        self.assert_succeeds(self.init(), rf"\A{self.file} is as wanted:\n")
        self.assertEqual(self.file.read_text(), text)

    def test_remove_after_two_different_inits_goes_back_to_the_beginning(self):
        self.settings(CUSTOM)
        self.keyed()
        self.init("--proxy-url", "http://127.0.0.1:1")
        self.init("--url", "http://127.0.0.1:2/")
        self.assertEqual(self.value()["env"]["ANTHROPIC_BASE_URL"], "http://127.0.0.1:2")
        self.remove()
        self.assertEqual(self.file.read_text(), CUSTOM)

    def test_a_value_that_was_changed_since_is_left(self):
        self.keyed()
        self.settings(CUSTOM)
        self.init()
        changed = self.file.read_text().replace("http://127.0.0.1:4711", "http://mine.example")
        self.settings(changed)
        self.assert_succeeds(
            self.remove(), "left, because it was changed since: env.ANTHROPIC_BASE_URL\n"
        )
        env = self.value()["env"]
        self.assertEqual(env["ANTHROPIC_BASE_URL"], "http://mine.example")
        self.assertNotIn("ANTHROPIC_AUTH_TOKEN", env)

    def test_remove_without_an_init_changes_nothing(self):
        self.settings(CUSTOM)
        self.assert_ends(
            self.remove(), 0, stdout=f"{self.file} holds nothing that cc-relay put there\n"
        )
        self.assertEqual(self.file.read_text(), CUSTOM)
        self.assertEqual(self.others(), [])

    def test_remove_without_settings_makes_none(self):
        self.assert_succeeds(self.remove(), "holds nothing that cc-relay put there")
        self.assertFalse(self.claude.exists())

    def test_settings_that_cannot_be_parsed_are_not_touched(self):
        self.keyed()
        for text in ('{"env": {', '{"a": 1,}', "[]", '{"env": 3}', "{} {}", "// c\n{}", '{"a":"\x01"}'):
            with self.subTest(text):
                self.settings(text)
                for done in (self.init(), self.remove()):
                    if done.code == 0 and "env" in text:  # `remove` has nothing to do there
                        continue
                    self.assert_fails(
                        done, 1, rf"\Acc-relay: {self.file}: .*; the file was not changed\n\Z"
                    )
                self.assertEqual(self.file.read_text(), text)
                self.assertEqual(self.others(), [])

    def test_settings_that_are_no_file(self):
        self.keyed()
        self.file.mkdir(parents=True)
        self.assert_fails(self.init(), 1, "not a regular file; the file was not changed")

    def test_claude_config_dir_is_honoured(self):
        self.keyed()
        other = self.scratch / "other"
        env = {"CLAUDE_CONFIG_DIR": str(other)}
        self.assert_succeeds(self.init(env=env), rf"\A{other}/settings.json now points")
        self.assertTrue((other / "settings.json").exists())
        self.assertFalse(self.claude.exists())
        self.assert_succeeds(self.remove(env=env), "is deleted")

    def test_neither_home_nor_claude_config_dir(self):
        self.keyed()
        self.assert_fails(self.init(env={"HOME": ""}), 1, "neither HOME nor CLAUDE_CONFIG_DIR")

    def test_a_link_stays_one(self):
        self.keyed()
        target = self.write("dotfiles/settings.json", CUSTOM)
        self.claude.mkdir()
        self.file.symlink_to(target)
        self.init()
        self.assertTrue(self.file.is_symlink())
        self.assertIn("4711", target.read_text())
        self.remove()
        self.assertEqual(target.read_text(), CUSTOM)

    def test_the_token_is_a_placeholder_when_the_relay_asks_for_none(self):
        done = self.init("--config", self.write("relay.toml", '[server]\nlisten = ":4712"\n'))
        # ":4712" is refused without auth, so this is about a loopback address.
        self.assertEqual(done.code, 1)
        done = self.init()
        self.assertEqual(done.code, 0)
        self.assertRegex(done.stderr, r"\Acc-relay: note: no provider of this configuration has a ")
        env = self.value()["env"]
        self.assertEqual(env["ANTHROPIC_BASE_URL"], "http://127.0.0.1:8787")
        self.assertNotIn("sk-", env["ANTHROPIC_AUTH_TOKEN"])

    def test_own_login_sets_the_address_only(self):
        self.assert_succeeds(self.init("--own-login"), "env.ANTHROPIC_BASE_URL = ")
        self.assertEqual(self.value(), {"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:8787"}})
        self.assertEqual(self.remove().code, 0)
        self.assertFalse(self.file.exists())

    def test_a_url_that_is_none(self):
        self.keyed()
        for url in ("relay.example:8787", "ftp://h", "http://", "http://a b", "http://h/v1", ""):
            with self.subTest(url):
                for option in ("--proxy-url", "--url"):
                    self.assert_fails(self.init(option, url), 2, rf"\Acc-relay: {option}: ")
        self.assertFalse(self.claude.exists())

    def test_a_broken_configuration(self):
        file = self.configure("nonsense")
        self.assert_fails(self.init(), 1, rf"\Acc-relay: {file}:1:")
        self.assertFalse(self.claude.exists())

    def test_a_file_that_holds_the_relays_token_is_the_users_alone(self):
        self.keyed()
        self.settings(CUSTOM).chmod(0o644)
        self.assert_succeeds(
            self.init(), "  its mode is 0600 now instead of 0644, because the relay's token is in it\n"
        )
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.file.chmod(0o664)
        self.assert_succeeds(self.init(), r"is as wanted:\n(.*\n)*  its mode is 0600 now instead of")
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_without_a_secret_the_mode_stays(self):
        self.settings(CUSTOM).chmod(0o644)
        self.assert_succeeds(self.init("--own-login"), "now points")
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o644)

    def test_what_will_defeat_it_is_said_with_what_to_do(self):
        self.keyed()
        self.settings(json.dumps({"apiKeyHelper": "x", "env": {"ANTHROPIC_API_KEY": "k"}}))
        self.write(".claude/settings.json", '{"env":{"ANTHROPIC_BASE_URL":"https://z.example"}}')
        self.write(".claude/settings.local.json", '{"env":{"CLAUDE_CODE_USE_VERTEX":"1"}}')
        managed = self.write("managed/managed-settings.json", '{"env":{"ANTHROPIC_AUTH_TOKEN":"t"}}')
        done = self.init(
            env={
                "CLAUDE_CODE_USE_BEDROCK": "1",
                "ANTHROPIC_API_KEY": "k",
                "CLAUDE_CODE_MANAGED_SETTINGS_PATH": str(managed.parent),
            }
        )
        self.assertEqual(done.code, 0, done)
        beside = (
            "is sent beside the relay's token, and may be spent in place of the relay's keys; "
        )
        self.assertEqual(
            done.stderr.splitlines(),
            [
                f"cc-relay: warning: {line}"
                for line in (
                    "CLAUDE_CODE_USE_BEDROCK in the environment leads past the relay; "
                    "unset CLAUDE_CODE_USE_BEDROCK",
                    f"ANTHROPIC_API_KEY in the environment {beside}unset ANTHROPIC_API_KEY",
                    f"env.ANTHROPIC_API_KEY in {self.file} {beside}take it out of that file",
                    f"apiKeyHelper in {self.file} {beside}take it out of that file",
                    f"env.ANTHROPIC_BASE_URL in {self.folder}/.claude/settings.json leads to "
                    "https://z.example instead; take it out of that file",
                    f"env.CLAUDE_CODE_USE_VERTEX in {self.folder}/.claude/settings.local.json "
                    "leads past the relay; take it out of that file",
                    f"env.ANTHROPIC_AUTH_TOKEN in {managed} takes the place of the relay's token; "
                    "only whoever manages this machine can take it out",
                )
            ],
        )

    def test_in_the_home_itself_the_settings_are_no_projects(self):
        self.keyed()
        self.folder = self.home  # where a new terminal is
        self.assert_succeeds(self.init(), "now points")
        self.assertEqual(self.init().stderr, "")  # with what it has written itself
        theirs = '{"env":{"ANTHROPIC_BASE_URL":"https://z.example"}}'
        self.write(".claude/settings.local.json", theirs)
        self.assertRegex(self.init().stderr, "settings.local.json leads to https://z.example instead")

    def test_with_a_login_of_its_own_a_key_is_no_obstacle(self):
        done = self.init("--own-login", env={"ANTHROPIC_API_KEY": "k"})
        self.assertEqual((done.code, done.stderr), (0, ""))

    def test_a_proxy_that_would_be_asked_for_the_relay_is_said(self):
        self.keyed()
        env = {"HTTP_PROXY": "http://proxy.example:3128"}
        self.assertRegex(self.init(env=env).stderr, r"HTTP_PROXY is set.*add 127.0.0.1 to NO_PROXY\n")
        self.assertEqual(self.init(env={**env, "NO_PROXY": "127.0.0.1"}).stderr, "")

    def with_certificate(self):
        file = self.keyed()
        for name in ("server.pem", "server.key"):
            (file.parent / name).write_text((TLS / name).read_text())
        tls = '[server.tls]\ncert_file = "server.pem"\nkey_file = "server.key"\n'
        file.write_text(file.read_text() + tls)
        return file.parent / "server.pem"

    def test_a_relays_own_certificate_is_trusted(self):
        certificate = self.with_certificate()
        self.assert_succeeds(self.init(), f"  env.NODE_EXTRA_CA_CERTS = {certificate}\n")
        env = self.value()["env"]
        self.assertEqual(env["ANTHROPIC_BASE_URL"], "https://127.0.0.1:4711")
        self.assertEqual(env["NODE_EXTRA_CA_CERTS"], str(certificate))
        self.assert_succeeds(self.remove(), "removed env.NODE_EXTRA_CA_CERTS")

    def test_beside_other_certificates_a_bundle_is_made_and_goes_again(self):
        certificate = self.with_certificate()
        company = self.write("company.pem", "of the company\n")
        before = json.dumps({"env": {"NODE_EXTRA_CA_CERTS": str(company)}})
        self.settings(before)
        self.init()
        bundle = pathlib.Path(self.value()["env"]["NODE_EXTRA_CA_CERTS"])
        self.assertEqual(bundle.read_text(), "of the company\n" + certificate.read_text())
        self.init()
        self.assertEqual(self.value()["env"]["NODE_EXTRA_CA_CERTS"], str(bundle))
        self.assert_succeeds(self.remove(), "restored the earlier value of env.NODE_EXTRA_CA_CERTS")
        self.assertEqual(self.file.read_text(), before)
        self.assertFalse(bundle.exists())

    def elsewhere(self):
        """A relay of another user's, which asks for a token."""
        folder = self.scratch / "elsewhere"
        folder.mkdir(mode=0o700)
        file = self.write("theirs.toml", f'[server.auth]\napi_key = "{RELAY_KEY}"\n')
        env = {"XDG_RUNTIME_DIR": str(folder)}
        return Serving(self, "--demo", "--config", file, "--listen", "127.0.0.1:0", env=env)

    def test_on_a_colleagues_machine(self):
        relay = self.elsewhere()
        token = self.write("token", RELAY_KEY)
        self.assert_succeeds(self.init("--url", relay.url, "--token-file", token), "now points")
        self.assertEqual(
            self.value()["env"],
            {"ANTHROPIC_BASE_URL": relay.url, "ANTHROPIC_AUTH_TOKEN": RELAY_KEY},
        )
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_a_placeholder_for_a_relay_that_asks_for_a_token_is_said(self):
        relay = self.elsewhere()
        done = self.init("--url", relay.url)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(
            done.stderr,
            f"cc-relay: warning: the relay on {relay.url} asks for a token; give it with "
            "--token-file FILE\n",
        )

    def test_a_second_terminal_without_the_relays_secrets(self):
        file = self.keyed()
        text = file.read_text().replace(RELAY_KEY, "${RELAY_KEY}").replace("4711", "0")
        file.write_text(text + '[[providers]]\nname = "a"\ntype = "zai"\n[[providers.keys]]\nkey = "${ZAI_KEY}"\n')
        relay = Serving(self, env={"RELAY_KEY": RELAY_KEY, "ZAI_KEY": "z"})
        self.assert_succeeds(self.init(), "now points")
        self.assertEqual(
            self.value()["env"],
            {"ANTHROPIC_BASE_URL": relay.url, "ANTHROPIC_AUTH_TOKEN": RELAY_KEY},
        )
        done = self.run_relay("status")
        self.assertEqual((done.code, done.stderr), (0, ""), done)

    def test_a_token_that_cannot_be_read_here_is_no_placeholder(self):
        file = self.keyed()
        file.write_text(file.read_text().replace(RELAY_KEY, "${RELAY_KEY}"))
        self.assert_fails(self.init(), 1, "environment variable RELAY_KEY is not set")
        self.assertFalse(self.claude.exists())
