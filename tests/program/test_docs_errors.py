"""What the documents say of errors is what comes."""

import json
import re
import signal
import socket

from harness import Program
from pages import PAGES, shape, sources, words_in
from provider import FakeProvider
from serving import message, reserved_port, serving

API = PAGES["docs/api.md"]


class DocsErrors(Program):
    def test_an_error_of_the_relay_is_as_shown(self):
        relay = serving(
            self,
            ("a", "anthropic", FakeProvider(self).url, ""),
            more='[server.auth]\napi_key = "k"',
        )
        (shown,) = API.blocks_in("Errors", "json")
        answer = relay.ask()
        self.assertEqual(shape(json.loads(shown)), shape(answer.json))
        self.assertEqual(json.loads(shown)["error"]["type"], answer.json["error"]["type"])
        self.assertRegex(answer.json["request_id"], "^req_")

    def test_an_error_inside_a_stream_is_as_shown(self):
        key = '[[providers.keys]]\nkey = "k"'
        relay = serving(
            self, ("a", "anthropic", FakeProvider(self).url, key), server="shutdown_timeout_ms = 0"
        )
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        stream.read()
        (shown,) = API.blocks_in("POST /v1/messages", "")
        said = re.search(r"event: error\r?\ndata: .*", stream.text)
        self.assertTrue(said, stream.text)
        said = said[0]
        self.assertEqual(shown.splitlines()[0], said.splitlines()[0])
        data = [json.loads(text.splitlines()[1].removeprefix("data: ")) for text in (shown, said)]
        self.assertEqual(shape(data[0]), shape(data[1]))

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
        relay = serving(
            self,
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

    def test_what_the_pages_of_providers_quote_of_the_relay_comes(self):
        provider = FakeProvider(self)
        provider.failure = (401, {"content-type": "application/json"})
        provider.failure_body = (
            b'{"type":"error","error":{"type":"authentication_error","message":"no"}}'
        )
        key, gone = '[[providers.keys]]\nkey = "k"', f"http://127.0.0.1:{reserved_port(self)}"
        for page, row, kind, url, lines in (
            ("providers/anthropic", "a wrong key", "anthropic", provider.url, key),
            ("providers/anthropic", "a client without a login", "anthropic", provider.url, ""),
            ("providers/ollama", "Ollama does not run", "ollama", gone, ""),
            ("providers/local", "the server does not run", "openai", gone, ""),
            ("providers", "a wrong key", "zai", provider.url, key),
            ("providers", "a model that nobody serves", "zai", provider.url, 'models = ["x"]\n' + key),
        ):
            with self.subTest(f"{page}: {row}"):
                tables = PAGES[f"docs/{page}.md"].tables()
                rows = next(table for table in tables if table[0][0] == "what fails")
                (said,) = [each[1] for each in rows if each[0].startswith(row)]
                answer = serving(self, (kind, kind, url, lines)).ask()
                self.assertEqual(said.split()[0], str(answer.status))
                text = words_in(said)[0]
                for place in ("localhost:11434", "127.0.0.1:8000"):
                    text = text.replace(place, url.removeprefix("http://"))
                pattern = re.escape(text).replace("…", ".*").replace("invalid\\ API\\ key", "no")
                self.assertRegex(answer.json["error"]["message"], f"^{pattern}")

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
                relay = serving(
                    self, ("a", "anthropic", provider.url, '[[providers.keys]]\nkey = "k"')
                )
                self.assertIn(part, relay.ask().json["error"]["message"])
