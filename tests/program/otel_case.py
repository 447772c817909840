"""What tests of [otel] stand on: a provider whose usage is known, and a relay that tells a collector
of it."""

import http.client
import json
import signal

from harness import PROVIDER_KEY, RELAY_KEY, Program
from provider import FakeProvider, event
from serving import Serving

HEADER = "canary-of-the-collector-5d2e"
PROMPT = "canary-prompt-77"
SERVER, CLIENT = 2, 3  # Span.SpanKind
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"

# Cumulative, as Anthropic tells it: what message_delta says replaces what message_start said.
USAGE = {
    "input_tokens": 11,
    "cache_creation_input_tokens": 700,
    "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 200},
    "cache_read_input_tokens": 9_007,
    "output_tokens": 1,
}
START = event("message_start", message={"id": "msg_c", "model": "claude-told", "usage": USAGE})
STOP = event(
    "message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 42}
) + event("message_stop")


class OtelCase(Program):
    """Its requests, and what the ledger says of them."""

    def relay(self, collector, more="", providers=None, interval_ms=3600000):
        self.provider = FakeProvider(self)
        self.provider.start, self.provider.stop = START, STOP
        self.provider.release.set()
        blocks = "".join(
            f'[[providers]]\nname = "{name}"\ntype = "anthropic"\nbase_url = "{url}"\n'
            f'[[providers.keys]]\nkey = "{PROVIDER_KEY}"\n'
            for name, url in [*(providers or []), ("good", self.provider.url)]
        )
        self.file = self.write(
            "relay.toml",
            f'''
[server]
listen = "127.0.0.1:0"
[server.auth]
api_key = "{RELAY_KEY}"
[ledger]
path = "{self.scratch}/usage.db"
[otel]
endpoint = "{collector.url}"
interval_ms = {interval_ms}
{more}
[otel.headers]
authorization = "Bearer ${{OTEL_TOKEN}}"
{blocks}''',
        )
        return Serving(self, "--config", self.file, env={"OTEL_TOKEN": HEADER})

    def ask(self, serving, stream=True, **headers):
        connection = http.client.HTTPConnection(serving.host, serving.port)
        body = {
            "model": "claude-asked",
            "max_tokens": 8,
            "stream": stream,
            "messages": [{"role": "user", "content": PROMPT}],
        }
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(
            "POST",
            "/v1/messages",
            json.dumps(body),
            {"Content-Type": "application/json", "x-api-key": RELAY_KEY, **named},
        )
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.assertEqual(answer.status, 200)

    def end(self, serving):
        serving.signal(signal.SIGTERM)
        self.assertEqual(serving.process.wait(), 0)

    def usage(self):
        done = self.run_relay("usage", "--json", "--file", self.scratch / "usage.db")
        self.assertEqual(done.code, 0, done)
        return json.loads(done.stdout)["totals"]
