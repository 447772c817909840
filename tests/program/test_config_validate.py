"""config validate: every mistake with its place."""

import pathlib

from harness import PROVIDER_KEY, Program
from serving import Serving, config, reserved_port

CERTIFICATES = pathlib.Path(__file__).resolve().parent.parent / "data/tls"


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

    def test_what_was_hardly_meant_is_a_warning(self):
        file = self.write(
            "relay.toml",
            '[[providers]]\nname = "a"\ntype = "anthropic"\nbase_url = "http://h/v1"\n'
            '[[providers.keys]]\nkey = "${EMPTY}"\n[[providers.keys]]\nkey = "same"\n'
            '[[providers.keys]]\nkey = "same"\n[[providers]]\nname = "b"\ntype = "ollama"\n'
            'ca_file = "gone.pem"\n[[providers]]\nname = "c"\ntype = "ollama"\n'
            'ca_file = "relay.toml"\n',
        )
        done = self.run_relay("config", "validate", file, env={"EMPTY": ""})
        self.assertEqual(done.code, 0, done)
        self.assertIn(f"{file} is valid\n", done.stdout)
        warnings = done.stderr.splitlines()
        self.assertTrue(all(one.startswith("cc-relay: warning: ") for one in warnings), warnings)
        for part in (
            f"{file}:6:7: providers[0].keys[0].key: environment variable EMPTY is set, but empty",
            'providers[0].base_url "http://h/v1" has "/v1" at its end',
            "providers[0].keys[1].key is the same secret as keys[0].key",
            "providers[1].ca_file ",
            f"providers[2].ca_file {file} holds no certificate in PEM",
        ):
            self.assertIn(part, done.stderr)

    def test_a_variable_that_a_running_relay_has_is_a_warning_here(self):
        address = f"127.0.0.1:{reserved_port(self)}"
        file = self.write("relay.toml", config(None, listen=address))
        self.assert_fails(self.run_relay("config", "validate", file), 1, "PROVIDER_KEY is not set")
        Serving(self, "--config", file)
        done = self.run_relay("config", "validate", file)
        self.assertEqual(done.code, 0, done)
        self.assertIn("is valid\n", done.stdout)
        self.assertRegex(
            done.stderr,
            r"\Acc-relay: warning: .*: environment variable PROVIDER_KEY is not set; .* "
            r"\(a relay runs, which has it from its own environment\)\n\Z",
        )
        # It has not what another file asks for, which would be served at the same place.
        other = self.write("other.toml", config(None, listen=address))
        self.assert_fails(self.run_relay("config", "validate", other), 1, "PROVIDER_KEY is not set")
        # Other mistakes stay mistakes.
        file.write_text(file.read_text() + "[nonsense]\n")
        self.assert_fails(self.run_relay("config", "validate", file), 1, "nonsense")

    def test_an_empty_file_and_no_provider(self):
        for text in ("", "# nothing\n", "[server]\nworkers = 2\n"):
            with self.subTest(text):
                done = self.run_relay("config", "validate", self.write("relay.toml", text))
                self.assertEqual(done.code, 0, done)
                self.assertIn("warning: providers: there is none", done.stderr)

    def test_files_and_folders_that_are_not_there(self):
        good = '[[providers]]\nname = "a"\ntype = "ollama"\n'
        for text, setting in (
            ('[server.tls]\ncert_file = "gone.pem"\nkey_file = "gone.key"\n', "cert_file"),
            ('[server.tls]\ncert_file = "gone.pem"\nkey_file = "gone.key"\n', "key_file"),
            ('[logging]\noutput = "gone/relay.log"\n', "logging.output"),
            ('[server]\nlisten = "unix:gone/relay"\n', "server.listen"),
        ):
            with self.subTest(setting):
                file = self.write("relay.toml", text + good)
                self.assert_fails(self.run_relay("config", "validate", file), 1, setting)
                self.assert_fails(self.run_relay("serve", "--config", file), 1, setting)

    def test_a_certificate_and_key_that_clients_can_be_served_with(self):
        good = '[[providers]]\nname = "a"\ntype = "ollama"\n'
        for certificate, key, named, words in (
            ("server.pem", "client.key", "key_file", "is not the one of the certificate in .*server"),
            ("expired.pem", "expired.key", "cert_file", "the certificate expired on .*; renew it"),
            ("server.pem", "encrypted.key", "key_file", "the key is encrypted"),
            ("server.key", "server.key", "cert_file", "holds no certificate in PEM"),
            ("server.pem", "server.pem", "key_file", "holds no private key in PEM"),
        ):
            with self.subTest(f"{certificate} {key}"):
                tls = f'[server.tls]\ncert_file = "{CERTIFICATES / certificate}"\n'
                tls += f'key_file = "{CERTIFICATES / key}"\n'
                file = self.write("relay.toml", tls + good)
                wrong = certificate if named == "cert_file" else key
                self.assert_fails(
                    self.run_relay("config", "validate", file),
                    1,
                    rf"relay\.toml: server\.tls\.{named} {CERTIFICATES / wrong}: .*{words}",
                )
        key = self.write("tls/server.key", (CERTIFICATES / "server.key").read_text())
        tls = f'[server.tls]\ncert_file = "{CERTIFICATES / "server.pem"}"\nkey_file = "{key}"\n'
        file = self.write("relay.toml", tls + good)
        key.chmod(0o600)
        done = self.run_relay("config", "validate", file)
        self.assertEqual((done.code, done.stderr), (0, ""))
        key.chmod(0o644)
        done = self.run_relay("config", "validate", file)
        self.assertEqual(done.code, 0)
        self.assertIn("can be read by others than its owner", done.stderr)

    def test_a_port_alone_is_told_how_it_is_written(self):
        file = self.write("relay.toml", "[server]\nlisten = 8787\n")
        self.assert_fails(
            self.run_relay("config", "validate", file), 1, r'write listen = "127\.0\.0\.1:8787"'
        )

    def test_providers_that_are_all_disabled(self):
        off = '[[providers]]\nname = "a"\ntype = "ollama"\nenabled = false\n'
        file = self.write("relay.toml", off)
        for words in (["config", "validate", file], ["serve", "--config", file]):
            with self.subTest(words):
                self.assert_fails(self.run_relay(*words), 1, r"no request could be served")

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
