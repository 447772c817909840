"""What a figure has found: rounds, in each a value of every measure for every side."""

import json
import statistics
import sys


class Spread:
    """Median, least and most of some values."""

    def __init__(self, values):
        values = sorted(values)
        self.median = statistics.median(values)
        self.low, self.high = values[0], values[-1]

    def text(self, digits):
        return f"{self.median:.{digits}f} ({self.low:.{digits}f}-{self.high:.{digits}f})"

    def data(self):
        return {"median": self.median, "low": self.low, "high": self.high}


class Found:
    """`measures` are (name, unit, digits) in the order in which they are shown. A ratio is the
    median of those within one round, so that a noisy neighbour hits both of its sides. `pairs` are
    those whose ratios are shown; if none are named, ours to nginx and this build to the one before."""

    def __init__(self, name, title, sides, measures, rounds, note="", pairs=None):
        self.name = name
        self.title = title
        self.sides = sides
        self.measures = measures
        self.rounds = rounds
        self.note = note
        self.named_pairs = pairs

    def pairs(self):
        if self.named_pairs is not None:
            return self.named_pairs
        ours = [side for side in self.sides if side != "nginx"]
        pairs = [(side, "nginx") for side in ours if "nginx" in self.sides]
        return pairs + ([("relay", "before")] if len(ours) == 2 else [])

    def values(self, measure, side):
        return [each[side][measure] for each in self.rounds if measure in each.get(side, {})]

    def ratios(self, measure, side, other):
        return [
            each[side][measure] / each[other][measure]
            for each in self.rounds
            if measure in each.get(side, {}) and each.get(other, {}).get(measure)
        ]

    def table(self):
        yield ["", *self.sides, *(f"{side}/{other}" for side, other in self.pairs())]
        for measure, unit, digits in self.measures:
            cells = [f"{measure}, {unit}" if unit else measure]
            for side in self.sides:
                cells.append(self.cell(self.values(measure, side), digits))
            for side, other in self.pairs():
                cells.append(self.cell(self.ratios(measure, side, other), 2))
            yield cells

    @staticmethod
    def cell(values, digits):
        return Spread(values).text(digits) if values else "-"

    def show(self):
        print(f"\n{self.name}: {self.title}")
        rows = list(self.table())
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            print("  " + "  ".join(map(str.ljust, row, widths)).rstrip())
        if self.note:
            print(f"  {self.note}")
        sys.stdout.flush()

    def data(self):
        measures = {}
        for measure, unit, _ in self.measures:
            sides = {side: self.values(measure, side) for side in self.sides}
            ratios = {f"{a}/{b}": self.ratios(measure, a, b) for a, b in self.pairs()}
            measures[measure] = {
                "unit": unit,
                "sides": {side: Spread(values).data() for side, values in sides.items() if values},
                "ratios": {pair: Spread(values).data() for pair, values in ratios.items() if values},
            }
        return {"title": self.title, "measures": measures, "rounds": self.rounds, "note": self.note}


class BySide(Found):
    """A line for each side, with the first measure as a ratio to that of `relay`, of nginx, and, where
    there are sides of a build before (named so), of the same side before."""

    def __init__(self, name, title, sides, measures, rounds):
        self.bases = [base for base in ("relay", "nginx", "before")
                      if base in sides or f"relay {base}" in sides]
        pairs = [(side, found) for base in self.bases for side in sides
                 if (found := self.base_of(side, base, sides))]
        super().__init__(name, title, sides, measures, rounds, pairs=pairs)

    @staticmethod
    def base_of(side, base, sides):
        """The side that is this base of that side, or nothing."""
        if base == "before":
            return f"{side} before" if f"{side} before" in sides else None
        if side.endswith(" before"):
            return None
        return base if side not in ("nginx", base) else None

    def table(self):
        heads = [f"{name}, {unit}" if unit else name for name, unit, _ in self.measures]
        yield ["", heads[0], *(f"to {base}" for base in self.bases), *heads[1:]]
        for side in self.sides:
            cells = [self.cell(self.values(name, side), digits) for name, _, digits in self.measures]
            ratios = [self.ratios(self.measures[0][0], side, other) if other else []
                      for other in (self.base_of(side, base, self.sides) for base in self.bases)]
            yield [side, cells[0], *(self.cell(ratio, 2) for ratio in ratios), *cells[1:]]


def write_json(path, machine, found):
    with open(path, "w") as out:
        json.dump({"machine": machine, "figures": {each.name: each.data() for each in found}}, out,
                  indent=1)
        out.write("\n")
