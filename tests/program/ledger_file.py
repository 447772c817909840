"""A ledger with what a test says, made as the relay makes it."""

import pathlib
import re
import sqlite3

_SCHEMA = pathlib.Path(__file__).parents[2] / "lib" / "ledger" / "schema.cpp"
APPLICATION_ID = 0x43435259


def make_ledger(path, requests):
    """`requests`: dicts of time_ms (UTC) and what differs from a request that cost a dollar."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = re.search(r'R"\((.*?)\)"', _SCHEMA.read_text(), re.S).group(1)
    with sqlite3.connect(path) as database:
        database.executescript(tables)
        database.execute(f"PRAGMA application_id={APPLICATION_ID}")
        database.execute("PRAGMA user_version=1")
        for number, request in enumerate(requests, 1):
            _add(database, number, request)
    database.close()
    return path


def _add(database, number, request):
    values = {
        "client": "ana",
        "session": f"s-{number}",
        "model": "claude-x",
        "provider": "anthropic",
        "status": 200,
        "input": 1000,
        "output": 100,
        "cost": 1_000_000_000,
        "partial": 0,
        "price": "",
        **request,
    }
    database.execute(
        "INSERT INTO requests(id, time_ms, request_id, client, session, endpoint, model, status,"
        " ending, total_us) VALUES(?,?,?,?,?,'messages',?,?,'complete',1000)",
        (
            number,
            values["time_ms"],
            f"req_{number}",
            values["client"],
            values["session"],
            values["model"],
            values["status"],
        ),
    )
    database.execute(
        "INSERT INTO attempts(request, n, provider, key, model, outcome, status)"
        " VALUES(?,1,?,'0a1b2c3d',?,'success',200)",
        (number, values["provider"], values["model"]),
    )
    database.execute(
        "INSERT INTO charges(request, attempt, n, kind, model, payer, billed, partial, assumed_ttl,"
        " input, output, price, cost_nano_usd) VALUES(?,1,1,'message',?,'operator',1,?,0,?,?,?,?)",
        (
            number,
            values["model"],
            values["partial"],
            values["input"],
            values["output"],
            values["price"],
            values["cost"],
        ),
    )
