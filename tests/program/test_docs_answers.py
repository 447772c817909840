"""What the documents show of answers, of `status` and of the log is what comes."""

import json
import re
import signal
import socket

from harness import Program
from pages import PAGES, sources, words_in
from provider import FakeProvider, event
from serving import Serving, message

API, CLI = PAGES["docs/api.md"], PAGES["docs/cli.md"]


def shape(value):
    """JSON without what it says: names of members, and kinds of values."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    return type(value).__name__


def likened(text):
    """A line for people without figures, times and the names of places."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    text = re.sub(r"(?:\b[\d.]+ ?(?:h|min|ms|s)\b ?)+", "SPAN ", text)
    text = re.sub(r"\b[0-9a-f]{8}\b", "PRINT", text)
    text = re.sub(r"(?<=id=)\S+", "ID", text)
    text = re.sub(r"(?<=client_name=)\S+", "NAME", text)
    text = re.sub(r" · \$[\d.]+", "", text)  # of a model that has a price
    text = re.sub(r"127\.0\.0\.1:\d+", "PLACE", text)
    text = re.sub(r"(?<==)\d+\b", "N", text)
    text = re.sub(r"(?<=configuration: )\S+", "FILE", text)
    return re.sub(r" {2,}|\t", " ", text).strip()


class DocsAnswers(Program):
    def blocks(self, page, language, section):
        text = page.section(section)
        return [
            block.text.strip()
            for block in page.blocks
            if block.language == language and block.text.strip() in text
        ]

    def serving(self, *providers, server="", more="", arguments=()):
        """A relay with these: (name, type, where, further lines)."""
        text = f'[server]\nlisten = "127.0.0.1:0"\n{server}\n{more}\n'
        for name, kind, where, lines in providers:
            text += (
                f'[[providers]]\nname = "{name}"\ntype = "{kind}"\nbase_url = "{where}"\n{lines}\n'
            )
        return Serving(self, "--config", self.write("relay.toml", text), *arguments)

    def test_the_version_of_the_examples_is_this_one(self):
        version = self.run_relay("version").stdout.split()[1]
        for page in (API, CLI):
            told = re.findall(r'cc-relay (\d+\.\d+\.\d+)|"version":"(\d[\d.]+)"', page.text)
            self.assertEqual({"".join(each) for each in told}, {version}, page.name)

    # ---- JSON

    def test_the_providers_answer_is_as_shown(self):
        key = 'models = ["claude-opus-5-5"]\n[[providers.keys]]\nkey = "k"\nrpm_limit = 50'
        relay = self.serving(("anthropic", "anthropic", FakeProvider(self).url, key))
        self.assertEqual(relay.ask(model="claude-opus-5-5").status, 200)
        (shown,) = self.blocks(API, "json", "GET /v1/providers")
        said = relay.get("/v1/providers").json
        self.assertEqual(shape(json.loads(shown)), shape(said))
        self.assertEqual(json.loads(shown)["relay"]["version"], said["relay"]["version"])

    def test_each_member_of_the_providers_answer_is_told_of(self):
        section = API.section("GET /v1/providers")
        told = {
            name
            for cell in re.findall(r"`([^`\s]+)`", section)
            for name in re.findall(r"\w+", cell)
        }
        told |= set(re.findall(r'"(\w+)":', section))
        text = sources("lib/front/provider_status.cpp")
        real = set(re.findall(r'"(\w+)":', text)) | set(
            re.findall(r'append_budget\(out, "(\w+)"', text)
        )
        self.assertGreater(len(real), 50)
        self.assertEqual(real - told, set())
        for row in next(table for table in API.tables() if table[0][0] == "field")[1:]:
            for name in words_in(row[0]):
                with self.subTest(name):
                    self.assertTrue(name.split(".")[-1].removesuffix("[]") in real)

    def test_the_list_of_models_is_as_shown(self):
        lines = 'models = ["claude-sonnet-5-5"]'
        relay = self.serving(("anthropic", "anthropic", FakeProvider(self).url, lines))
        (shown,) = self.blocks(API, "json", "GET /v1/models")
        self.assertEqual(json.loads(shown), relay.get("/v1/models").json)

    def test_an_error_of_the_relay_is_as_shown(self):
        relay = self.serving(
            ("a", "anthropic", FakeProvider(self).url, ""), more='[server.auth]\napi_key = "k"'
        )
        (shown,) = self.blocks(API, "json", "Errors")
        answer = relay.ask()
        self.assertEqual(shape(json.loads(shown)), shape(answer.json))
        self.assertEqual(json.loads(shown)["error"]["type"], answer.json["error"]["type"])
        self.assertRegex(answer.json["request_id"], "^req_")

    def test_an_error_inside_a_stream_is_as_shown(self):
        key = '[[providers.keys]]\nkey = "k"'
        relay = self.serving(
            ("a", "anthropic", FakeProvider(self).url, key), server="shutdown_timeout_ms = 0"
        )
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        stream.read()
        (shown,) = self.blocks(API, "", "POST /v1/messages")
        said = re.search(r"event: error\r?\ndata: .*", stream.text)
        self.assertTrue(said, stream.text)
        said = said[0]
        self.assertEqual(shown.splitlines()[0], said.splitlines()[0])
        data = [json.loads(text.splitlines()[1].removeprefix("data: ")) for text in (shown, said)]
        self.assertEqual(shape(data[0]), shape(data[1]))

    def test_what_needs_no_provider_answers_as_the_table_says(self):
        relay = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        seen = 0
        for row in next(API.tables())[1:]:
            for method, path in re.findall(r"`(GET) (/[^`{]*)`", row[0]):
                with self.subTest(path):
                    seen += 1
                    answer = relay.get(path)
                    self.assertEqual(answer.status, 200)
                    shown = re.match(r"(?:200 )?`(\{[^`]*\})`", row[2])
                    if shown:
                        self.assertEqual(shape(json.loads(shown[1])), shape(answer.json))
                        if "..." not in shown[1]:
                            self.assertEqual(json.loads(shown[1]), answer.json)
        self.assertGreaterEqual(seen, 7)

    # ---- Errors

    def test_the_table_of_errors_has_the_types_that_come(self):
        rows = next(table for table in API.tables() if table[0][1] == "`error.type`")[1:]
        told = {int(status): words_in(kind)[0] for status, kind, _ in rows}
        switch = re.search(
            r"error_type\(int status\) \{([\s\S]*?)\n\}", sources("lib/wire/error_type.cpp")
        )[1]
        real, waiting = {}, []
        for status, kind in re.findall(r'case (\d+):|return "(\w+)"', switch):
            if status:
                waiting.append(int(status))
            else:
                real.update(dict.fromkeys(waiting, kind))
                waiting = []
        for status, kind in told.items():
            with self.subTest(status):
                rest = "api_error" if status >= 500 else "invalid_request_error"
                self.assertEqual(kind, real.get(status, rest))
        self.assertEqual(set(real) - set(told), set(), "statuses that the table lacks")
        self.provoke(told)

    def provoke(self, told):
        relay = self.serving(
            (
                "a",
                "anthropic",
                FakeProvider(self).url,
                '[[providers.keys]]\nkey = "k"\nrpm_limit = 1',
            ),
            server="max_body_bytes = 1000",
        )
        body = message()
        line = "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
        length = f"Content-Length: {len(body)}\r\n\r\n{body}"
        for status, request in (
            (400, line + "Content-Length: 1\r\n\r\n{"),
            (403, line.replace("localhost", "evil.example") + length),
            (404, "GET /nope HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (405, "GET /v1/messages HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (413, line + "Content-Length: 1001\r\n\r\n"),
            (414, f"GET /{'x' * 70000} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (415, line + "Content-Encoding: br\r\n" + length),
            (417, line + "Expect: a miracle\r\n" + length),
            (431, line + f"X: {'x' * 70000}\r\n" + length),
            (501, line + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            (505, line.replace("1.1", "3.0") + length),
            (200, line + length),
            (429, line + length),
        ):
            with self.subTest(f"{status} is provoked"):
                head, kind = self.answer_to(relay, request)
                self.assertEqual(int(head.split()[1]), status)
                if status != 200:
                    self.assertEqual(kind, told[status])

    def answer_to(self, relay, request):
        with socket.create_connection((relay.host, relay.port)) as connection:
            connection.sendall(request.encode())
            reader = connection.makefile("rb")
            head = b""
            while (line := reader.readline()) not in (b"\r\n", b""):
                head += line
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            body = json.loads(reader.read(length))
        return head.decode(), body.get("error", {}).get("type")

    def test_what_troubleshooting_quotes_of_a_providers_failures_comes(self):
        rows = next(PAGES["docs/troubleshooting.md"].tables())[1:]
        quoted = [words for row in rows for words in words_in(row[0])]
        page = b"<html><title>Bad gateway</title></html>"
        for failure, body, part in (
            (
                (401, {}),
                b'{"type":"error","error":{"type":"authentication_error","message":"no"}}',
                "refused the relay's key",
            ),
            ((502, {"Content-Type": "text/html"}), page, "answered 502 with a page: "),
            (
                (200, {"Content-Type": "application/json"}),
                b'{"object":"chat.completion"}',
                "answered 200 with JSON that is no message",
            ),
        ):
            with self.subTest(part):
                self.assertTrue(any(part in words for words in quoted), "no longer quoted")
                provider = FakeProvider(self)
                provider.failure, provider.failure_body = failure, body
                relay = self.serving(
                    ("a", "anthropic", provider.url, '[[providers.keys]]\nkey = "k"')
                )
                self.assertIn(part, relay.ask().json["error"]["message"])

    # ---- Headers, status, log

    def test_debug_headers_are_those_that_the_page_names(self):
        relay = Serving(self, "--demo", "--debug", "--listen", "127.0.0.1:0")
        section = API.section("Debug headers").split("carry")[1].split(" At log level")[0]
        told = {name.lower() for name in re.findall(r"`(X-CC-Relay-\w+|Server-Timing)`", section)}
        came = {
            name.lower()
            for name in relay.ask().headers
            if name.lower().startswith(("x-cc-", "server-"))
        }
        self.assertEqual(told, came)

    def test_status_is_as_shown(self):
        (shown,) = self.blocks(CLI, "", "status")
        down, well = FakeProvider(self), FakeProvider(self)
        down.failure = (500, {})
        relay = self.serving(
            ("anthropic", "anthropic", well.url, '[[providers.keys]]\nkey = "k"\nname = "team-a"'),
            ("zai", "zai", down.url, '[[providers.keys]]\nkey = "k2"'),
            more='[routing]\nstrategy = "round_robin"\naffinity = "none"',
        )
        for _ in range(10):
            self.assertEqual(relay.ask().status, 200)
        streams = [relay.stream(), relay.stream()]
        said = self.run_relay("status", "--config", "relay.toml").stdout
        said = re.sub(r"(?m)^(anthropic +2 +)-", r"\1 1 ms", said)  # too quick for a figure
        self.assertEqual(*([likened(line) for line in text.splitlines()] for text in (shown, said)))
        well.release.set()
        for stream in streams:
            stream.read()

    def test_status_as_json_has_the_members_that_the_page_names(self):
        relay = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        said = json.loads(self.run_relay("status", "--json", "--url", relay.url).stdout)
        sentence = re.search(r"`--json` prints one line: ([\s\S]*?) as \[", CLI.text)[1]
        self.assertEqual(set(words_in(sentence)), set(said))

    def test_a_line_of_the_log_is_as_shown(self):
        shown = next(block.text for block in PAGES["docs/troubleshooting.md"].blocks).strip()
        limited, well = FakeProvider(self), FakeProvider(self)
        limited.failure = (429, {"retry-after": "30", "content-type": "application/json"})
        limited.failure_body = (
            b'{"type":"error","error":{"type":"rate_limit_error","message":"too many requests"}}'
        )
        usage = {"input_tokens": 1200, "cache_read_input_tokens": 40000}
        well.start = event("message_start", message={"id": "m", "model": "m", "usage": usage})
        well.stop = event(
            "message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 350}
        )
        well.stop += event("message_stop")
        relay = self.serving(
            ("zai", "zai", limited.url, '[[providers.keys]]\nkey = "k2"'),
            ("anthropic", "anthropic", well.url, '[[providers.keys]]\nkey = "k"\nname = "team-a"'),
            more="[stream]\nkeepalive_ms = 1",
            arguments=("--log-format", "text"),
        )
        stream = relay.stream()
        while "event: ping" not in stream.text:
            stream.text += stream._answer.readline().decode()
        well.release.set()
        stream.read()
        said = relay.stdout.wait_for(r".* 200 POST .*\n")[0]
        said = re.sub(r" queue=\S+", "", likened(said))  # where the machine was slow
        self.assertEqual(likened(shown), said.replace("model=m ", "model=claude-x "))
