"""What the documents show of `status` and of the log is what comes."""

import json
import re

from harness import Program
from pages import PAGES, words_in
from provider import FakeProvider, event
from serving import Serving, serving

API, CLI = PAGES["docs/api.md"], PAGES["docs/cli.md"]


def likened(text):
    """A line for people without figures, times and the names of places."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    text = re.sub(r"(?:(?:< )?\b[\d.]+ ?(?:h|min|ms|s)\b ?)+", "SPAN ", text)
    text = re.sub(r"\b[0-9a-f]{8}\b", "PRINT", text)
    text = re.sub(r"(?<=id=)\S+", "ID", text)
    text = re.sub(r"(?<=client_name=)\S+", "NAME", text)
    text = re.sub(r" · \$[\d.]+", "", text)  # of a model that has a price
    text = re.sub(r"127\.0\.0\.1:\d+", "PLACE", text)
    text = re.sub(r"(?<==)\d+\b", "N", text)
    text = re.sub(r"(?<=configuration: )\S+", "FILE", text)
    return re.sub(r" {2,}|\t", " ", text).strip()


class DocsStatus(Program):
    def test_the_version_of_the_examples_is_this_one(self):
        version = self.run_relay("version").stdout.split()[1]
        for page in (API, CLI):
            told = re.findall(r'cc-relay (\d+\.\d+\.\d+)|"version":"(\d[\d.]+)"', page.text)
            self.assertEqual({"".join(each) for each in told}, {version}, page.name)

    def test_status_is_as_shown(self):
        (shown,) = CLI.blocks_in("status", "")
        down, well = FakeProvider(self), FakeProvider(self)
        down.failure = (500, {})
        relay = serving(
            self,
            ("anthropic", "anthropic", well.url, '[[providers.keys]]\nkey = "k"\nname = "team-a"'),
            ("zai", "zai", down.url, '[[providers.keys]]\nkey = "k2"'),
            more='[routing]\nstrategy = "round_robin"\naffinity = "none"\n'
            "[health.health_check]\nenabled = false",
        )
        for _ in range(10):
            self.assertEqual(relay.ask().status, 200)
        streams = [relay.stream(), relay.stream()]
        said = self.run_relay("status", "--config", "relay.toml").stdout
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
        relay = serving(
            self,
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
