"""A provider for the relay to talk to, on a loopback port, with streams that wait to be told."""

import http.server
import json
import queue
import ssl
import threading

from loopback import Server


def event(name, **fields):
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n".encode()


START = event("message_start", message={"id": "msg_1", "model": "m", "usage": {}})
DELTA = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "word "})
STOP = event("message_delta", delta={"stop_reason": "end_turn"}) + event("message_stop")
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 2},
}


class FakeProvider:
    """Answers /v1/messages: whole, or with a stream that is held after its first event until
    `release` is set, then goes on for `deltas` more. `gone` counts streams whose reader left.
    With `models`, a list of ids, GET /v1/models answers too. `tls` are the files of a certificate
    and its key."""

    delta = DELTA

    def __init__(self, test, tls=None):
        self.release = threading.Event()
        self.gone = queue.Queue()
        self.credentials = []  # what came as x-api-key
        self.seen = []  # that, and what came as Authorization
        self.requests = []  # method and path of each
        self.models = None
        self.date = None  # what its answers say of the time; None = as it is
        self.failure = None  # (status, headers) of what it answers instead
        self.failure_body = b"{}"
        self.quotes = False  # its failures quote the key they were asked with, and x-extra
        self.failing_keys = None  # to whom, by x-api-key; None = everybody
        self.deltas = 1
        self.before_delta = lambda number: None  # may hold each of them back
        self.start, self.stop = START, STOP  # of its streams
        outer = self

        class Handler(_Handler):
            provider = outer

        self._server = Server(test, Handler)
        self._tls = tls is not None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            # The handshake belongs to the connection's own thread, not to the one that accepts.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.begin()
        test.addCleanup(self.release.set)

    @property
    def port(self):
        return self._server.server_port

    @property
    def url(self):
        return f"{'https' if self._tls else 'http'}://{self._server.address}"

    @property
    def name(self):
        """As its answers say it."""
        return _Handler.server_version + " " + _Handler.sys_version


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes
    provider = None

    def _fail(self, status, headers):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(status)
        body = self.provider.failure_body
        if self.provider.quotes and self.headers["x-api-key"]:
            words = f"no: key={self.headers['x-api-key']} extra={self.headers['x-extra']}"
            error = {"type": "error", "error": {"type": "e", "message": words}}
            body = json.dumps(error).encode()
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        provider = self.provider
        provider.requests.append(("POST", self.path))
        provider.credentials.append(self.headers.get("x-api-key"))
        provider.seen.append((self.headers.get("x-api-key"), self.headers.get("authorization")))
        only = provider.failing_keys
        if provider.failure and (only is None or self.headers.get("x-api-key") in only):
            self._fail(*provider.failure)
            return
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if request.get("stream"):
            try:
                self._stream()
            except OSError:
                self.close_connection = True
                provider.gone.put(self.client_address)
        else:
            self._reply(200, "application/json", json.dumps(ANSWER).encode())

    def date_time_string(self, timestamp=None):
        return self.provider.date or super().date_time_string(timestamp)

    def do_GET(self):
        provider = self.provider
        provider.requests.append(("GET", self.path))
        if provider.models is not None and self.path.startswith("/v1/models"):
            provider.seen.append((self.headers.get("x-api-key"), self.headers.get("authorization")))
            if provider.failure:
                self._fail(*provider.failure)
                return
            data = [{"type": "model", "id": each} for each in provider.models]
            self._reply(200, "application/json", json.dumps({"data": data}).encode())
            return
        self._reply(404, "text/html", b"<html>not found</html>")

    def log_message(self, *_):
        pass

    def _reply(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(self.provider.start)
        self.provider.release.wait()
        for number in range(self.provider.deltas):
            self.provider.before_delta(number)
            self._chunk(DELTA)
        self._chunk(self.provider.stop)
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
