"""README.md, CONTRIBUTING.md and docs/, taken apart: blocks, words in backticks, tables, links."""

import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]


class Block:
    """What stands between two fences."""

    def __init__(self, page, line, language, text):
        self.page, self.line, self.language, self.text = page, line, language, text

    def __str__(self):
        return f"{self.page}:{self.line}"


class Span:
    """Words in backticks, outside of blocks. `row` is the line of the page that they stand in."""

    def __init__(self, page, line, text, row):
        self.page, self.line, self.text, self.row = page, line, text, row

    def __str__(self):
        return f"{self.page}:{self.line}"


class Page:
    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(ROOT))
        self.text = path.read_text()
        self.blocks, self.spans, self.prose = [], [], ""
        self._take_apart()

    def _take_apart(self):
        block = None
        prose = []
        for number, line in enumerate(self.text.splitlines(), 1):
            if fence := re.match(r"( *)```(\w*)$", line):
                if block is None:
                    block = Block(self.name, number, fence[2], "")
                    indent = len(fence[1])
                else:
                    self.blocks.append(block)
                    block = None
                prose.append("")
            elif block is not None:
                block.text += line[indent:] + "\n"
                prose.append("")
            else:
                prose.append(line)
        assert block is None, f"{self.name}:{block.line}: a block without an end"
        self.prose = "\n".join(prose)
        # A span may go on in the next line, but not in the next paragraph.
        for span in re.finditer(r"(`+)((?:(?!\n\n)[\s\S])+?)\1(?!`)", self.prose):
            line = self.prose.count("\n", 0, span.start())
            self.spans.append(Span(self.name, line + 1, " ".join(span[2].split()), prose[line]))

    @property
    def anchors(self):
        """Of its headings, as GitHub makes them."""
        found = set()
        for heading in re.findall(r"(?m)^#+ +(.*?) *$", self.prose):
            plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).lower())
            anchor, count = plain.replace(" ", "-"), 0
            while f"{anchor}{f'-{count}' if count else ''}" in found:
                count += 1
            found.add(f"{anchor}{f'-{count}' if count else ''}")
        return found

    @property
    def links(self):
        return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", self.prose)

    def tables(self):
        """Each as a list of rows, and these as lists of cells; the first is its head."""
        table = []
        for line in [*self.prose.splitlines(), ""]:
            if line.startswith("|"):
                cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
                if not all(re.fullmatch(r" *:?-+:? *", cell) for cell in cells):
                    table.append([cell.strip().replace("\\|", "|") for cell in cells])
            elif table:
                yield table
                table = []

    def blocks_in(self, heading, language):
        """The texts of those of a section."""
        first = self.text.split(f"# {heading}\n", 1)[0]
        lines = range(first.count("\n"), first.count("\n") + self.section(heading).count("\n") + 2)
        return [
            block.text.strip()
            for block in self.blocks
            if block.line in lines and block.language == language
        ]

    def section(self, heading):
        """What stands below a heading, as far as the next one of any level."""
        return re.search(rf"(?m)^#+ {re.escape(heading)}\n([\s\S]*?)(?=^#|\Z)", self.text)[1]


def _pages():
    yield Page(ROOT / "README.md")
    yield Page(ROOT / "CONTRIBUTING.md")
    for path in sorted((ROOT / "docs").rglob("*.md")):
        yield Page(path)


PAGES = {page.name: page for page in _pages()}
MANUAL = re.sub(r"\\f.", "", (ROOT / "docs" / "man" / "cc-relay.1").read_text()).replace("\\-", "-")


def words_in(cell):
    """What a cell of a table has in backticks."""
    return re.findall(r"`([^`]+)`", cell)


@functools.cache
def sources(*folders):
    """The text of the program's sources, with string literals that go on joined to one."""
    texts = []
    for folder in folders:
        path = ROOT / folder
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        texts += [file.read_text(errors="replace") for file in files if file.is_file()]
    return re.sub(r'(?<!\\)"\s*\n\s*"', "", "\n".join(texts))


def shape(value):
    """JSON without what it says: names of members, and kinds of values."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    return type(value).__name__
