"""A gateway that forwards properly, but for one fault that it is told: what `cc-relay conformance`
is tried on. Written against the contract alone; it shares no code with the relay."""

import http.client
import json
import re
import select
import socket
import struct
import threading

import faulty_dialects as dialects

CLIENT_KEY = "sk-canary-gateway-c81e0d5f72"
BUDGET_KEY = "sk-canary-spent-7705be9a31"
UPSTREAM_KEY = "conformance-upstream-key"
SECRETS = (CLIENT_KEY, BUDGET_KEY)

HOPS = {"host", "connection", "content-length", "transfer-encoding"}
KEY_FIELDS = ("x-api-key", "authorization", "api-key", "x-goog-api-key")
NOT_FORWARDED = {*HOPS, *KEY_FIELDS}
BUDGET_HEADERS = {
    "retry-after": "3600",
    "x-should-retry": "false",
    "anthropic-ratelimit-unified-status": "rejected",
    "anthropic-ratelimit-unified-reset": "4102444800",
    "anthropic-ratelimit-unified-overage-reset": "4102444800",
    "anthropic-ratelimit-unified-overage-utilization": "1",
    "anthropic-ratelimit-unified-overage-surpassed-threshold": "1",
    "anthropic-ratelimit-unified-overage-period": "daily",
    "anthropic-ratelimit-unified-overage-disabled-reason": "org_spend_cap_reached",
}


# Faults that put one text of a body in another's place.
REPLACED = {
    "body.bytes@escape": (rb"caf\u00e9", "caf\u00e9".encode()),
    "body.bytes@number": (b"12345678901234567890123", b"1.2345678901234568e+22"),
    "body.bytes@blank": (b'"stop_sequences":[ ]', b'"stop_sequences":[]'),
    "body.system@order": (
        b'{"type":"text","text":"Second.\\n"},{"type":"text","text":"First."}',
        b'{"type":"text","text":"First."},{"type":"text","text":"Second.\\n"}',
    ),
    "body.system@merged": (b'."},{"type":"text","text":"Second.', b'.Second.'),
    "body.cache_control@ttl": (b',"ttl":"1h"', b""),
    "body.thinking@redacted": (b'"EmwKAhgBEgy3va3pzix/LafPsn4a+w=="', b'""'),
    "body.thinking@input": (b'{"b":1,"a":2}', b'{"a":2,"b":1}'),
    "body.unknown@inner": (b',"conformance_inner":[true]', b""),
}


class Gone(Exception):
    """The other side has left."""


class Wire:
    """A connection that is read by lines and by counts."""

    def __init__(self, sock):
        self.socket = sock
        self.buffer = b""

    def more(self):
        try:
            part = self.socket.recv(1 << 18)
        except OSError as error:
            raise Gone from error
        if not part:
            raise Gone
        return part

    def head(self):
        """First line and fields, in their order and with their names as they came."""
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            self.buffer += self.more()
        lines = self.buffer[:end].decode("latin-1").split("\r\n")
        self.buffer = self.buffer[end + 4 :]
        return lines[0], [tuple(line.split(": ", 1)) for line in lines[1:]]

    def exactly(self, count):
        parts = [self.buffer[:count]]
        self.buffer = self.buffer[count:]
        left = count - len(parts[0])
        while left:
            part = self.more()
            parts.append(part[:left])
            self.buffer = part[left:]
            left -= len(parts[-1])
        return b"".join(parts)

    def chunk(self):
        """The next chunk; empty at the end."""
        while (end := self.buffer.find(b"\r\n")) < 0:
            self.buffer += self.more()
        size = int(self.buffer[:end], 16)
        self.buffer = self.buffer[end + 2 :]
        return self.exactly(size + 2)[:size]

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Gone from error

    def close(self, hard=False):
        if hard:  # RST, so that nobody takes it for an end
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def field(fields, name):
    return next((value for each, value in fields if each.lower() == name), "")


def envelope(kind, message):
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()


class FaultyGateway:
    """Listens on a port of its own. `fault` is the id of the check that shall fail, behind an @
    what it does of several things that the check is about; None = it is well."""

    def __init__(self, test, fault=None, key=CLIENT_KEY):
        self.fault, self.key = fault, key
        self.upstream = None  # (host, port)
        self.prefix = ""  # of all paths
        self.refuses = None  # what a body must not have
        self.words = "not with this"
        self.few = threading.Semaphore(5)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        test.addCleanup(self._listener.close)

    def has(self, *faults):
        """One of them; without an @ it is meant with none."""
        return self.fault in faults

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(Wire(sock),), daemon=True).start()

    def _serve(self, client):
        served = 0
        try:
            while True:
                line, fields = client.head()
                method, target, _ = line.split(" ")
                body = client.exactly(int(field(fields, "content-length") or 0))
                Exchange(self, client, method, target, fields, body).run()
                served += 1
                if self.has("http.keepalive") or (self.has("http.keepalive@ten") and served == 10):
                    client.close()
                    return
        except Gone:
            client.close()
        except Exception:  # a broken answer of the provider
            client.close(hard=True)


class Exchange:
    def __init__(self, gateway, client, method, target, fields, body):
        self.gateway, self.client = gateway, client
        self.method, self.fields, self.body = method, fields, body
        self.target, self.query_key = dialects.without_key(target.removeprefix(gateway.prefix))
        self.path = self.target.partition("?")[0]
        self.dialect = dialects.dialect_of(self.path)
        self.is_array = self.dialect == "gemini" and "alt=sse" not in self.target
        self.has = gateway.has

    def answer(self, status, body, kind="application/json", **headers):
        headers = {"content-type": kind, "content-length": str(len(body)), **headers}
        head = f"HTTP/1.1 {status} Said\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.client.send(head.encode() + b"\r\n" + (b"" if self.method == "HEAD" else body))

    def fail(self, status, kind, message, **headers):
        said = dialects.envelope(self.dialect, status, kind, message)
        if self.has("error.unknown") and status == 404:
            self.answer(status, b"<html><h1>Not Found</h1></html>", "text/html")
        elif self.has("error.envelope") and status not in (401, 404):
            self.answer(status, b"<html><h1>Bad Gateway</h1></html>", "text/html")
        elif self.has("error.envelope@shape") and status == 502:
            self.answer(status, json.dumps({"error": message}).encode())
        elif self.has("error.envelope@type") and status == 404:
            self.answer(status, said, "text/plain")
        elif self.has("auth.refused@html") and status == 401:
            self.answer(status, b"<html><h1>Unauthorized</h1></html>", "text/html")
        else:
            self.answer(status, said, **headers)

    # ---- what the gateway answers by itself

    def run(self):
        if self.method == "HEAD":
            if self.path.endswith("/models") and self.has("models.head"):
                return self.answer(405, b"")
            fault = "probe.root" if self.path == "/" else "probe.hello"
            return self.answer(503 if self.has(fault) else 200, b"")
        size = sum(len(name) + len(value) for name, value in self.fields)
        if self.has("http.head_large") and size > 16_000:
            return self.fail(431, "invalid_request_error", "too many headers")
        if self.path.startswith("/inference-profiles"):
            found = not self.has("bedrock.probe")
            return self.answer(200 if found else 501, b'{"inferenceProfileSummaries":[]}')
        presented = self.presented()
        if self.has("auth.either") and len(presented) == 1 and self.path == "/v1/messages":
            presented = []
        if self.has("auth.either@bearer") and not field(self.fields, "x-api-key"):
            presented = presented if self.path == "/v1/models" else []
        if BUDGET_KEY in presented:
            headers = dict(BUDGET_HEADERS)
            if self.has("budget.shape"):
                del headers["retry-after"]
            if self.has("budget.shape@reset"):
                headers["anthropic-ratelimit-unified-reset"] = "tomorrow"
            kind = "rate_limit_error" if self.has("budget.shape@type") else "billing_error"
            if self.dialect != "messages":
                return self.answer_spent()
            status = 403 if self.has("budget.shape@status") else 429
            return self.answer(status, envelope(kind, "Your budget is used up."), **headers)
        if self.gateway.key and self.gateway.key not in presented:
            status = 403 if self.has("auth.refused") else 401
            return self.fail(status, "authentication_error", "invalid x-api-key")
        if self.path == "/v1/models" and self.has("models.list@redirect"):
            return self.answer(302, b"", location="/v1/models/?limit=1000")
        if self.path == "/v1/models" and self.has("models.list@key") and len(presented) == 1:
            if field(self.fields, "x-api-key"):
                return self.fail(401, "authentication_error", "a Bearer token is needed")
        if self.path in ("/v1/models", "/v1beta/models"):
            return self.answer(200, json.dumps(self.models()).encode())
        if self.path == "/v1/responses" and self.method == "GET":
            return self.fail(404 if self.has("path.websocket") else 426, "x", "no websockets here")
        if self.has("path.query") and "?" in self.target:
            self.target = self.path
        counts = self.path.endswith(("/count_tokens", "/input_tokens", ":countTokens"))
        if self.has("count_tokens.true") and counts:
            return self.answer(200, b'{"input_tokens":0,"totalTokens":0}')
        if self.path.endswith("/conformance-unknown"):
            return self.fail(404, "not_found_error", "there is no such path")
        if self.gateway.refuses and self.gateway.refuses in self.body:
            return self.fail(400, "invalid_request_error", self.gateway.words)
        if self.has("body.safeguards@refused") and b'"safeguards"' in self.body:
            return self.fail(400, "invalid_request_error", "Extra inputs are not permitted")
        if self.has("body.size") and len(self.body) > 20 << 20:
            return self.fail(413, "request_too_large", "20 MiB are the limit")
        try:
            if not field(self.fields, "content-encoding"):
                json.loads(self.body)
        except ValueError:
            return self.fail(400, "invalid_request_error", "the body is no JSON")
        if self.has("stream.parallel"):
            with self.gateway.few:
                return self.forward()
        return self.forward()

    def presented(self):
        """The credentials, wherever they are; what a fault does not look at is none."""
        found = {name: field(self.fields, name).removeprefix("Bearer ") for name in KEY_FIELDS}
        found["key"] = self.query_key
        found = {name: value for name, value in found.items() if value}
        if len(found) == 1 and self.dialect != "messages":
            own = {"authorization", "x-goog-api-key"} & set(found)
            if self.has("auth.own") and own or self.has("auth.other") and not own:
                return []
        return list(found.values())

    def answer_spent(self):
        wait = None if self.has("budget.wait") else 3600
        body = dialects.envelope(self.dialect, 429, "billing_error", "Your budget is used up.", wait)
        if self.has("budget.wait@word"):
            body = body.replace(b"insufficient_quota", b"billing").replace(b"RESOURCE_", b"BUDGET_")
        return self.answer(429, body, **({"retry-after": str(wait)} if wait else {}))

    def models(self):
        if self.dialect == "gemini":
            return {"data" if self.has("models.shape") else "models": [{"name": "models/faulty"}]}
        name = "models" if self.has("models.list") else "data"
        model = {"id": "claude-faulty", "object": "model"}
        if self.has("models.shape"):
            del model["object"]
        return {"object": "list", name: [model]}

    # ---- the way there

    def upstream_request(self):
        fields = [(name, value) for name, value in self.fields if name.lower() not in NOT_FORWARDED]
        body = self.changed_body()
        dropped = {
            "header.workspace": ("anthropic-workspace-id",),
            "header.unknown": ("x-conformance-custom",),
            "header.unknown@anthropic": ("anthropic-x-conformance",),
            "header.unknown@claude": ("x-claude-code-conformance",),
            "vertex.headers": ("anthropic-version",),
            "header.client": ("x-conformance-custom",),
            "body.encoded": ("content-encoding",),
        }.get(self.gateway.fault, ())
        fields = [each for each in fields if each[0].lower() not in dropped]
        if self.has("header.beta"):
            seen = [value for name, value in fields if name.lower() == "anthropic-beta"]
            known = [each for each in ",".join(seen).split(",") if "never-seen" not in each]
            fields = [each for each in fields if each[0].lower() != "anthropic-beta"]
            fields += [("anthropic-beta", ",".join(known))] if seen else []
        if self.has("header.beta@second"):
            betas = [each for each in fields if each[0].lower() == "anthropic-beta"]
            fields = [each for each in fields if each not in betas[1:]]
        if self.has("body.pair@beta"):
            fields = [each for each in fields if "effort-2025" not in each[1]]
        if self.has("header.version"):
            fields = [each for each in fields if each[0].lower() != "anthropic-version"]
            fields.append(("anthropic-version", "2023-06-01"))
        if self.has("header.credential"):
            fields.append(("x-forwarded-credential", self.gateway.key))
        fields += [("x-api-key", UPSTREAM_KEY), ("content-length", str(len(body)))]
        target = self.target
        if self.has("header.credential@query"):
            target += f"&key={self.gateway.key}"
        if self.has("vertex.path"):
            target = target.replace(":streamRawPredict", ":rawPredict")
        target = dialects.changed_target(self.gateway.fault, target)
        head = f"{self.method} {target} HTTP/1.1\r\nhost: provider\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in fields)
        return head.encode("latin-1") + b"\r\n" + body

    def changed_body(self):
        """All of them leave what they don't change as it is."""
        body = self.body
        replaced = REPLACED.get(self.gateway.fault)
        if replaced and replaced[0] in body:
            return body.replace(*replaced)
        if self.has("header.credential@body") and body.count(b":") == 5:  # nothing but a message
            return body[:-1] + b',"user":"%s"}' % self.gateway.key.encode()
        if self.has("body.bytes") and body.startswith(b"{"):
            return json.dumps(json.loads(body)).encode() if len(body) < 1 << 20 else body
        if self.has("body.system"):
            def flat(match):
                return b'"system":' + json.dumps("".join(
                    each["text"] for each in json.loads(match[1])
                )).encode()
            return re.sub(rb'"system":(\[\{"type":"text","text":"x-anth.*?\}\])', flat, body)
        if self.has("body.cache_control"):
            return re.sub(rb',"cache_control":\{[^}]*\}', b"", body)
        if self.has("body.thinking"):
            return re.sub(rb'("signature":"[^"]*)/', rb"\1_", body)
        if self.has("body.unknown"):
            return re.sub(rb'"conformance_unknown":\{[^}]*\},', b"", body)
        if self.has("body.pair"):
            return re.sub(rb'"context_management":\{.*?\}\]\},', b"", body)
        if self.has("body.safeguards"):
            return re.sub(rb'"safeguards":\[.*?\}\],', b"", body)
        if self.has("bedrock.body"):
            return re.sub(rb'"anthropic_beta":\[[^]]*\],', b"", body)
        return dialects.changed_body(self.gateway.fault, body)

    # ---- the way back

    def forward(self):
        upstream = Wire(socket.create_connection(self.gateway.upstream))
        try:
            upstream.send(self.upstream_request())
            try:
                line, fields = self.watched(upstream, upstream.head)
            except Gone:
                if self.client_gone():
                    raise
                return self.fail(502, "api_error", "the provider has closed the connection")
            status = int(line.split(" ")[1])
            if field(fields, "transfer-encoding") == "chunked":
                self.stream(upstream, status, fields)
            else:
                self.whole(upstream, status, fields)
        finally:
            upstream.close()

    def client_gone(self):
        ready, _, _ = select.select([self.client.socket], [], [], 0)
        return bool(ready) and not self.client.socket.recv(1, socket.MSG_PEEK)

    def watched(self, upstream, read, silence=lambda: None):
        """What `read` returns, unless the client leaves before. `silence` is called every 2 s."""
        unwatched = {"stream.abort": True, "stream.abort@early": read == upstream.head,
                     "stream.abort@amid": read != upstream.head}.get(self.gateway.fault)
        while not upstream.buffer and not unwatched:
            ready, _, _ = select.select([upstream.socket, self.client.socket], [], [], 2)
            if not ready:
                silence()
            if self.client.socket in ready and self.client_gone():
                raise Gone
            if upstream.socket in ready:
                break
        return read()

    def returned(self, fields):
        kept = [each for each in fields if each[0] not in ("content-length", "transfer-encoding")]
        lost = {
            "error.headers": "anthropic-ratelimit-conformance",
            "error.headers@wait": "retry-after",
            "error.headers@id": "request-id",
        }.get(self.gateway.fault)
        lost = (lost, lost and lost.replace("anthropic-", "x-"))  # as OpenAI calls it
        return [each for each in kept if each[0] not in lost]

    def fill(self):
        """Between two events of the checks there are; nothing where it would be inside of one."""
        if self.has("stream.keepalive") or self.path.startswith("/model/") or self.is_array:
            return
        well, wrong = dialects.FILLS[self.dialect]
        fill = wrong if self.has("stream.keepalive@kind") else well
        self.client.send(b"%x\r\n%s\r\n" % (len(fill), fill))

    def whole(self, upstream, status, fields):
        body = upstream.exactly(int(field(fields, "content-length") or 0))
        if self.has("error.body") and status >= 400:
            body = envelope("api_error", "the provider says: " + body.decode())
        if self.has("error.body@blanks") and status >= 400:
            body = json.dumps(json.loads(body)).encode()
        if self.has("count_tokens.true@none") and "count" in self.path and status == 404:
            return self.answer(200, b'{"input_tokens":0}')
        if self.has("error.status") and status == 413:
            status = 400
        if self.has("error.status@missing") and status == 404 and "count" not in self.path:
            status = 400
        if self.has("error.retryable") and status == 503 and b"Service unavailable" in body:
            status = 500
        if status == 200:
            body = dialects.changed_answer(self.gateway.fault, body)
        self.answer(status, body, **dict(self.returned(fields)))

    def stream(self, upstream, status, fields):
        head = f"HTTP/1.1 {status} Said\r\ntransfer-encoding: chunked\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.returned(fields))
        client = self.client
        client.send(head.encode() + b"\r\n")
        changes = Changes(self.gateway.fault, self.dialect, self.is_array)
        try:
            while part := self.watched(upstream, upstream.chunk, self.fill):
                if data := changes.change(part):
                    client.send(b"%x\r\n%s\r\n" % (len(data), data))
        except Gone as gone:
            by_reset = isinstance(gone.__cause__, ConnectionResetError)
            is_hidden = self.has("stream.truncated", "stream.truncated@stop") or (
                self.has("stream.truncated@reset") and by_reset
            )
            if self.client_gone() or not is_hidden:
                client.close(hard=True)
                raise
            if self.has("stream.truncated@stop"):
                changes.held = dialects.ENDS[self.dialect]
        if data := changes.end():
            client.send(b"%x\r\n%s\r\n" % (len(data), data))
        client.send(b"0\r\n\r\n")


class Changes:
    """What a fault does to a stream."""

    def __init__(self, fault, dialect, is_array):
        self.fault = fault
        self.is_array = is_array
        self.held = b""
        self.dialect_events = dialects.Events(fault, dialect)

    def change(self, data):
        if self.fault == "stream.incremental":
            self.held += data
            return b""
        if self.fault == "stream.utf8":
            return data.decode(errors="replace").encode()
        if self.fault == "bedrock.stream":
            return data.replace(b'"p":"abcd"', b'"p":"abce"')
        if self.fault == "stream.array":  # its brackets are lost
            return data[1:] if self.is_array and data.startswith(b"[") else data
        by_event = "stream.bytes stream.bytes@lines vertex.stream stream.ping stream.comment"
        begins = ("stream.error", *dialects.BY_EVENT)
        if self.fault not in by_event.split() and not (self.fault or "").startswith(begins):
            return data
        self.held += data
        out = b""
        while (end := self.held.find(b"\n\n")) >= 0:
            out += self.event(self.held[: end + 2])
            self.held = self.held[end + 2 :]
        return out

    def end(self):
        held, self.held = self.held, b""
        return held

    def event(self, event):
        if self.fault in ("stream.bytes", "vertex.stream"):  # a blank that a parser forgets
            event = event.replace(b"event:content", b"event: content")
            return event.replace(b"data:{ ", b"data: { ")
        if self.fault == "stream.ping":
            return b"" if event.startswith(b"event: ping") else event
        if self.fault == "stream.comment":
            return b"" if event.startswith(b":") else event
        if self.fault == "stream.bytes@lines":
            return event.replace(b"\r\n", b"\n")
        if b"Conformance" in event and self.fault.startswith("stream.error"):
            event = event.replace(b"overloaded", b"api").replace(b"UNAVAILABLE", b"INTERNAL")
            return b"" if self.fault == "stream.error@gone" else event
        return self.dialect_events.event(event)
