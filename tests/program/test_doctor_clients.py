"""doctor: what keeps Codex and Gemini CLI from the relay, each provoked once."""

import hashlib
import json
import re

from harness import RELAY_KEY
from serving import Serving
from test_doctor import DoctorCase


class ClientsCase(DoctorCase):
    def setUp(self):
        super().setUp()
        self.configure_auth(f'[server.auth]\napi_key = "{RELAY_KEY}"')
        self.env["GEMINI_CLI_SYSTEM_SETTINGS_PATH"] = str(self.scratch / "none.json")

    def configure_auth(self, auth):
        self.file = self.configuration(("fake", "anthropic", "http://127.0.0.1:1", ""), more=auth)
        self.url = "http://" + re.search(r'listen = "(.*)"', self.file.read_text())[1]

    def configure_hash(self):
        """The only client's token is known to whoever reads the configuration by its hash alone."""
        digest = hashlib.sha256(RELAY_KEY.encode()).hexdigest()
        self.configure_auth(f'[[server.auth.clients]]\nname = "me"\nkey_sha256 = "{digest}"')

    def serve(self):
        return Serving(self, "--config", self.file, env={"PROVIDER_KEY": "x"})

    def found(self, **env):
        return self.doctor("--offline", env=env)

    def assert_findings(self, name, wanted, **env):
        """Of that id there are these alone, as (status, message, advice, subject)."""
        found = self.found(**env)
        for status, message, advice, subject in wanted:
            self.assert_finds(found, name, status, message, advice, subject)
        self.assertEqual(len(found[name]), len(wanted), found[name])
        self.assertNotIn(RELAY_KEY, str(found))

    def init(self, word):
        done = self.run_relay("config", word, "init", "--config", self.file)
        self.assert_succeeds(done, "now points")

    def assert_version(self, name, program, *versions):
        stub = self.write(f"bin/{program}", '#!/bin/sh\necho "$VERSION"\n')
        stub.chmod(0o755)
        path = {"PATH": f"{stub.parent}:/usr/bin:/bin"}
        for version, status, message in versions:
            with self.subTest(version):
                self.assert_finds(self.found(**path, VERSION=version), name, status, message)
        found = self.found(PATH=str(self.home))
        self.assert_finds(found, name, "skipped", "not installed")


class CodexSettings(ClientsCase):
    def settings(self, text):
        return self.write(self.home / ".codex/config.toml", text)

    def entry(self, name="mine", **values):
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        return self.settings(f'model_provider = "{name}"\n[model_providers.{name}]\n{lines}')

    def test_what_the_init_sets_is_well(self):
        skipped = ("skipped", "don't lead to the relay", "", "")
        self.assert_findings("codex.settings", [skipped])
        self.entry(base_url="http://elsewhere/v1")
        self.assert_findings("codex.settings", [skipped])
        self.init("codex")
        self.assert_findings("codex.settings", [("ok", f"lead to the relay at {self.url}$", "", "")])

    def test_settings_that_lead_elsewhere(self):
        init = "cc-relay config codex init"
        for text, message, subject in (
            ('model_provider = "other"\n[model_providers.cc-relay]\n', '"other", which leads past', "model_pr"),
            ("[model_providers.cc-relay]\n", "is not set: Codex asks its own", "model_provider in "),
            (f'openai_base_url = "{self.url}/v1"\n', "tries a websocket first", "openai_base_url in .*:1"),
            ('model_provider = "cc-relay"\n[model_providers.cc-relay]\nbase_url = "http://x/v1"\n'
             f'experimental_bearer_token = "{RELAY_KEY}"', f'"http://x/v1" and not .* {self.url}',
             r"model_providers\.cc-relay\.base_url in .*config\.toml:3"),
            (f'model_provider = "a"\n[model_providers.a]\nbase_url = "{self.url}/"\n'
             f'experimental_bearer_token = "{RELAY_KEY}"', "lacks /v1", r"a\.base_url in .*:3"),
        ):
            with self.subTest(message):
                self.settings(text)
                self.assert_findings("codex.settings", [("warning", message, init, subject)])

    def test_ways_to_ask_that_the_relay_does_not_know(self):
        self.entry(base_url=f"{self.url}/v1", wire_api="chat", supports_websockets=True,
                   experimental_bearer_token=RELAY_KEY)
        self.assert_findings("codex.settings", [
            ("warning", 'no longer knows "chat"', "responses", r"mine\.wire_api in .*:4"),
            ("warning", "no websockets", "take it out", r"mine\.supports_websockets in .*:5"),
        ])

    def test_credentials_that_are_not_the_relays(self):
        base = f"{self.url}/v1"
        self.entry(base_url=base, env_key="MY_KEY")
        for value, message, advice in (
            ("", "MY_KEY is not set here", "export MY_KEY"),
            ("another", "what MY_KEY holds is not the token", "put the relay's"),
        ):
            self.assert_findings("codex.settings", [("warning", message, advice, "env_key")], MY_KEY=value)
        self.assert_findings("codex.settings", [("ok", "lead", "", "")], MY_KEY=RELAY_KEY)
        self.entry(base_url=base)
        missing = ("warning", "asks for a token", "config codex init", "experimental_bearer_token")
        self.assert_findings("codex.settings", [missing])
        self.entry(base_url=base, experimental_bearer_token=RELAY_KEY, requires_openai_auth=True)
        other = ("warning", "another credential", "take it out", "requires_openai_auth in .*:5")
        self.assert_findings("codex.settings", [other])
        self.entry(base_url=base, experimental_bearer_token="another")
        wrong = ("warning", "not the one that the relay takes", "config codex init", ":4")
        self.assert_findings("codex.settings", [wrong])

    def assert_judged(self, asked):
        """Right and wrong tokens where a hash of the right one is known; `asked`: a relay runs."""
        base, well = f"{self.url}/v1", ("ok", "lead", "", "")
        for token in (RELAY_KEY, "another"):
            refused = asked and token != RELAY_KEY
            with self.subTest(token, asked=asked):
                self.entry(base_url=base, experimental_bearer_token=token)
                wrong = ("warning", "not the one that the relay takes", "config codex init", ":4")
                self.assert_findings("codex.settings", [wrong if refused else well])
                self.entry(base_url=base, env_key="MY_KEY")
                wrong = ("warning", "what MY_KEY holds is not the token", "put the relay's", "env_key")
                self.assert_findings("codex.settings", [wrong if refused else well], MY_KEY=token)
        self.entry(base_url=base)
        missing = ("warning", "asks for a token", "config codex init", "experimental_bearer_token")
        self.assert_findings("codex.settings", [missing])

    def test_a_token_known_by_its_hash_is_judged_by_the_relay_that_runs(self):
        self.configure_hash()
        self.assert_judged(asked=False)
        self.serve()
        self.assert_judged(asked=True)

    def test_a_file_that_is_no_toml(self):
        file = self.settings("model_provider = \n[")
        wanted = ("error", "line ", "mend it: Codex", str(file))
        self.assert_findings("codex.settings", [wanted])

    def test_an_old_codex(self):
        self.assert_version(
            "codex.version", "codex",
            ("codex-cli 0.20.0", "warning", "0.20.0 is older than"),
            ("codex-cli 0.171.0", "ok", "0.171.0"), ("codex-cli 1.2.3-alpha.4", "ok", "1.2.3"),
            ("codex", "skipped", "does not say"),
        )


class GeminiSettings(ClientsCase):
    def dotenv(self, url, key=RELAY_KEY, file=None):
        text = f"GOOGLE_GEMINI_BASE_URL={url}\n" + (f"GEMINI_API_KEY='{key}'\n" if key else "")
        return self.write(file or self.home / ".gemini/.env", text)

    def login(self, file=None, **auth):
        text = json.dumps({"security": {"auth": auth}})
        return self.write(file or self.home / ".gemini/settings.json", text)

    def test_what_the_init_sets_is_well(self):
        self.assert_findings("gemini.settings", [("skipped", "don't lead to the relay", "", "")])
        self.init("gemini")
        well = ("ok", f"lead to the relay at {self.url}$", "", "")
        self.assert_findings("gemini.settings", [well])

    def test_addresses_that_lead_elsewhere(self):
        self.login(selectedType="gemini-api-key")
        for ending in ("/v1", "/v1beta/"):
            file = self.dotenv(self.url + ending)
            wanted = ("warning", "ends in a version", f"let it be {self.url}$", f"BASE_URL in {file}")
            self.assert_findings("gemini.settings", [wanted])
        self.dotenv("http://elsewhere")
        wanted = ("warning", f"leads to http://elsewhere and not .* {self.url}", "gemini init", "BASE_URL in ")
        self.assert_findings("gemini.settings", [wanted])
        self.dotenv(self.url)
        wanted = ("warning", "leads to http://x and", "unset GOOGLE_GEM", "BASE_URL in the environment")
        self.assert_findings("gemini.settings", [wanted], GOOGLE_GEMINI_BASE_URL="http://x")
        # Another file is nearer, with an address or without one.
        near = self.write(self.folder / ".env", "A=b\n")
        wanted = ("warning", "is read here in place of", "put the two variables there", str(near))
        self.assert_findings("gemini.settings", [wanted])
        self.dotenv("http://near", file=near)
        wanted = ("warning", "leads to http://near", "take it out of that file", f"in {near}")
        self.assert_findings("gemini.settings", [wanted])

    def test_keys_that_the_relay_does_not_take(self):
        self.login(selectedType="gemini-api-key")
        file = self.dotenv(self.url)
        wanted = ("warning", f"takes the place of that in {file}", "unset GEMINI_API_KEY", "environment")
        self.assert_findings("gemini.settings", [wanted], GEMINI_API_KEY="AIza-own")
        self.dotenv(self.url, "another")
        wanted = ("warning", "not the key that the relay takes", "config gemini init", "GEMINI_API_KEY in")
        self.assert_findings("gemini.settings", [wanted])
        self.dotenv(self.url, "")
        wanted = ("warning", "without a key", "config gemini init", "GEMINI_API_KEY")
        self.assert_findings("gemini.settings", [wanted])

    def test_a_key_known_by_its_hash_is_judged_by_the_relay_that_runs(self):
        self.configure_hash()
        self.login(selectedType="gemini-api-key")
        well = ("ok", "lead to the relay", "", "")
        wrong = ("warning", "not the key that the relay takes", "config gemini init", "GEMINI_API_KEY in")
        for relay in (None, self.serve):
            if relay:
                relay()
            for key in (RELAY_KEY, "another"):
                self.dotenv(self.url, key)
                wanted = wrong if relay and key != RELAY_KEY else well
                with self.subTest(key, relay=relay):
                    self.assert_findings("gemini.settings", [wanted])

    def test_another_way_to_log_in(self):
        self.dotenv(self.url)
        init = "cc-relay config gemini init"
        wanted = ("warning", 'is not set: .*"gemini-api-key"', init, "security.auth.selectedType")
        self.assert_findings("gemini.settings", [wanted])
        self.login(selectedType="oauth-personal")
        wanted = ("warning", "leads past the relay", init, 'selectedType = "oauth-personal" in ')
        self.assert_findings("gemini.settings", [wanted])
        self.login(selectedType="gemini-api-key")
        here = self.login(self.folder / ".gemini/settings.json", selectedType="vertex-ai")
        wanted = ("warning", "leads past", "take it out of that file", f'"vertex-ai" in {here}')
        self.assert_findings("gemini.settings", [wanted])
        managed = self.login(self.scratch / "managed.json", enforcedType="oauth-personal")
        wanted = ("warning", "leads past", "only whoever manages", f"enforcedType = .* in {managed}")
        self.assert_findings("gemini.settings", [wanted], GEMINI_CLI_SYSTEM_SETTINGS_PATH=str(managed))

    def test_a_file_that_is_no_json(self):
        file = self.write(self.home / ".gemini/settings.json", '{"security": ')
        self.assert_findings("gemini.settings", [("error", "at line 1", "mend it", str(file))])

    def test_an_old_gemini_cli(self):
        self.assert_version(
            "gemini.version", "gemini",
            ("0.1.9", "warning", "0.1.9 is older than"), ("0.61.0", "ok", "0.61.0"),
            ("soon", "skipped", "does not say"),
        )


class Tokens(ClientsCase):
    def lead_to(self, url):
        """All three clients, each with a token that is not the relay's."""
        self.write(
            self.home / ".codex/config.toml",
            f'model_provider = "a"\n[model_providers.a]\nbase_url = "{url}/v1"\n'
            'experimental_bearer_token = "of-codex"\n',
        )
        self.write(
            self.home / ".gemini/.env",
            f"GOOGLE_GEMINI_BASE_URL={url}\nGEMINI_API_KEY=of-gemini\n",
        )
        env = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": "of-claude"}
        self.write(self.home / ".claude/settings.json", json.dumps({"env": env}))

    def test_the_relay_is_shown_those_alone_whose_settings_lead_to_it(self):
        relay = self.serve()

        def shown():
            told = relay._request("GET", "/metrics", headers={"x-api-key": RELAY_KEY}).text
            return int(re.search(r'ccrelay_auth_failures_total{reason="unknown"} (\d+)', told)[1])

        self.lead_to("http://elsewhere")
        self.found()
        self.assertEqual(shown(), 0)
        self.lead_to(self.url)
        found = self.found()
        self.assertEqual(shown(), 3)
        for name in ("claude", "codex", "gemini"):
            self.assert_finds(found, f"{name}.settings", "warning", "that the relay takes", "init")


class Certificates(ClientsCase):
    def test_a_certificate_of_the_relays_own_is_to_be_told_to_both(self):
        tls = f'[server.tls]\ncert_file = "{self.scratch}/c.pem"\nkey_file = "{self.scratch}/c.key"\n'
        self.file.write_text(self.file.read_text() + tls)
        url = self.url.replace("http:", "https:")
        self.write(
            self.home / ".codex/config.toml",
            f'model_provider = "a"\n[model_providers.a]\nbase_url = "{url}/v1"\n'
            f'experimental_bearer_token = "{RELAY_KEY}"\n',
        )
        self.write(self.home / ".gemini/.env", f"GOOGLE_GEMINI_BASE_URL={url}\nGEMINI_API_KEY={RELAY_KEY}\n")
        auth = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
        self.write(self.home / ".gemini/settings.json", json.dumps(auth))
        for name, variable in (("codex", "CODEX_CA_CERTIFICATE"), ("gemini", "NODE_EXTRA_CA_CERTS")):
            wanted = ("warning", "is not set here", f"export {variable}=.*/c.pem", variable)
            self.assert_findings(f"{name}.settings", [wanted])
            self.assert_findings(f"{name}.settings", [("ok", "lead", "", "")], **{variable: "a.pem"})
