"""Keys never show. Every test checks what its processes said and logged for the two keys that this
suite uses; here they are put wherever a key can be, and things go wrong."""

import http.client
import json
import signal

from harness import PROVIDER_KEY, RELAY_KEY, Program
from provider import FakeProvider
from serving import Serving, config


class Secrets(Program):
    def serving(self, provider, more=""):
        more = (
            f'level = "debug"\nformat = "json"\noutput = "{self.folder}/relay.log"\n'
            "[logging.debug_options]\nlog_request_body = true\nmax_body_log_size = 100000\n"
            f'[routing]\ndebug = true\n[server.auth]\napi_key = "{RELAY_KEY}"\n' + more
        )
        return Serving(self, "--config", self.write("relay.toml", config(provider, more=more)))

    def ask(self, relay, path, headers, body):
        connection = http.client.HTTPConnection(relay.host, relay.port)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = f"{answer.status}\n{answer.headers}\n{answer.read().decode()}"
        connection.close()
        for secret in (PROVIDER_KEY, RELAY_KEY):
            self.assertNotIn(secret, text)
        return text

    def log_of(self, relay):
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        return (self.folder / "relay.log").read_text()

    def test_in_headers_query_and_body_of_a_request_at_the_loudest_level(self):
        provider = FakeProvider(self)
        relay = self.serving(provider)
        body = json.dumps(
            {
                "model": "m",
                "messages": [{"role": "user", "content": "hi"}],
                "metadata": {
                    "api_key": RELAY_KEY,
                    "password": {"old": RELAY_KEY},
                    "refresh_tokens": [RELAY_KEY],
                },
            }
        )
        text = self.ask(
            relay, f"/v1/messages?key={RELAY_KEY}", {"Authorization": f"Bearer {RELAY_KEY}"}, body
        )
        self.assertTrue(text.startswith("200"), text)
        self.assertEqual(provider.credentials, [PROVIDER_KEY])
        self.assertIn("request_body", self.log_of(relay))

    def test_when_a_provider_cannot_be_reached(self):
        relay = self.serving(None)
        text = self.ask(relay, "/v1/messages", {"x-api-key": RELAY_KEY}, '{"model":"m"}')
        self.assertTrue(text.startswith("502"), text)
        self.assertIn('"outcome":"transport"', self.log_of(relay))

    def test_when_the_client_is_not_let_in(self):
        relay = self.serving(None)
        text = self.ask(relay, "/v1/messages", {"x-api-key": RELAY_KEY + "x"}, '{"model":"m"}')
        self.assertTrue(text.startswith("401"), text)
        self.assertIn('"status":401', self.log_of(relay))

    def test_when_the_body_is_broken(self):
        relay = self.serving(None)
        body = '{"model": "m", "api_key": "' + RELAY_KEY
        text = self.ask(relay, "/v1/messages", {"x-api-key": RELAY_KEY}, body)
        self.assertTrue(text.startswith("400"), text)
        self.log_of(relay)

    def test_when_it_is_reloaded(self):
        relay = self.serving(None)
        self.write("relay.toml", f'[server.auth]\napi_key = ["{RELAY_KEY}"]\n')
        relay.signal(signal.SIGHUP)
        self.assertEqual(relay.get("/health").status, 200)
        self.assertIn("listening", self.log_of(relay))
