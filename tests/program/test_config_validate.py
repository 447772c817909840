"""config validate: every mistake with its place."""

from harness import PROVIDER_KEY, Program
from serving import config


class ConfigValidate(Program):
    def test_a_good_file_is_summed_up(self):
        file = self.write("relay.toml", config(None))
        for command in ("validate", "check"):
            with self.subTest(command):
                self.assert_ends(
                    self.run_relay("config", command, file, env={"PROVIDER_KEY": PROVIDER_KEY}),
                    0,
                    stdout=f"{file} is valid\n  listen: 127.0.0.1:0\n  strategy: failover\n"
                    "  provider fake: anthropic, 1 key\n",
                )

    def test_every_mistake_is_listed(self):
        file = self.write(
            "relay.toml",
            '[server]\nworkers = "two"\nlisten = "0.0.0.0:80"\n[routing]\nstrategy = "failovr"\n'
            '[[providers]]\nname = "a"\ntype = "zai"\n[[providers.keys]]\nkey = "${NOT_SET}"\n',
        )
        done = self.run_relay("config", "validate", file)
        self.assert_fails(done, 1, r"\Acc-relay: ")
        lines = done.stderr.removeprefix("cc-relay: ").splitlines()
        self.assertEqual(
            [line.split(": ")[0] for line in lines],
            [f"{file}:{at}" for at in ("2:11", "3:10", "5:12", "10:7")],
        )
        self.assertIn('did you mean "failover"?', done.stderr)

    def test_broken_toml(self):
        file = self.write("relay.toml", "[server]\nlisten = \n")
        self.assert_fails(self.run_relay("config", "check", file), 1, rf"\Acc-relay: {file}:2:\d+: ")

    def test_the_file_that_serve_would_take(self):
        file = self.configure(config(None))
        done = self.run_relay("config", "validate", env={"PROVIDER_KEY": PROVIDER_KEY})
        self.assert_succeeds(done, rf"\A{file} is valid\n")

    def test_no_file_at_all(self):
        self.assert_ends(
            self.run_relay("config", "validate"),
            1,
            stderr="cc-relay: no configuration file was found; "
            "make one with: cc-relay config init\n",
        )

    def test_no_such_file(self):
        self.assert_fails(self.run_relay("config", "validate", "gone.toml"), 1, "does not exist")

    def test_a_folder_and_a_yaml_file(self):
        self.assert_fails(self.run_relay("config", "validate", "."), 1, "is a directory")
        file = self.write("relay.yaml", "server: {}\n")
        self.assert_fails(self.run_relay("config", "validate", file), 1, "YAML.*TOML")

    def test_a_key_in_a_broken_file_is_not_shown(self):
        for text in (
            f'[server.auth]\napi_key = "{PROVIDER_KEY}',
            f'[server.auth]\napi_key = {PROVIDER_KEY}\n',
            f'[server.auth]\napi_key = ["{PROVIDER_KEY}"]\n',
            f'[server]\nkey = "{PROVIDER_KEY}"\n',
            f'[[providers]]\nname = "a"\ntype = "zai"\nkeys = "{PROVIDER_KEY}"\n',
            f'[[providers]]\nname = "a"\ntype = "zai"\nbase_url = "http://u:{PROVIDER_KEY}@h"\n',
            f'[[providers]]\nname = "a"\ntype = "zai"\n[[providers.keys]]\nkey = " {PROVIDER_KEY}"\n',
        ):
            with self.subTest(text):
                file = self.write("relay.toml", text)
                # That no process has shown a secret is checked at the end of every test.
                self.assertEqual(self.run_relay("config", "validate", file).code, 1)
