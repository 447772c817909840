"""What translation costs: the same agent, client of Anthropic's dialect, before providers of other
dialects (`chat`, `responses`, `gemini`), and a client of chat completions before Anthropic's
(`from-chat`). `relay` does not translate. All say and are told the same."""

from proxies import Way
from report import Found

WAYS = {
    "relay": Way(),
    "chat": Way(provider="chat"),
    "responses": Way(provider="responses"),
    "gemini": Way(provider="gemini"),
    "from-chat": Way(client="chat"),
}


class BySide(Found):
    """A line for each side, with its CPU as a ratio to each of `bases`."""

    MEASURES = [
        ("CPU", "us", 1),
        ("core busy", "", 2),
        ("rate", "1/s", 0),
        ("p50", "us", 0),
        ("p99", "us", 0),
    ]

    def __init__(self, name, title, sides, rounds):
        bases = ["relay", *(side for side in ("nginx",) if side in sides)]
        pairs = [(side, base) for base in bases for side in sides if side not in bases]
        if "nginx" in sides:
            pairs.append(("relay", "nginx"))
        pairs += [(side, f"{side} before") for side in sides if f"{side} before" in sides]
        super().__init__(name, title, sides, self.MEASURES, rounds, pairs=pairs)

    def table(self):
        bases = list(dict.fromkeys(self.base_name(*pair) for pair in self.pairs()))
        yield ["", *(f"{name}, {unit}" if unit else name for name, unit, _ in self.MEASURES[:1]),
               *(f"CPU to {base}" for base in bases),
               *(f"{name}, {unit}" if unit else name for name, unit, _ in self.MEASURES[1:])]
        for side in self.sides:
            ratios = {self.base_name(*pair): self.ratios("CPU", *pair)
                      for pair in self.pairs() if pair[0] == side}
            cells = [self.cell(self.values(name, side), digits)
                     for name, _, digits in self.MEASURES]
            yield [side, cells[0], *(self.cell(ratios.get(base), 2) for base in bases), *cells[1:]]

    @staticmethod
    def base_name(side, base):
        return "before" if base == f"{side} before" else base


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
        return BySide(name, title, list(sides), rounds)

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
    return BySide("translated-event", title, list(sides), rounds)
