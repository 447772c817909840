"""What translation costs: the same agent, client of Anthropic's dialect, before providers of other
dialects (`chat`, `responses`, `gemini`), and a client of chat completions before Anthropic's
(`from-chat`). `relay` does not translate. All say and are told the same."""

from proxies import Way
from report import BySide

WAYS = {
    "relay": Way(),
    "chat": Way(provider="chat"),
    "responses": Way(provider="responses"),
    "gemini": Way(provider="gemini"),
    "from-chat": Way(client="chat"),
}


MEASURES = [
    ("CPU", "us", 1),
    ("core busy", "", 2),
    ("rate", "1/s", 0),
    ("p50", "us", 0),
    ("p99", "us", 0),
]


def sides_of(bench):
    """Which proxy, and its way, by side; the build before has each way too."""
    found = {"nginx": ("nginx", Way())} if "nginx" in bench.sides else {}
    for side, way in WAYS.items():
        if "before" in bench.sides:
            found[f"{side} before"] = ("before", way)
        found[side] = ("relay", way)
    return found


def requests(name, body, connections):
    def figure(bench):
        count = bench.options.few or connections
        sides = sides_of(bench)
        rounds = bench.in_turns(
            sides, lambda proxy: bench.slice(proxy, "unary", connections=count, body=body)
        )
        title = f"CPU per request that is translated, {body} bytes of agent JSON, {count} connections"
        return BySide(name, title, list(sides), MEASURES, rounds)

    return figure


def events(bench):
    """A hundred streams with an event every 5 ms. They have no end, so others are looked at first."""
    count = bench.options.few or 100
    sides = sides_of(bench)

    def measure(proxy):
        bench.seen(bench.load("unary", proxy.port, connections=1, mode="whole", requests=2,
                              **proxy.way.load()))
        return bench.slice(proxy, "streams", connections=count, mode=5000)

    rounds = bench.in_turns(sides, measure)
    title = f"CPU per event that is translated, {count * 200}/s, one event a write"
    return BySide("translated-event", title, list(sides), MEASURES, rounds)
