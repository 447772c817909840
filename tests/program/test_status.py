"""status: is there a relay at the configured address?"""

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
        self.assert_ends(
            self.run_relay("status", "--config", file),
            0,
            stdout=f"cc-relay is running on {address} (ok)\n",
        )
        self.assert_ends(
            self.run_relay("status", "--json", "--config", file),
            0,
            stdout=f'{{"running":true,"listen":"{address}","status":"ok"}}\n',
        )

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
        address = f"127.0.0.1:{FakeProvider(self).port}"
        done = self.run_relay("status", "--json", "--config", self.configured(address))
        self.assertEqual(done.code, 1, done)
        self.assertEqual(
            json.loads(done.stdout),
            {
                "running": False,
                "listen": address,
                "error": f"{address}: what answers there is not cc-relay",
            },
        )

    def test_a_relay_that_wants_a_key_answers_without_one(self):
        file = self.write("relay.toml", '[server.auth]\napi_key = "k"\n')
        relay = Serving(self, "--demo", "--config", file, "--listen", "127.0.0.1:0")
        done = self.run_relay("status", "--config", self.configured(relay.address))
        self.assert_succeeds(done, r"is running on ")

    def test_the_configuration_is_found_as_serve_finds_it(self):
        address = f"127.0.0.1:{reserved_port(self)}"
        place = self.config_home / "cc-relay" / "config.toml"
        self.write(place, f'[server]\nlisten = "{address}"\n')
        self.assertIn(address, self.run_relay("status").stdout)

    def test_a_broken_configuration_is_an_error(self):
        file = self.configured("nonsense")
        self.assert_fails(self.run_relay("status", "--config", file), 1, rf"\Acc-relay: {file}:2:10: ")
        self.assert_fails(self.run_relay("status", "--json", "--config", file), 1, "nonsense")
