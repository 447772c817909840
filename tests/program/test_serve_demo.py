"""serve --demo: the whole relay with a provider of its own."""

import json
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

    def test_an_answer_fits_the_schema_that_is_asked_for(self):
        # As Gemini CLI asks how hard a question is, before it puts that.
        schema = {
            "type": "OBJECT",
            "properties": {
                "complexity_reasoning": {"type": "STRING"},
                "complexity_score": {"type": "INTEGER"},
            },
            "required": ["complexity_reasoning", "complexity_score"],
        }
        config = {"responseMimeType": "application/json", "responseSchema": schema}
        body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}], "generationConfig": config}
        answer = self.demo._request(
            "POST", "/v1beta/models/demo:generateContent", json.dumps(body)
        )
        text = answer.json["candidates"][0]["content"]["parts"][0]["text"]
        self.assertEqual(
            json.loads(text),
            {"complexity_reasoning": "Hello from cc-relay's demo!", "complexity_score": 1},
        )

    def test_schemas_of_all_forms(self):
        node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
        for schema, fits in (
            ({"type": "object", "properties": {"a": {"type": "boolean"}}}, {}),
            ({"enum": ["red", "green"]}, "red"),
            ({"const": 7}, 7),
            ({"anyOf": [{"type": "number", "minimum": 2.5}, {"type": "null"}]}, 2.5),
            ({"type": ["integer", "null"], "maximum": 0}, 0),
            ({"type": "array", "items": {"type": "boolean"}}, []),
            ({"type": "array", "items": {"type": "boolean"}, "minItems": 1}, [False]),
            ({"$ref": "#/$defs/node", "$defs": {"node": node}}, {}),
            ({"$ref": "nowhere"}, "Hello from cc-relay's demo!"),
        ):
            with self.subTest(schema):
                form = {"format": {"type": "json_schema", "schema": schema}}
                answer = self.demo.ask(model="demo", output_config=form)
                self.assertEqual(json.loads(answer.json["content"][0]["text"]), fits)

    def test_a_schema_that_leads_to_itself_ends(self):
        node = {"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}
        form = {"format": {"type": "json_schema", "schema": {**node, "required": ["a", "b"]}}}
        answer = self.demo.ask(model="demo", output_config=form)
        self.assertIn('{"a":{"a":', answer.json["content"][0]["text"])

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
