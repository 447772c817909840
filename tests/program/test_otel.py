"""[otel]: what a collector gets, read with OpenTelemetry's own classes."""

from collector import Collector, attributes_of
from harness import PROVIDER_KEY, SECRETS
from otel_case import CLIENT, HEADER, PARENT, PROMPT, SERVER, TRACE, OtelCase
from provider import FakeProvider
from serving import Serving


class Otel(OtelCase):
    def test_spans_and_sums_are_those_of_the_ledger(self):
        collector = Collector(self)
        bad = FakeProvider(self)
        bad.failure = (500, {})
        serving = self.relay(collector, providers=[("bad", bad.url)])
        self.ask(serving, x_claude_code_session_id="s-1", traceparent=f"00-{TRACE}-{PARENT}-01")
        for _ in range(2):
            self.ask(serving)
        self.ask(serving, stream=False)
        self.end(serving)
        self.assertEqual(collector.mistakes, [])

        self.assertEqual(len([s for s in collector.spans if s.kind == SERVER]), 4)
        of_trace = [s for s in collector.spans if s.trace_id.hex() == TRACE]
        server = next(s for s in of_trace if s.kind == SERVER)
        self.assertEqual(server.name, "POST /v1/messages")
        self.assertEqual(server.parent_span_id.hex(), PARENT)
        attempts = [s for s in of_trace if s.kind == CLIENT]
        self.assertEqual([s.name for s in attempts], ["chat claude-asked"] * len(attempts))
        self.assertGreaterEqual(len(attempts), 2)
        for number, span in enumerate(attempts, 1):
            self.assertEqual(span.parent_span_id, server.span_id)
            self.assertLessEqual(server.start_time_unix_nano, span.start_time_unix_nano)
            self.assertLessEqual(span.start_time_unix_nano, span.end_time_unix_nano)
            self.assertLessEqual(span.end_time_unix_nano, server.end_time_unix_nano)
            seen = attributes_of(span)
            self.assertEqual(seen["ccrelay.attempt"], number)
            self.assertEqual(seen["gen_ai.conversation.id"], "s-1")
        self.assertEqual(attributes_of(attempts[0])["error.type"], "failed")
        answered = attributes_of(attempts[-1])
        expected = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.response.model": "claude-told",
            "gen_ai.response.id": "msg_c",
            "gen_ai.response.finish_reasons": ["end_turn"],
            "gen_ai.usage.input_tokens": 11 + 700 + 9_007,
            "gen_ai.usage.output_tokens": 42,
            "gen_ai.usage.cache_read.input_tokens": 9_007,
            "gen_ai.usage.cache_creation.input_tokens": 700,
            "server.address": "127.0.0.1",
            "server.port": self.provider.port,
            "http.response.status_code": 200,
            "ccrelay.client": "default",
            "ccrelay.provider": "good",
        }
        self.assertEqual({name: answered.get(name) for name in expected}, expected)
        self.assertEqual(len({s.span_id for s in collector.spans}), len(collector.spans))

        totals = self.usage()
        tokens = totals["tokens"]
        clients = [attributes_of(s) for s in collector.spans if s.kind == CLIENT]
        self.assertEqual(len(clients), totals["attempts"])

        def over_spans(name):
            return sum(each.get(name, 0) for each in clients)

        def over_points(token_type):
            return sum(
                point.sum
                for point in collector.points["gen_ai.client.token.usage"]
                if attributes_of(point)["gen_ai.token.type"] == token_type
            )

        written = tokens["cache_write_5m"] + tokens["cache_write_1h"]
        all_input = tokens["input"] + written + tokens["cache_read"]
        self.assertEqual(all_input, 3 * (11 + 700 + 9_007) + 1)
        self.assertEqual(over_spans("gen_ai.usage.input_tokens"), all_input)
        self.assertEqual(over_spans("gen_ai.usage.output_tokens"), tokens["output"])
        self.assertEqual(over_spans("gen_ai.usage.cache_read.input_tokens"), tokens["cache_read"])
        self.assertEqual(over_spans("gen_ai.usage.cache_creation.input_tokens"), written)
        self.assertEqual(over_points("input"), all_input)
        self.assertEqual(over_points("output"), tokens["output"])
        durations = collector.points["gen_ai.client.operation.duration"]
        self.assertEqual(sum(point.count for point in durations), totals["attempts"])
        for name, points in collector.points.items():
            for point in points:
                self.assertEqual(len(point.bucket_counts), len(point.explicit_bounds) + 1, name)
                self.assertEqual(sum(point.bucket_counts), point.count, name)
                self.assertLess(point.start_time_unix_nano, point.time_unix_nano)

    def test_nothing_secret_and_no_prompt_leaves(self):
        collector = Collector(self)
        serving = self.relay(collector)
        self.ask(serving)
        self.ask(serving, stream=False)
        self.end(serving)
        self.assertEqual({path for path, _ in collector.requests}, {"/v1/traces", "/v1/metrics"})
        for _, headers in collector.requests:
            self.assertEqual(headers["authorization"], f"Bearer {HEADER}")
            self.assertEqual(headers["content-type"], "application/x-protobuf")
        exported = b"".join(collector.bodies)
        self.assertIn(b"claude-asked", exported)
        for secret in (*SECRETS, HEADER, PROMPT, "word ", "hello"):
            self.assertNotIn(secret.encode(), exported)
        shown = self.run_relay(
            "config", "show", "--config", self.file, env={"OTEL_TOKEN": HEADER}
        )
        self.assertIn("[otel.headers]", shown.stdout)
        for text in (shown.stdout, serving.process.output):
            self.assertNotIn(HEADER, text)
        named = {each["service.name"] for each in collector.resources}
        self.assertEqual(named, {"cc-relay"})

    def test_a_relay_without_an_endpoint_sends_nothing_whatever_is_set(self):
        collector = Collector(self)
        self.provider = FakeProvider(self)
        self.provider.release.set()
        text = f'''
[server]
listen = "127.0.0.1:0"
[[providers]]
name = "good"
type = "anthropic"
base_url = "{self.provider.url}"
[[providers.keys]]
key = "{PROVIDER_KEY}"
'''
        serving = Serving(
            self,
            "--config",
            self.write("relay.toml", text),
            env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_EXPORTER": "otlp"},
        )
        self.assertEqual(serving.ask().status, 200)
        self.assertNotIn("ccrelay_otel_", serving.get("/metrics").text)
        self.end(serving)
        self.assertEqual(collector.requests, [])

    def test_a_collector_that_refuses_is_told_of_once_and_keeps_nobody(self):
        collector = Collector(self)
        collector.failure = 401
        serving = self.relay(collector, more="metrics = false")
        self.ask(serving)
        self.end(serving)
        said = serving.stdout.all()
        self.assertEqual(said.count("it wants another credential (otel.headers)"), 2, said)
        self.assertIn("1 request is dropped", said)

    def test_a_collector_that_is_gone_shows_in_status_and_metrics(self):
        collector = Collector(self)
        collector.failure = 404
        serving = self.relay(collector, more="").process
        # Sent at short intervals this time.
        serving.kill()
        file = self.write(
            "short.toml", self.file.read_text().replace("interval_ms = 3600000", "interval_ms = 100")
        )
        serving = Serving(self, "--config", file, env={"OTEL_TOKEN": HEADER})
        self.ask(serving)
        collector.wait_for(lambda it: any(path == "/v1/traces" for path, _ in it.requests))
        serving.stdout.wait_for("dropped")
        status = self.run_relay("status", "--config", file, env={"OTEL_TOKEN": HEADER})
        self.assertRegex(status.stdout, r"otel: http://127\.0\.0\.1:\d+: it answers 404: there is no OTLP")
        self.end(serving)
