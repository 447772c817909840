"""config codex|gemini init|remove: the settings of Codex and of Gemini CLI point at the relay, and
back. What is the same for all clients test_config_cc has."""

import json
import threading

from harness import RELAY_KEY, Program
from test_config_cc import TLS

ADDRESS = "127.0.0.1:4711"
CODEX = f"""[model_providers.cc-relay]
name = "cc-relay"
base_url = "http://{ADDRESS}/v1"
wire_api = "responses"
experimental_bearer_token = "{RELAY_KEY}"
"""
FOREIGN = """# mine
model = "m"          # the best
model_provider = 'other'

[model_providers.other]   # a company's
name = "Other"
base_url = "https://other.example/v1"
env_key = "OTHER_KEY"

[projects."/work"]
trust_level = "trusted"
"""


class Configured(Program):
    client = None

    def setUp(self):
        super().setUp()
        self.configure(f'[server]\nlisten = "{ADDRESS}"\n[server.auth]\napi_key = "{RELAY_KEY}"\n')

    def init(self, *arguments, **options):
        return self.run_relay("config", self.client, "init", *arguments, **options)

    def remove(self, **options):
        return self.run_relay("config", self.client, "remove", **options)


class ConfigCodex(Configured):
    client = "codex"

    def setUp(self):
        super().setUp()
        self.file = self.home / ".codex" / "config.toml"

    def test_settings_are_made_when_there_are_none_and_deleted_again(self):
        at = "model_providers.cc-relay"
        self.assert_ends(
            self.init(),
            0,
            stdout=f"{self.file} now points Codex at the relay:\n"
            "  model_provider = cc-relay\n"
            f"  {at}.name = cc-relay\n"
            f"  {at}.base_url = http://{ADDRESS}/v1\n"
            f"  {at}.wire_api = responses\n"
            f"  {at}.experimental_bearer_token is set\n"
            "Take it back with: cc-relay config codex remove\n",
        )
        self.assertEqual(self.file.read_text(), f'model_provider = "cc-relay"\n\n{CODEX}')
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assert_succeeds(self.init(), rf"\A{self.file} is as wanted:\n")
        self.assert_succeeds(self.remove(), rf"\A{self.file} is deleted, as nothing else was in it:\n")
        self.assertFalse(self.file.exists())

    def test_everything_else_in_the_settings_stays_byte_for_byte(self):
        self.write(self.file, FOREIGN).chmod(0o644)
        self.assert_succeeds(self.init(), "its mode is 0600 now instead of 0644")
        changed = FOREIGN.replace("'other'", '"cc-relay"')
        self.assertEqual(self.file.read_text(), f"{changed}\n{CODEX}")
        backup = self.file.with_name("config.toml.cc-relay-backup")
        self.assertEqual(backup.read_text(), FOREIGN)
        self.init("--url", "http://127.0.0.1:1")
        self.assertIn('base_url = "http://127.0.0.1:1/v1"\n', self.file.read_text())
        self.assert_succeeds(self.remove(), "  restored the earlier value of model_provider\n")
        self.assertEqual(self.file.read_text(), FOREIGN)

    def test_what_codex_writes_there_in_the_meantime_stays(self):
        self.init()
        theirs = '\n[projects."/other"]\ntrust_level = "trusted"\n'
        self.file.write_text(self.file.read_text() + theirs)
        self.assert_succeeds(self.remove(), "removed model_provider\n")
        self.assertEqual(self.file.read_text(), theirs)

    def test_settings_in_which_it_cannot_stand_are_not_touched(self):
        for text, why in (
            ("\nmodel_providers = {}\n", 'line 2: "model_providers" is not written as a table'),
            ("a = 1\n[b\n", "line 2: a table's name that does not end"),
            ('a = "\n', "line 1: a string that does not end"),
        ):
            with self.subTest(text):
                self.write(self.file, text)
                said = rf"\Acc-relay: {self.file}: {why}.*; the file was not changed\n\Z"
                self.assert_fails(self.init(), 1, said)
                self.assertEqual(self.file.read_text(), text)
                self.assertEqual(list(self.file.parent.iterdir()), [self.file])

    def test_codex_home_is_honoured_and_a_link_stays_one(self):
        target = self.write("dotfiles/codex.toml", FOREIGN)
        other = self.scratch / "other"
        other.mkdir()
        (other / "config.toml").symlink_to(target)
        env = {"CODEX_HOME": str(other)}
        self.assert_succeeds(self.init(env=env), rf"\A{other}/config.toml now points")
        self.assertTrue((other / "config.toml").is_symlink())
        self.assertIn(CODEX, target.read_text())
        self.remove(env=env)
        self.assertEqual(target.read_text(), FOREIGN)
        self.assertFalse(self.file.parent.exists())
        self.assert_fails(self.init(env={"HOME": ""}), 1, "neither HOME nor CODEX_HOME is set")

    def test_what_will_defeat_it_is_said_with_what_to_do(self):
        own = '[model_providers.cc-relay]\nenv_key = "K"\nauth.command = "c"\n'
        self.write(self.file, own)
        done = self.init(env={"HTTP_PROXY": "http://proxy.example:3128"})
        self.assertEqual(done.code, 0, done)
        warned = "cc-relay: warning: "
        said = [line.removeprefix(warned) for line in done.stderr.splitlines()]
        for line, name in ((7, "env_key"), (8, "auth")):
            of = f"{self.file}:{line}: model_providers.cc-relay.{name} says another credential"
            self.assertTrue(any(each.startswith(of) for each in said), done.stderr)
        self.assertRegex(done.stderr, "Codex asks it for http://127.0.0.1:4711 too; add 127.0.0.1")
        self.remove()
        self.assertEqual(self.file.read_text(), own)

    def test_a_relays_own_certificate_is_said(self):
        file = self.configure(
            f'[server]\nlisten = "{ADDRESS}"\n[server.tls]\ncert_file = "{TLS}/server.pem"\n'
            f'key_file = "{TLS}/server.key"\n'
        )
        said = f"export CODEX_CA_CERTIFICATE={TLS}/server.pem\n"
        self.assertIn(said, self.init("--config", file).stderr)
        trusting = {"CODEX_CA_CERTIFICATE": "/x"}
        self.assertNotIn("CERTIFICATE", self.init("--config", file, env=trusting).stderr)

    def test_two_at_once_leave_one_change_that_can_be_taken_back(self):
        self.write(self.file, FOREIGN)
        for _ in range(3):
            done = []
            running = [
                threading.Thread(
                    target=lambda port=port: done.append(self.init("--url", f"http://127.0.0.1:{port}"))
                )
                for port in (1, 2, 3, 4)
            ]
            for each in running:
                each.start()
            for each in running:
                each.join()
            self.assertEqual([each.code for each in done], [0] * 4, done)
            text = self.file.read_text()
            self.assertEqual(text.count("[model_providers.cc-relay]"), 1)
            self.remove()
            self.assertEqual(self.file.read_text(), FOREIGN)


class ConfigGemini(Configured):
    client = "gemini"

    def setUp(self):
        super().setUp()
        folder = self.home / ".gemini"
        self.file, self.variables = folder / "settings.json", folder / ".env"
        self.env["GEMINI_CLI_SYSTEM_SETTINGS_PATH"] = str(self.scratch / "none.json")

    def test_settings_are_made_when_there_are_none_and_deleted_again(self):
        self.assert_ends(
            self.init(),
            0,
            stdout=f"{self.variables} now points Gemini CLI at the relay:\n"
            f"  GOOGLE_GEMINI_BASE_URL = http://{ADDRESS}\n"
            "  GEMINI_API_KEY is set\n"
            f"{self.file} now points Gemini CLI at the relay:\n"
            "  security.auth.selectedType = gemini-api-key\n"
            "Take it back with: cc-relay config gemini remove\n",
        )
        auth = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
        self.assertEqual(json.loads(self.file.read_text()), auth)
        self.assertEqual(
            self.variables.read_text(),
            f'GOOGLE_GEMINI_BASE_URL="http://{ADDRESS}"\nGEMINI_API_KEY="{RELAY_KEY}"\n',
        )
        self.assertEqual(self.variables.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.init().stdout.count("is as wanted:\n"), 2)
        self.assertEqual(self.remove().stdout.count("is deleted, as nothing else was in it:\n"), 2)
        self.assertFalse(self.file.exists() or self.variables.exists())

    def test_everything_else_stays_byte_for_byte(self):
        settings = '{\n  // a login\n  "security": {"auth": {"selectedType": "oauth-personal"}},\n  "ui": {} // x\n}\n'
        variables = "# mine\nexport GEMINI_API_KEY='own' # of Google\nOTHER=1"
        self.write(self.file, settings).chmod(0o644)
        self.write(self.variables, variables).chmod(0o644)
        self.assert_succeeds(self.init(), "  GEMINI_API_KEY is set\n  its mode is 0600 now instead of 0644")
        self.assertIn('"gemini-api-key"}},\n  "ui": {} // x\n', self.file.read_text())
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o644)
        self.assertEqual(
            self.variables.read_text(),
            f'# mine\nexport GEMINI_API_KEY="{RELAY_KEY}" # of Google\nOTHER=1\n'
            f'GOOGLE_GEMINI_BASE_URL="http://{ADDRESS}"',
        )
        self.remove()
        self.assertEqual((self.file.read_text(), self.variables.read_text()), (settings, variables))

    def test_one_file_that_is_refused_leaves_the_other_as_it_is(self):
        self.write(self.file, '{\n  "security": []\n}')
        said = rf'\Acc-relay: {self.file}: "security" is not an object at line 2, column 15; the file was not'
        self.assert_fails(self.init(), 1, said)
        self.assertEqual(list(self.file.parent.iterdir()), [self.file])

    def test_another_home_is_honoured(self):
        env = {"GEMINI_CLI_HOME": str(self.scratch / "other")}
        self.assert_succeeds(self.init(env=env), rf"\A{self.scratch}/other/.gemini/.env now points")
        self.assertFalse(self.file.parent.exists())
        self.assert_fails(self.init(env={"HOME": ""}), 1, "neither HOME nor GEMINI_CLI_HOME is set")

    def test_what_will_defeat_it_is_said_with_what_to_do(self):
        self.write(".env", "A=1\n")
        self.write(".gemini/settings.json", '{"security":{"auth":{"selectedType":"vertex-ai"}}}')
        system = self.write("managed.json", '{"security":{"auth":{"enforcedType":"oauth-personal"}}}')
        done = self.init(
            env={"GEMINI_API_KEY": "own", "GEMINI_CLI_SYSTEM_SETTINGS_PATH": str(system)}
        )
        self.assertEqual(done.code, 0, done)
        self.assertEqual(
            [line.removeprefix("cc-relay: warning: ") for line in done.stderr.splitlines()],
            [
                "GEMINI_API_KEY in the environment takes the place of that in .env; "
                "unset GEMINI_API_KEY",
                f"{self.folder}/.env is read here in place of {self.variables}; put the two "
                "variables there, or use cc-relay gemini",
                f'security.auth.enforcedType = "oauth-personal" in {system} leads past the relay; '
                "only whoever manages this machine can take it out",
                f'security.auth.selectedType = "vertex-ai" in {self.folder}/.gemini/settings.json '
                "leads past the relay; take it out of that file",
            ],
        )
