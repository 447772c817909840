"""serve --demo: the whole relay with a provider of its own."""

import re
import signal

from harness import Program
from serving import Serving


class ServeDemo(Program):
    def setUp(self):
        super().setUp()
        self.demo = Serving(self, "--demo", "--listen", "127.0.0.1:0")

    def test_it_says_where_it_listens_and_how_to_try_it(self):
        said = self.demo.stderr.wait_for(r"(?s)listening on .*\n\n$")
        self.assertEqual(
            said.string,
            f"cc-relay 0.1.0 listening on {self.demo.url}\n"
            "Try it:\n\n"
            f"curl -N {self.demo.url}/v1/messages -H 'content-type: application/json' \\\n"
            '  -d \'{"model":"demo","max_tokens":200,"stream":true,'
            '"messages":[{"role":"user","content":"Hello, relay!"}]}\'\n\n',
        )

    def test_a_message_is_answered_with_json(self):
        answer = self.demo.ask(model="demo")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(answer.json["model"], "demo")
        self.assertEqual(answer.json["stop_reason"], "end_turn")
        self.assertIn('You said: "Hello, relay!"', answer.json["content"][0]["text"])

    def test_a_stream_comes_as_events_and_ends_with_message_stop(self):
        stream = self.demo.stream()
        self.assertEqual(stream.status, 200)
        self.assertTrue(stream.headers["content-type"].startswith("text/event-stream"))
        events = stream.read()
        self.assertEqual(events[:2], ["message_start", "content_block_start"])
        self.assertEqual(events[-3:], ["content_block_stop", "message_delta", "message_stop"])

    def test_tokens_are_counted(self):
        answer = self.demo._request("POST", "/v1/messages/count_tokens", '{"model":"demo"}')
        self.assertEqual((answer.status, list(answer.json)), (200, ["input_tokens"]))

    def test_each_request_is_one_line_of_the_log_on_standard_output(self):
        self.demo.ask()
        self.demo.signal(signal.SIGTERM)
        self.assertEqual(self.demo.process.wait(), 0)
        requests = [line for line in self.demo.stdout.all().splitlines() if '"request"' in line]
        self.assertEqual(len(requests), 1)
        self.assertRegex(requests[0], r'"path":"/v1/messages".*"status":200,"ending":"complete"')

    def test_configuration_files_are_not_read(self):
        self.configure("this is no TOML")
        other = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        self.assertEqual(other.ask().status, 200)

    def test_with_a_configuration_its_other_settings_count(self):
        file = self.write("relay.toml", '[server]\nlisten = "localhost:0"\n[routing]\ndebug = true\n')
        other = Serving(self, "--demo", "--config", file)
        headers = other.ask().headers
        self.assertTrue(re.search("(?i)x-cc-relay-provider: demo", str(headers)), headers)


class ServeDemoWithAuth(Program):
    def test_the_call_to_try_says_that_a_key_is_needed(self):
        file = self.write("relay.toml", '[server.auth]\napi_key = "k"\n')
        demo = Serving(self, "--demo", "--config", file, "--listen", "127.0.0.1:0")
        demo.stderr.wait_for(r"-H 'x-api-key: YOUR-RELAY-KEY' \\\n")
        self.assertEqual(demo.ask().status, 401)
