"""config show: what is in force."""

import re

from harness import PROVIDER_KEY, RELAY_KEY, Program


def values(text, section):
    """The settings of each such [section] or [[section]] of TOML that has a line for each."""
    parts = re.split(r"^\[+(.*?)\]+\n", text, flags=re.MULTILINE)
    return [
        dict(re.findall(r"^(\S+) = (.*)$", body, re.MULTILINE))
        for name, body in zip(parts[1::2], parts[2::2])
        if name == section
    ]


class ConfigShow(Program):
    def shown(self, *arguments, **options):
        done = self.run_relay("config", "show", *arguments, **options)
        self.assert_succeeds(done, r"\A# ")
        return done.stdout

    def names(self, text):
        return [provider["name"] for provider in values(text, "providers")]

    def test_without_a_file_a_key_in_the_environment_makes_a_provider(self):
        text = self.shown(env={"ANTHROPIC_API_KEY": PROVIDER_KEY})
        self.assertIn("no configuration file; these are the defaults", text)
        self.assertEqual(values(text, "server")[0]["listen"], '"127.0.0.1:8787"')
        self.assertEqual(self.names(text), ['"anthropic"'])
        self.assertRegex(values(text, "providers.keys")[0]["key"], r'^"\*\*\*"  # [0-9a-f]{8}$')

    def test_a_provider_for_each_key_there_is(self):
        keys = ("ANTHROPIC_API_KEY", "ZAI_API_KEY", "MINIMAX_API_KEY")
        text = self.shown(env={key: PROVIDER_KEY for key in keys})
        self.assertEqual(self.names(text), ['"anthropic"', '"zai"', '"minimax"'])

    def test_without_any_key_anthropic_gets_the_clients_own(self):
        text = self.shown()
        self.assertEqual(self.names(text), ['"anthropic"'])
        self.assertEqual(values(text, "providers.keys"), [])

    def test_secrets_are_masked(self):
        file = self.write(
            "relay.toml",
            f"""
[server.auth]
api_key = "{RELAY_KEY}"
bearer_secret = "{RELAY_KEY}2"
[[providers]]
name = "a"
type = "zai"
proxy = "http://user:{PROVIDER_KEY}@proxy.example:3128"
[providers.headers]
x-team = "{PROVIDER_KEY}"
[[providers.keys]]
key = "{PROVIDER_KEY}"
""",
        )
        proxy = f"http://user:{PROVIDER_KEY}@proxy.example:3128"
        text = self.shown("--config", file, env={"HTTPS_PROXY": proxy})
        self.assertIn(f"# from {file}\n", text)
        self.assertIn("# HTTPS_PROXY = http://***@proxy.example:3128\n", text)
        auth = values(text, "server.auth")[0]
        self.assertEqual((auth["api_key"], auth["bearer_secret"]), ('"***"', '"***"'))
        self.assertRegex(values(text, "providers.keys")[0]["key"], r'^"\*\*\*"  # [0-9a-f]{8}$')
        self.assertEqual(values(text, "providers.headers"), [{'"x-team"': '"***"'}])
        shown = values(text, "providers")[0]["proxy"]
        self.assertEqual(shown, '"http://***@proxy.example:3128"')

    def test_where_a_configuration_is_looked_for(self):
        def write(path, workers):
            return self.write(path, f"[server]\nworkers = {workers}\n")

        def workers(*arguments, **options):
            return int(values(self.shown(*arguments, **options), "server")[0]["workers"])

        self.assertEqual(workers(), 1)
        write(self.config_home / "cc-relay" / "config.toml", 2)
        self.assertEqual(workers(), 2)
        write("config.toml", 3)  # whoever made the current folder has no say
        self.assertEqual(workers(), 2)
        named = {"CC_RELAY_CONFIG": str(write("named.toml", 4))}
        self.assertEqual(workers(env=named), 4)
        asked = write("asked.toml", 5)
        self.assertEqual(workers("--config", asked, env=named), 5)

    def test_a_broken_file_is_an_error(self):
        file = self.configure("[server]\nworkers = 0\n")
        self.assert_fails(
            self.run_relay("config", "show"), 1, rf"\Acc-relay: {file}:2:11: server.workers 0 "
        )

    def test_what_is_shown_can_be_read_again(self):
        file = self.write(
            "relay.toml",
            '[[providers]]\nname = "a"\ntype = "ollama"\nbase_url = "http://127.0.0.1:9"\n'
            '[providers.model_mapping]\n"claude-*" = "price$"\n',
        )
        first = self.run_relay("config", "show", "--config", file).stdout
        again = self.write("again.toml", first)
        second = self.run_relay("config", "show", "--config", again).stdout
        self.assertEqual(first.splitlines()[1:], second.splitlines()[1:])
