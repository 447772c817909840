"""A client of a running relay's management, over its Unix socket or TCP."""

import http.client
import json
import socket

import harness


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("management", timeout=harness.SECONDS_MAX)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, answer):
        self.status, self.headers = answer.status, answer.headers
        self.text = answer.read().decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        """Of an error."""
        return self.json["error"]["code"]


def ask(connection, method, path, body=None, **headers):
    """`content_type` is Content-Type. None leaves a header out."""
    named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    connection.request(method, path, body, named)
    return Answer(connection.getresponse())


def over_socket(path, method, target, body=None, **headers):
    connection = UnixConnection(path)
    try:
        return ask(connection, method, target, body, **headers)
    finally:
        connection.close()


def over_tcp(port, method, target, body=None, token=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=harness.SECONDS_MAX)
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    try:
        return ask(connection, method, target, body, **headers)
    finally:
        connection.close()


def management_port(relay):
    """Where it listens by TCP, as the log says it."""
    return int(relay.stdout.wait_for(r"the management listens on https?://\S+:(\d+)")[1])
