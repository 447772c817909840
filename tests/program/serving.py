"""A running `cc-relay serve` and a client of it."""

import http.client
import json
import re
import socket
import struct

import harness

LISTENING = r"listening on (http://(\S+):(\d+))\n"


def config(provider, listen="127.0.0.1:0", more=""):
    """A configuration with one provider, whose key comes from the environment. `more` may begin
    with further keys of [logging]."""
    return f"""
[server]
listen = "{listen}"
[[providers]]
name = "fake"
type = "anthropic"
base_url = "{provider.url if provider else 'http://127.0.0.1:1'}"
[[providers.keys]]
key = "${{PROVIDER_KEY}}"
[logging]
{more}
"""


def serving(test, *providers, server="", more="", arguments=()):
    """A relay with these: (name, type, where it is, further lines)."""
    text = f'[server]\nlisten = "127.0.0.1:0"\n{server}\n{more}\n'
    for name, kind, url, lines in providers:
        text += f'[[providers]]\nname = "{name}"\ntype = "{kind}"\nbase_url = "{url}"\n{lines}\n'
    return Serving(test, "--config", test.write("relay.toml", text), *arguments)


class Serving:
    """Starts it and waits until it listens."""

    def __init__(self, test, *arguments, env=None, **options):
        env = {"PROVIDER_KEY": harness.PROVIDER_KEY, **(env or {})}
        self.process = test.start("serve", *arguments, env=env, **options)
        # The log says it too, for a test that does without standard error.
        found = (self.process.stderr or self.process.stdout).wait_for(LISTENING)
        self.url, self.host, self.port = found[1], found[2], int(found[3])
        self.address = f"{self.host}:{self.port}"

    @property
    def stdout(self):
        return self.process.stdout

    @property
    def stderr(self):
        return self.process.stderr

    def signal(self, number):
        self.process.signal(number)

    def get(self, path, headers=None):
        return self._request("GET", path, headers=headers)

    def ask(self, **more):
        """A message that is answered as a whole."""
        return self._request("POST", "/v1/messages", message(**more))

    def ask_as(self, key, **more):
        """The same with a client's key."""
        return self._request("POST", "/v1/messages", message(**more), {"x-api-key": key})

    def stream(self):
        """A stream, read as far as its first event."""
        return Stream(self)

    def ask_reload(self, **headers):
        """POST /-/reload."""
        return self._request("POST", "/-/reload", headers={"x-cc-relay-reload": "1", **headers})

    def _request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, self.port)
        headers = {**(headers or {}), **({"Content-Type": "application/json"} if body else {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(answer.status, answer.headers, text)


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)


class Stream:
    def __init__(self, serving):
        self._connection = http.client.HTTPConnection(serving.host, serving.port)
        body = message(stream=True)
        self._connection.request("POST", "/v1/messages", body, {"Content-Type": "application/json"})
        self._answer = self._connection.getresponse()
        self.status, self.headers = self._answer.status, self._answer.headers
        self.text = self._answer.readline().decode()

    def read(self):
        """The rest of it; the names of all events."""
        self.text += self._answer.read().decode()
        self._connection.close()
        return re.findall(r"^event: (.*)$", self.text, re.MULTILINE)

    def vanish(self):
        """Closes the connection so that the relay's next write to it fails at once."""
        now = struct.pack("ii", 1, 0)
        self._connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        self._answer.close()
        self._connection.close()


def message(text="Hello, relay!", **more):
    message = {"role": "user", "content": text}
    return json.dumps({"model": "m", "max_tokens": 20, "messages": [message], **more})


def reserved_port(test):
    """A port that only the relay can get: it is bound here, but nobody listens on it."""
    holder = socket.socket()
    test.addCleanup(holder.close)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder.getsockname()[1]


def busy_port(test):
    """A port that this process listens on."""
    holder = socket.socket()
    test.addCleanup(holder.close)
    holder.bind(("127.0.0.1", 0))
    holder.listen()
    return holder.getsockname()[1]
