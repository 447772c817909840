"""What the documents show of answers is what comes."""

import fnmatch
import json
import re
import signal

from harness import Program
from pages import PAGES, shape, sources, words_in
from provider import FakeProvider
from serving import Serving, serving

API = PAGES["docs/api.md"]


class DocsAnswers(Program):
    def test_the_providers_answer_is_as_shown(self):
        key = 'models = ["claude-opus-5-5"]\n[[providers.keys]]\nkey = "k"\nrpm_limit = 50'
        relay = serving(self, ("anthropic", "anthropic", FakeProvider(self).url, key))
        self.assertEqual(relay.ask(model="claude-opus-5-5").status, 200)
        (shown,) = API.blocks_in("GET /v1/providers", "json")
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
        relay = serving(self, ("anthropic", "anthropic", FakeProvider(self).url, lines))
        (shown,) = API.blocks_in("GET /v1/models", "json")
        self.assertEqual(json.loads(shown), relay.get("/v1/models").json)

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

    def test_of_a_providers_headers_those_reach_the_client_that_the_page_names(self):
        section = API.section("Headers of a provider's answer")
        before, table = section.split("| headers | |")
        dropped = set(re.findall(r"`([a-z][a-z-]*\*?)`", before)) - {"vary"}
        passed = {name for line in table.splitlines() if line.startswith("|")
                  for name in re.findall(r"`([a-z][a-z-]*\*?)`", line.split("|")[1])}  # fmt: skip
        rules, real = sources("lib/http/header_rules.cpp"), set()
        for kind, form in (("names", "{}"), ("prefixes", "{}*"), ("suffixes", "{}")):
            listed = re.search(rf"answer_{kind}\{{([^}}]*)\}}", rules)[1]
            real |= {form.format(name) for name in re.findall(r'"([^"]+)"', listed)}
        self.assertGreater(len(real), 30)
        untold = {name for name in real if not any(fnmatch.fnmatch(name, each) for each in passed)}
        self.assertEqual(untold, set(), "reach the client, and are not told of")
        ends = {name for name in passed if name in re.search(r"ends in (.*)\|", table)[1]}
        # Of those that say how an answer is put together, the relay's own words reach the client.
        framing = {
            "content-length",
            "content-encoding",
            "content-type",
            "date",
            "x-content-type-options",
        }
        sent = {
            f"a-provider-s-{name}" if name in ends else name.replace("*", "x") for name in passed
        }
        unknown = {name.replace("*", "x") for name in dropped} | {"x-request-id", "x-made-up"}
        provider = FakeProvider(self)
        provider.failure = (400, {name: "1" for name in (sent | unknown) - framing})
        provider.failure[1]["content-type"] = "application/json"
        provider.failure_body = (
            b'{"type":"error","error":{"type":"invalid_request_error","message":"m"}}'
        )
        relay = serving(self, ("a", "anthropic", provider.url, '[[providers.keys]]\nkey = "k"'))
        answer = relay.ask()
        self.assertEqual(answer.status, 400)
        came = {name.lower() for name, value in answer.headers.items() if value == "1"}
        self.assertEqual(came, sent - framing)

    def test_usage_for_programs_has_the_names_that_the_page_tells(self):
        page = PAGES["docs/cli.md"].section("usage")
        relay = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        said = json.loads(self.run_relay("usage", "--json", "--reprice").stdout)
        table = self.run_relay("usage", "--csv").stdout.splitlines()
        told = re.search(r"is one line: ([\s\S]*?)\. A row has ([\s\S]*?)\. `null`", page)
        self.assertEqual({*said, *said["cache"]}, set(words_in(told[1])) - {"--reprice"})
        (row,) = said["rows"]
        names = {*row, *row["tokens"]}
        self.assertEqual(names, set(words_in(told[2])) - {"by"})
        self.assertEqual(set(said["totals"]), set(row))
        left_out = set(words_in(re.search(r"has the same columns but ([^,]*),", page)[1]))
        columns = table[0].split(",")
        self.assertEqual(set(columns), names - {"key", "tokens"} - left_out | {"day"})
        self.assertEqual([len(line.split(",")) for line in table], [len(columns)] * 2)

    def test_the_figures_for_prometheus_are_those_of_the_table(self):
        rows = next(t for t in PAGES["docs/operating.md"].tables() if t[0][:2] == ["name", "type"])
        told = {words_in(row[0])[0]: (row[1], set(re.findall(r"\w+", row[2]))) for row in rows[1:]}
        text = sources("lib/front", "lib/observe")
        named = set(re.findall(r'"((?:ccrelay|process)_[a-z_]+)"', text))
        self.assertEqual(set(told), named)
        provider = FakeProvider(self)
        lines = '[[providers.keys]]\nkey = "k"\nrpm_limit = 9'
        more = f'[otel]\nendpoint = "{provider.url}"\n[server.auth]\napi_key = "key-of-the-relay"\n'
        more += '[[server.auth.clients]]\nname = "ana"\nkey = "key-of-ana-who-asks"\nbudget_usd_day = 1'
        relay = serving(self, ("a", "anthropic", provider.url, lines), more=more)
        self.assertEqual(relay.ask_as("key-of-ana-who-asks").status, 200)
        came = relay.get("/metrics", {"x-api-key": "key-of-the-relay"}).text
        types = dict(re.findall(r"(?m)^# TYPE (\w+) (\w+)$", came))
        self.assertGreater(len(types), 50)
        for name, kind in types.items():
            with self.subTest(name):
                self.assertEqual(kind, told[name][0])
                series = re.findall(rf"(?m)^{name}(?:_bucket|_sum|_count)?\{{(.*)\}} ", came)
                labels = {label for each in series for label in re.findall(r'(\w+)="', each)}
                self.assertIn(labels - {"le"}, (told[name][1], set()))

    def test_each_path_that_a_page_names_is_known(self):
        """But for /api/v1, which is the management's, at a place of its own."""
        relay, seen = Serving(self, "--demo", "--listen", "127.0.0.1:0"), set()
        for page in PAGES.values():
            for span in page.spans:
                path = re.fullmatch(
                    r"(?:(?:GET|POST) )?(/(?:v1/[\w/]+|health|ready|api/(?!v1$)\w+)?)", span.text
                )
                if path and path[1] not in seen:
                    with self.subTest(f"{span}: {path[1]}"):
                        seen.add(path[1])
                        # Answers to POST of responses are all that is served without a websocket.
                        self.assertIn(relay.get(path[1]).status, (200, 405, 426))
        self.assertGreaterEqual(len(seen), 8)

    def test_streams_carry_the_headers_that_the_page_names(self):
        sentence = re.search(r"Streams additionally carry ([\s\S]*?), and", API.text)[1]
        told = dict(words.split(": ") for words in re.findall(r"`([^`]*: [^`]*)`", sentence))
        self.assertEqual(len(told), 2)
        stream = Serving(self, "--demo", "--listen", "127.0.0.1:0").stream()
        for name, value in told.items():
            self.assertEqual(stream.headers[name], value)
        stream.read()

    def test_debug_headers_are_those_that_the_page_names(self):
        relay = Serving(self, "--demo", "--debug", "--listen", "127.0.0.1:0")
        section = API.section("Debug headers").split("carry")[1].split(" At log level")[0]
        told = {name.lower() for name in re.findall(r"`(X-CC-Relay-\w+|Server-Timing)`", section)}
        came = {
            name.lower()
            for name in relay.ask().headers
            if name.lower().startswith(("x-cc-", "server-"))
        }
        # Where a key has opened the relay, and where it translates, which its demo does not.
        elsewhere = {"x-cc-relay-client", "x-cc-relay-translated"}
        self.assertEqual(told, came | elsewhere)
