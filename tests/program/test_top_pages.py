"""The screens in docs/management.md are those that `cc-relay top` draws."""

import datetime
import re

from harness import Program
from management import Management, attempt, budget, client, key, provider, request, totals
from pages import ROOT
from screen import Screen


def after(seconds):
    noon = datetime.datetime(2026, 11, 25, 12, 4, 31)
    return (noon + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def busy(relay):
    """The relay of the documents: three providers, of which one is in trouble."""
    wave = [2, 3, 5, 7, 6, 5, 3, 2, 1, 1, 2, 3, 5, 6, 7, 8]
    history = [
        {
            "time": after(second - 60),
            "requests": 5 * wave[second % 16],
            "failed": int(second % 29 == 7),
            "input_tokens": 3000 * wave[second % 16],
            "output_tokens": 260 * wave[(second + 3) % 16],
            "in_flight_max": 37,
        }
        for second in range(60)
    ]
    status = relay.status
    status.update(uptime_ms=274_320_000, in_flight=37, streaming=31, history=history)
    status["rates"].update(
        requests_per_second=41.2, failures_per_second=0.2, output_tokens_per_second=1840
    )
    status["first_byte"].update(count=1200, p50_us=640_000, p99_us=2_100_000)
    status["process"].update(client_connections=52, buffered_body_bytes=3_250_000)
    status["process"].update(cpu_ms=10_972_800)
    status["today"] = totals(
        18_204, 31, 42.18, input_tokens=41_200_000, output_tokens=3_100_000,
        cache_read_tokens=146_000_000,
    )
    status["today"]["retried"] = 112
    anthropic = provider(
        "anthropic",
        priority=10,
        in_flight=28,
        conversations=19,
        first_byte_us=612_000,
        failure_ratio=0.001,
        totals=totals(16_882, dollars=41.02),
        keys=["5f1c0a9e", "a90b77d1"],
    )
    bedrock = provider(
        "bedrock-eu",
        type="bedrock",
        in_flight=9,
        first_byte_us=803_000,
        failure_ratio=0,
        totals=totals(1204, dollars=1.16),
    )
    zai = provider(
        "zai",
        priority=1,
        health="PROVIDER_HEALTH_OPEN",
        first_byte_us=1_200_000,
        failure_ratio=1,
        totals=totals(118),
        keys=["01c4ff3e"],
        last_error={
            "time": after(-29),
            "outcome": "OUTCOME_FAILED",
            "status": 502,
            "message": "connection closed before the answer",
            "id": "1f02b",
        },
    )
    zai["breaker"].update(state="BREAKER_STATE_OPEN", failures=5, half_open_in_ms=21_000, opened=1)
    relay.providers = [anthropic, bedrock, zai]
    minute = "BUDGET_KIND_REQUESTS_PER_MINUTE", "BUDGET_KIND_INPUT_TOKENS_PER_MINUTE"
    relay.keys = [
        key(
            "5f1c0a9e",
            "anthropic",
            in_flight=21,
            budgets=[budget(minute[0], 31, 50), budget(minute[1], 18_000, 40_000)],
        ),
        key(
            "a90b77d1",
            "anthropic",
            in_flight=7,
            state="KEY_STATE_COOLING",
            cool_downs=[{"model": "", "expire_time": after(38)}],
            budgets=[budget(minute[0], 50, 50), budget(minute[1], 34_000, 40_000)],
        ),
        key("01c4ff3e", "zai", state="KEY_STATE_REFUSED", refused_until=after(240)),
    ]
    relay.clients = [client("alice", in_flight=37)]
    relay.running = [
        request("1f03a", start_time=after(-12), duration_us=12_400_000),
        request(
            "1f03c",
            model="claude-opus-5-5",
            state="REQUEST_STATE_WAITING",
            attempt_count=2,
            start_time=after(0),
            duration_us=800_000,
            response_bytes=0,
            first_byte_us=None,
            usage=totals()["usage"],
            traced=True,
            trace=[
                {"at_us": at, "event": event, "message": message, "fields": {}}
                for at, event, message in (
                    (0, "candidates", "zai, anthropic, bedrock-eu (failover)"),
                    (100, "passed_over", "bedrock-eu: no key has room (77ab0c21 disabled)"),
                    (100, "picked", "zai, key 01c4ff3e: first by priority"),
                    (41_000, "outcome", "zai: failed, 502"),
                    (41_100, "picked", "anthropic, key 5f1c0a9e: home of this conversation"),
                )
            ],
            attempts=[
                attempt(
                    1,
                    "zai",
                    key="01c4ff3e",
                    outcome="OUTCOME_FAILED",
                    status=502,
                    duration_us=41_000,
                    dialect="chat",
                    translated="anthropic>chat",
                ),
                attempt(2, "anthropic", duration_us=759_000),
            ],
        ),
    ]


class TopPages(Program):
    def shown(self, screen):
        """As the page has it: nothing at the end of lines, and one empty line for many."""
        lines = [line.rstrip() for line in screen.lines()]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip("\n")) + "\n"

    def test_the_page_shows_what_is_drawn(self):
        page = (ROOT / "docs" / "management.md").read_text()
        section = page.partition("\n## Dashboard\n")[2].partition("\n## ")[0]
        written = re.findall(r"(?ms)^```text\n(.*?)^```", section)
        relay = Management(self, self.runtime / "cc-relay" / "8787.sock")
        busy(relay)
        screen = Screen(self, self.executable, "top")
        screen.wait_for(r"zai +failed +502, connection closed[\s\S]*q quit")
        drawn = [self.shown(screen)]
        screen.type("3")
        screen.wait_for(r"> 5f1c0a9e[\s\S]*01c4ff3e +zai +REFUSED 4m")
        drawn.append(self.shown(screen))
        screen.type("5")
        screen.wait_for(r"> 1f03a[\s\S]*1f03c")
        screen.type("j")
        screen.wait_for(r"> 1f03c")
        screen.press("Enter")
        screen.wait_for(r"Attempts  1 zai[\s\S]*x cancel")
        drawn.append(self.shown(screen))
        screen.press("Escape")
        screen.type("2")
        screen.wait_for(r"> anthropic[\s\S]*zai +OPEN")
        screen.type("d")
        screen.wait_for(r"Disable provider anthropic\?[\s\S]*y yes  n no")
        drawn.append(self.shown(screen))
        self.assertEqual("".join(written), "".join(drawn))
