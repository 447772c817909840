"""What settings there are and what they are by default, as the program itself tells it."""

import re

# One of each table that a file may have; a provider's tables are the same whatever its type.
TABLES = (
    "server",
    "server.tls",
    "server.auth",
    "server.auth.clients",
    "metrics",
    "otel",
    "manage",
    "manage.auth",
    "manage.auth.tokens",
    "manage.tls",
    "grpc",
    "ledger",
    "pricing",
    "translation",
    "prices",
    "providers",
    "providers.pooling",
    "providers.keys",
    "providers.unsupported",
    "providers.errors",
    "routing",
    "health",
    "health.circuit_breaker",
    "health.health_check",
    "timeouts",
    "stream",
    "logging",
    "logging.debug_options",
    "cache",
    "cache.ristretto",
)
LISTS = (
    "server.auth.clients",
    "manage.auth.tokens",
    "prices",
    "providers",
    "providers.keys",
    "providers.unsupported",
    "providers.errors",
)
# Like no setting, so that the program names those there are in place of the nearest.
NONSENSE = "qqqqqqqqqqqqqqqqqq"


def settings(test):
    """`server.listen`, `providers.keys.key`, …: what may stand in a file."""
    text = f"{NONSENSE} = 1\n"
    for table in TABLES:
        text += f"[[{table}]]\n" if table in LISTS else f"[{table}]\n"
        text += f"{NONSENSE} = 1\n"
    done = test.run_relay("config", "validate", test.write("nonsense.toml", text))
    test.assertEqual(done.code, 1, done)
    found = set()
    for path, names in re.findall(rf"(\S*?){NONSENSE} is unknown; one of: (.*)", done.stderr):
        path = re.sub(r"\[\d+\]", "", path.split(":")[-1])
        found |= {path + name for name in names.split(", ")}
    missing = [table for table in TABLES if not any(name.startswith(table + ".") for name in found)]
    test.assertEqual(missing, [], done.stderr)
    return found


def defaults(test):
    """What is in force where a file says nothing, as it is written in TOML."""
    text = '[[server.auth.clients]]\nname = "a"\nkey = "0123456789abcdef"\n'
    text += '[[manage.auth.tokens]]\nname = "a"\ntoken = "abcdef0123456789"\n'
    text += '[[providers]]\nname = "a"\ntype = "openai"\n[[providers.keys]]\nkey = "k"\n'
    file = test.write("least.toml", text)
    done = test.run_relay("config", "show", "--config", file)
    test.assertEqual(done.code, 0, done)
    found, table = {}, ""
    for line in done.stdout.splitlines():
        if head := re.fullmatch(r"\[+([\w.]+)\]+", line.strip()):
            table = head[1] + "."
        elif setting := re.fullmatch(r"#? ?([\w.]+) = (.*?)(?: +#.*)?", line.strip()):
            found[table + setting[1]] = setting[2]
    return found


# Settings that take one of a few words, each with one that it does not.
WORDS = f"""
[server.tls]
client_auth = "{NONSENSE}"
min_version = "{NONSENSE}"
[manage.tls]
client_auth = "{NONSENSE}"
min_version = "{NONSENSE}"
client_role = "{NONSENSE}"
[[manage.auth.tokens]]
name = "a"
token = "0123456789abcdef"
role = "{NONSENSE}"
[routing]
strategy = "{NONSENSE}"
affinity = "{NONSENSE}"
[logging]
level = "{NONSENSE}"
format = "{NONSENSE}"
[translation]
unsupported = "{NONSENSE}"
web_search = "{NONSENSE}"
[[providers]]
name = "a"
type = "{NONSENSE}"
api = "{NONSENSE}"
answer_model = "{NONSENSE}"
credentials = "{NONSENSE}"
pooling.strategy = "{NONSENSE}"
[[providers.errors]]
status = 400
about = "{NONSENSE}"
"""
# Told of among what an older relay's files may say.
OLDER = {"console", "pretty"}


def words(test):
    """Which words such a setting takes."""
    done = test.run_relay("config", "validate", test.write("words.toml", WORDS))
    found = re.findall(rf'(\S+) "{NONSENSE}" is unknown; one of: (.*)', done.stderr)
    test.assertEqual(len(found), WORDS.count(f'"{NONSENSE}"'), done.stderr)
    names = (re.sub(r"\[\d+\]", "", name) for name, _ in found)
    return {name: set(words.split(", ")) - OLDER for name, (_, words) in zip(names, found)}
