"""status: is there a relay at the configured address?"""

import datetime
import json

from harness import Program
from provider import FakeProvider
from serving import Serving, reserved_port


class Status(Program):
    def configured(self, listen):
        return self.write("relay.toml", f'[server]\nlisten = "{listen}"\n')

    def test_a_running_relay(self):
        address = Serving(self, "--demo", "--listen", "127.0.0.1:0").address
        file = self.configured(address)
        done = self.run_relay("status", "--config", file)
        self.assertEqual((done.code, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], f"cc-relay is running on {address} (ok)")
        self.assertEqual(lines[1].split(), "PROVIDER HEALTH IN FLIGHT FIRST BYTE KEYS".split())
        self.assertRegex(lines[2], r"^demo +ok +0 +- +")
        done = self.run_relay("status", "--json", "--config", file)
        self.assertEqual((done.code, done.stderr), (0, ""))
        said = json.loads(done.stdout)
        providers = said.pop("providers")
        self.assertEqual(said, {"running": True, "listen": address, "status": "ok"})
        self.assertEqual([each["name"] for each in providers], ["demo"])
        self.assertEqual(providers[0]["breaker"], {"state": "closed", "failures": 0})

    def test_a_key_that_is_set_aside_and_a_provider_that_is_left_out(self):
        limited, down = FakeProvider(self), FakeProvider(self)
        limited.failure = (429, {"retry-after": "30"})
        down.failure = (500, {})
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "127.0.0.1:0"\n[health.circuit_breaker]\nfailure_threshold = 1\n'
            + "".join(
                f'[[providers]]\nname = "{name}"\ntype = "anthropic"\n'
                f'base_url = "{fake.url}"\n[[providers.keys]]\nkey = "sk-{name}"\n'
                for name, fake in (("limited", limited), ("down", down))
            ),
        )
        relay = Serving(self, "--config", file)
        self.assertEqual(relay.ask().status, 429)
        here = self.configured(relay.address)
        lines = self.run_relay("status", "--config", here).stdout.splitlines()
        self.assertRegex(lines[2], r"^limited +open for [0-9]+ s +0 +- +[0-9a-f]{8} cooling [0-9]+ s$")
        self.assertRegex(lines[3], r"^down +open for [0-9]+ s +0 +- +[0-9a-f]{8}$")

    def test_where_identities_come_from_and_what_is_wrong_with_them(self):
        then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=10)
        expiration = then.strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = {"Version": 1, "AccessKeyId": "id", "SecretAccessKey": "s", "Expiration": expiration}
        printed = self.write("keys.json", json.dumps(keys))
        self.write(
            self.home / ".aws" / "config",
            "[profile broken]\ncredential_process = false\n"
            f"[profile good]\ncredential_process = cat {printed}\n",
        )
        provider = FakeProvider(self)
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "127.0.0.1:0"\n'
            + "".join(
                f'[[providers]]\nname = "{name}"\ntype = "bedrock"\nbase_url = "{provider.url}"\n'
                f'aws_region = "eu-west-1"\naws_profile = "{name}"\n'
                for name in ("broken", "good")
            ),
        )
        relay = Serving(self, "--config", file)
        here = self.configured(relay.address)
        lines = self.run_relay("status", "--config", here).stdout.splitlines()
        self.assertRegex(lines[2], r"^broken +ok +0 +- +identity$")
        self.assertRegex(lines[3], r"^good +ok +0 +- +identity$")
        self.assertEqual(relay.ask().status, 200)
        lines = self.run_relay("status", "--config", here).stdout.splitlines()
        source = r'identity of profile "{0}" \(aws_profile\)'
        self.assertRegex(
            lines[2],
            rf"^broken +no_identity +0 +- +{source.format('broken')} failed: .* ended with status 1;",
        )
        # Ten hours, less what the test has taken: a minute at most.
        self.assertRegex(lines[3], rf"^good +ok +0 +\S+.* {source.format('good')}, 59[89] min left$")

    def test_no_relay(self):
        address = f"127.0.0.1:{reserved_port(self)}"
        file = self.configured(address)
        self.assert_ends(
            self.run_relay("status", "--config", file),
            1,
            stdout=f"cc-relay is not running ({address}: Connection refused)\n",
        )
        self.assert_ends(
            self.run_relay("status", "--json", "--config", file),
            1,
            stdout=f'{{"running":false,"listen":"{address}",'
            f'"error":"{address}: Connection refused"}}\n',
        )

    def test_something_else_on_the_port(self):
        provider = FakeProvider(self)
        address = f"127.0.0.1:{provider.port}"
        done = self.run_relay("status", "--json", "--config", self.configured(address))
        self.assertEqual(done.code, 1, done)
        self.assertEqual(
            json.loads(done.stdout),
            {
                "running": False,
                "listen": address,
                "error": f"{address}: what answers there is not cc-relay "
                f'(it answered 404, by the name of "{provider.name}")',
            },
        )

    def test_a_relay_that_wants_a_key_answers_without_one(self):
        file = self.write("relay.toml", '[server.auth]\napi_key = "k"\n')
        # Another user's: one's own tells its token.
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        env = {"XDG_RUNTIME_DIR": str(elsewhere)}
        relay = Serving(self, "--demo", "--config", file, "--listen", "127.0.0.1:0", env=env)
        done = self.run_relay("status", "--config", self.configured(relay.address))
        self.assertEqual(done.code, 0)
        self.assertEqual(done.stdout, f"cc-relay is running on {relay.address} (ok)\n")
        self.assertIn("answered 401 when asked for its providers", done.stderr)

    def test_the_configuration_is_found_as_serve_finds_it(self):
        address = f"127.0.0.1:{reserved_port(self)}"
        place = self.config_home / "cc-relay" / "config.toml"
        self.write(place, f'[server]\nlisten = "{address}"\n')
        self.assertIn(address, self.run_relay("status").stdout)

    def test_a_broken_configuration_is_an_error(self):
        file = self.configured("nonsense")
        self.assert_fails(self.run_relay("status", "--config", file), 1, rf"\Acc-relay: {file}:2:10: ")
        self.assert_fails(self.run_relay("status", "--json", "--config", file), 1, "nonsense")
