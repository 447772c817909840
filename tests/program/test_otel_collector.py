"""[otel]: what OpenTelemetry's own Collector takes of it, as it tells it further."""

import time

from harness import SECRETS
from otel_case import CLIENT, HEADER, PARENT, PROMPT, SERVER, TRACE, OtelCase
from otel_collector import RealCollector, attributes_of
from provider import FakeProvider


class OtelCollector(OtelCase):
    def relay(self, collector, **options):
        more = "[metrics]\nallow_without_auth = true"
        return super().relay(collector, more=more, interval_ms=100, **options)

    def until(self, true):
        """The harness ends what takes too long."""
        while not true():
            time.sleep(0.05)

    def wait_for(self, collector, requests):
        """Until it has told everything of so many."""
        self.until(lambda: len(self.of_kind(collector, SERVER)) == requests)
        self.until(
            lambda: self.count(collector, "gen_ai.client.operation.duration")
            == len(self.of_kind(collector, CLIENT))
        )

    def of_kind(self, collector, kind):
        return [span for span in collector.spans if span["kind"] == kind]

    def count(self, collector, metric):
        return sum(int(point["count"]) for point in collector.points.get(metric, []))

    def over_points(self, collector, token_type):
        return sum(
            point["sum"]
            for point in collector.points.get("gen_ai.client.token.usage", [])
            if attributes_of(point)["gen_ai.token.type"] == token_type
        )

    def test_it_takes_spans_and_sums_as_the_ledger_has_them(self):
        collector = RealCollector(self)
        bad = FakeProvider(self)
        bad.failure = (500, {})
        serving = self.relay(collector, providers=[("bad", bad.url)])
        self.ask(serving, x_claude_code_session_id="s-1", traceparent=f"00-{TRACE}-{PARENT}-01")
        for _ in range(2):
            self.ask(serving)
        self.ask(serving, stream=False)
        self.wait_for(collector, 4)
        self.until(lambda: "\nccrelay_otel_requests_total 4\n" in serving.get("/metrics").text)
        self.assertIn("\nccrelay_otel_dropped_total 0\n", serving.get("/metrics").text)
        self.end(serving)
        collector.stop()

        spans, totals = collector.spans, self.usage()
        servers, clients = (self.of_kind(collector, kind) for kind in (SERVER, CLIENT))
        self.assertEqual([span["name"] for span in servers], ["POST /v1/messages"] * 4)
        self.assertEqual(len(clients), totals["attempts"])
        self.assertEqual({span["name"] for span in clients}, {"chat claude-asked"})
        self.assertEqual({each["service.name"] for each in collector.resources}, {"cc-relay"})

        of_trace = {span["spanId"]: span for span in spans if span["traceId"] == TRACE}
        (server,) = (span for span in of_trace.values() if span["kind"] == SERVER)
        self.assertEqual(server["parentSpanId"], PARENT)
        expected = {
            "http.request.method": "POST",
            "http.route": "/v1/messages",
            "http.response.status_code": 200,
            "gen_ai.conversation.id": "s-1",
            "ccrelay.client": "default",
        }
        seen = attributes_of(server)
        self.assertEqual({name: seen.get(name) for name in expected}, expected)
        attempts = [attributes_of(s) for s in of_trace.values() if s["kind"] == CLIENT]
        for span in of_trace.values():
            if span["kind"] == CLIENT:
                self.assertEqual(span["parentSpanId"], server["spanId"])
        answered = max(attempts, key=lambda each: each["ccrelay.attempt"])
        expected = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": "claude-asked",
            "gen_ai.response.model": "claude-told",
            "gen_ai.response.id": "msg_c",
            "gen_ai.response.finish_reasons": ["end_turn"],
            "gen_ai.usage.input_tokens": 11 + 700 + 9_007,
            "gen_ai.usage.output_tokens": 42,
            "server.port": self.provider.port,
            "ccrelay.provider": "good",
        }
        self.assertEqual({name: answered.get(name) for name in expected}, expected)
        self.assertEqual(
            [each["error.type"] for each in attempts if each["ccrelay.provider"] == "bad"],
            ["failed"] * (len(attempts) - 1),
        )

        tokens = totals["tokens"]
        read = tokens["input"] + tokens["cache_read"]
        read += tokens["cache_write_5m"] + tokens["cache_write_1h"]
        self.assertEqual(read, 3 * (11 + 700 + 9_007) + 1)
        self.assertEqual(self.over_points(collector, "input"), read)
        self.assertEqual(self.over_points(collector, "output"), tokens["output"])
        for name, sums in (("input_tokens", read), ("output_tokens", tokens["output"])):
            of_spans = (attributes_of(span).get(f"gen_ai.usage.{name}", 0) for span in clients)
            self.assertEqual(sum(of_spans), sums)
        text = str((spans, collector.points, collector.resources))
        for secret in (*SECRETS, HEADER, PROMPT):
            self.assertNotIn(secret, text)

    def test_what_ended_while_it_was_away_arrives_when_it_is_back(self):
        collector = RealCollector(self)
        serving = self.relay(collector)
        self.ask(serving)
        self.wait_for(collector, 1)
        collector.stop()
        self.ask(serving, traceparent=f"00-{TRACE}-{PARENT}-01")
        self.until(lambda: "\nccrelay_otel_up 0\n" in serving.get("/metrics").text)
        collector.start()
        # Spans are those of the one request, sums since the start.
        self.until(lambda: len(self.of_kind(collector, SERVER)) == 1)
        self.until(lambda: self.over_points(collector, "output") == 2 * 42)
        self.assertEqual({span["traceId"] for span in collector.spans}, {TRACE})
        self.end(serving)
        collector.stop()
