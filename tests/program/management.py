"""A relay's management as `cc-relay top` sees it: the JSON API on a Unix socket or on TCP, played by this
program. Its messages have every field that management.proto has for them, as proto JSON: names as there,
numbers as numbers, enums by name, times as RFC 3339, what is absent null."""

import copy
import http.server
import json
import socketserver
import threading
import urllib.parse

NOON = "2026-11-25T12:04:31Z"


def usage(**more):
    return {
        "input_tokens": 0,
        "output_tokens": 0,
        "cache_write_tokens": 0,
        "cache_read_tokens": 0,
        "cache_write_1h_tokens": 0,
        "web_searches": 0,
        **more,
    }


def cost(nano_usd=0):
    return {"nano_usd": nano_usd, "unpriced_requests": 0, "client_paid_nano_usd": 0}


def totals(requests=0, failed=0, dollars=0, **tokens):
    return {
        "requests": requests,
        "failed": failed,
        "client_gone": 0,
        "retried": 0,
        "attempts": requests,
        "usage": usage(**tokens),
        "cost": cost(round(dollars * 1e9)),
        "partial": 0,
        "without_usage": 0,
    }


def provider(name, **more):
    return {
        "name": name,
        "type": "anthropic",
        "base_url": f"https://{name}.example",
        "models": [],
        "priority": 0,
        "weight": 1,
        "admin_state": "ADMIN_STATE_ENABLED",
        "admin_override": None,
        "health": "PROVIDER_HEALTH_OK",
        "breaker": {
            "state": "BREAKER_STATE_CLOSED",
            "failures": 0,
            "failure_threshold": 5,
            "half_open_in_ms": None,
            "opened": 0,
        },
        "in_flight": 0,
        "in_flight_limit": 0,
        "conversations": 0,
        "first_byte_us": None,
        "totals": totals(),
        "outcomes": [],
        "failure_ratio": None,
        "last_error": None,
        "keys": [],
        "identity": None,
        **more,
    }


def key(fingerprint, *providers, **more):
    return {
        "fingerprint": fingerprint,
        "providers": list(providers),
        "state": "KEY_STATE_OK",
        "admin_state": "ADMIN_STATE_ENABLED",
        "admin_override": None,
        "cool_downs": [],
        "refused_until": None,
        "in_flight": 0,
        "in_flight_limit": 0,
        "budgets": [],
        "plan_windows": [],
        "totals": totals(),
        "last_error": None,
        "last_used_time": None,
        **more,
    }


def budget(kind, used, limit):
    return {
        "kind": kind,
        "used": used,
        "limit": limit,
        "provider_limit": None,
        "provider_remaining": None,
        "provider_reset_time": None,
        "free_in_ms": 0,
    }


def client(name, **more):
    return {
        "name": name,
        "kind": "CLIENT_KIND_CONFIGURED",
        "in_flight": 0,
        "budgets": [],
        "totals": totals(),
        "today": None,
        "month": None,
        "allowed_models": [],
        "allowed_providers": [],
        "limited": 0,
        "last_seen_time": None,
        **more,
    }


def request(id, **more):
    return {
        "id": id,
        "request_id": f"req_{id}",
        "session": "",
        "client": "alice",
        "client_address": "127.0.0.1:51442",
        "method": "POST",
        "path": "/v1/messages",
        "model": "claude-sonnet-5-5",
        "model_sent": "claude-sonnet-5-5",
        "stream": True,
        "state": "REQUEST_STATE_STREAMING",
        "provider": "anthropic",
        "key": "5f1c0a9e",
        "attempt_count": 1,
        "start_time": NOON,
        "duration_us": 400_000,
        "first_byte_us": 300_000,
        "request_bytes": 41_000,
        "response_bytes": 18_000,
        "usage": usage(output_tokens=812),
        "cost": cost(),
        "status": 200,
        "ending": "ENDING_UNSPECIFIED",
        "error": "",
        "attempts": [],
        "trace": [],
        "traced": False,
        "pings": 0,
        **more,
    }


def attempt(number, provider, **more):
    return {
        "number": number,
        "provider": provider,
        "key": "5f1c0a9e",
        "model": "claude-sonnet-5-5",
        "outcome": "OUTCOME_UNSPECIFIED",
        "status": 0,
        "detail": "",
        "start_us": 100,
        "connect_us": 0,
        "first_byte_us": None,
        "duration_us": None,
        **more,
    }


def log_line(event, message, level="INFO"):
    return {
        "line": {
            "time": NOON,
            "level": f"LOG_LEVEL_{level}",
            "event": event,
            "message": message,
            "id": "",
            "request_id": "",
            "fields": {},
        }
    }


def idle_status():
    latency = {"count": 0, "p50_us": 0, "p90_us": 0, "p99_us": 0}
    return {
        "time": NOON,
        "state": "SERVER_STATE_SERVING",
        "uptime_ms": 3_600_000,
        "in_flight": 0,
        "streaming": 0,
        "rates": {
            "requests_per_second": 0,
            "failures_per_second": 0,
            "input_tokens_per_second": 0,
            "output_tokens_per_second": 0,
        },
        "totals": totals(),
        "today": None,
        "first_byte": dict(latency),
        "total": dict(latency),
        "history": [],
        "process": {
            "rss_bytes": 22_020_096,
            "cpu_ms": 1000,
            "client_connections": 0,
            "upstream_idle_connections": 0,
            "buffered_body_bytes": 0,
            "loop_lag_max_us": 400,
            "subscribers": 1,
            "events_dropped": 0,
        },
        "providers": {"configured": 2, "available": 2, "broken": 0, "limited": 0, "disabled": 0},
        "config_generation": 1,
    }


def info(start_time="2026-11-25T11:04:31Z", role="OPERATOR"):
    return {
        "name": "cc-relay",
        "version": "0.3.0",
        "api_revision": 1,
        "start_time": start_time,
        "pid": 4242,
        "hostname": "here",
        "workers": 1,
        "listen_addresses": ["127.0.0.1:8787"],
        "management_addresses": [],
        "config_source": "/etc/cc-relay/config.toml",
        "config_load_time": start_time,
        "config_generation": 1,
        "features": ["ledger"],
        "caller": {"name": "uid:1000", "role": f"ROLE_{role}"},
        "ledger_path": "/var/lib/cc-relay/usage.db",
    }


class Management:
    """`place` is a path, or None for a port of its own. What is told is in `info`, `status`, `providers`,
    `keys`, `clients`, `running`, `ended`; change it within change(), which tells every stream. Orders
    are kept in `orders`, each (path, body), and answered with `answers` of that path or as done."""

    def __init__(self, test, place, token=None):
        self.test, self.place, self.token = test, place, token
        self.changed = threading.Condition()
        self.info, self.status = info(), idle_status()
        self.providers = [provider("anthropic", keys=["5f1c0a9e"]), provider("zai")]
        self.keys = [key("5f1c0a9e", "anthropic")]
        self.clients = [client("alice")]
        self.running, self.ended = [], []
        self.log = []
        self.level = "LOG_LEVEL_INFO"
        self.orders, self.answers, self.asked = [], {}, []
        self.events = []  # of requests, for streams that are open
        self.refusal = None  # (status, code, message) for everybody
        self._server = None
        self.start()
        test.addCleanup(self.stop)

    # ---- being there

    def start(self):
        outer = self

        class Handler(_Handler):
            management = outer

        if self.place is None:
            server = _TcpServer(("127.0.0.1", 0), Handler)
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
        else:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            if self.place.exists():
                self.place.unlink()
            server = _UnixServer(str(self.place), Handler)
        self.generation = object()
        self._server = server
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def stop(self):
        if self._server is None:
            return
        server, self._server = self._server, None
        with self.changed:
            self.generation = None  # streams end
            self.changed.notify_all()
        server.shutdown()
        server.server_close()
        if self.place is not None:
            self.place.unlink(missing_ok=True)

    # ---- what is told

    def change(self, **members):
        with self.changed:
            for name, value in members.items():
                setattr(self, name, value)
            self.changed.notify_all()

    def set_status(self, **members):
        with self.changed:
            self.status.update(members)
            self.changed.notify_all()

    def happen(self, **event):
        """Something about a request, to every stream of requests that is open."""
        with self.changed:
            self.events.append({"sequence": len(self.events) + 1, "time": NOON, **event})
            self.changed.notify_all()

    def say(self, line):
        with self.changed:
            self.log.append(line)
            self.changed.notify_all()

    def order(self, path):
        """The body of the next order at that path, once it is there; it is taken from `orders`."""
        with self.changed:
            while not (found := [each for each in self.orders if each[0] == path]):
                self.changed.wait()
            self.orders.remove(found[0])
            return found[0][1]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "cc-relay/0.3.0", ""
    management = None

    def log_message(self, *_):
        pass

    def address_string(self):
        return "client"

    def do_GET(self):
        path, query = self._asked()
        if path is None:
            return
        relay = self.management
        if path.endswith(":watch"):
            return self._watch(path, query)
        with relay.changed:
            answer = self._found(path, query)
        if answer is None:
            return self._refuse(404, "NOT_FOUND", f"there is no {path}")
        self._answer(200, answer)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _ = self._asked()
        if path is None:
            return
        relay = self.management
        if self.headers.get("content-type") != "application/json":
            return self._refuse(400, "INVALID_ARGUMENT", "a body of JSON is needed")
        with relay.changed:
            relay.orders.append((path, json.loads(body)))
            answer = relay.answers.get(path, {"changed": True, "warnings": []})
            relay.changed.notify_all()
        if isinstance(answer, tuple):
            return self._refuse(*answer)
        self._answer(200, answer)

    def _asked(self):
        relay = self.management
        address = urllib.parse.urlsplit(self.path)
        with relay.changed:
            relay.asked.append(self.path)
            refusal = relay.refusal
        if refusal is None and relay.token is not None:
            if self.headers.get("authorization") != f"Bearer {relay.token}":
                refusal = (401, "UNAUTHENTICATED", "a token is needed")
        if refusal is None and not address.path.startswith("/api/v1/"):
            refusal = (404, "NOT_FOUND", "no such page")
        if refusal is not None:
            self._refuse(*refusal)
            return None, None
        path = urllib.parse.unquote(address.path.removeprefix("/api/v1"))
        return path, urllib.parse.parse_qs(address.query)

    def _found(self, path, query):
        relay = self.management
        if path == "/info":
            return {"info": relay.info}
        if path == "/status":
            return {"status": relay.status}
        if path in ("/providers", "/keys", "/clients"):
            return _page(path[1:], getattr(relay, path[1:]), query)
        if path == "/requests":
            ended = query.get("ended") == ["true"]
            return _page("requests", relay.ended if ended else relay.running, query)
        if path.startswith("/requests/"):
            for each in relay.running + relay.ended:
                if each["id"] == path.rsplit("/", 1)[1]:
                    return {"request": each}
        if path == "/log-level":
            return {
                "level": relay.level,
                "configured_level": "LOG_LEVEL_INFO",
                "expire_time": None,
            }
        return None

    def _watch(self, path, query):
        relay = self.management
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        tell = {"/status:watch": self._tell_status, "/requests:watch": self._tell_requests}
        try:
            tell.get(path, self._tell_log)(relay.generation, query)
        except OSError:
            pass  # it has gone

    def _send(self, message):
        self.wfile.write(b"data: " + json.dumps(message).encode() + b"\n\n")

    def _each(self, generation, told):
        """What `told` lists, as it grows, until the relay ends or the client does."""
        relay = self.management
        sent = 0
        while True:
            with relay.changed:
                while relay.generation is generation and len(told()) == sent:
                    if not relay.changed.wait(1):
                        break
                if relay.generation is not generation:
                    return
                messages = copy.deepcopy(told()[sent:])
            if not messages:
                self.wfile.write(b": \n\n")  # finds out whether anybody reads
            for each in messages:
                self._send(each)
            sent += len(messages)

    def _tell_requests(self, generation, query):
        relay = self.management
        with relay.changed:
            first = len(relay.events)
            messages = [
                {"sequence": 0, "time": NOON, "existing": each}
                for each in (relay.running if query.get("include_existing") == ["true"] else [])
            ]
            messages.append({"sequence": 0, "time": NOON, "synced": {"existing": len(messages)}})
        for each in messages:
            self._send(each)
        self._each(generation, lambda: relay.events[first:])

    def _tell_log(self, generation, query):
        relay = self.management
        self._each(generation, lambda: relay.log)

    def _tell_status(self, generation, query):
        relay = self.management
        interval = int(query.get("interval_ms", ["1000"])[0]) / 1000
        while True:
            with relay.changed:
                if relay.generation is not generation:
                    return
                status = copy.deepcopy(relay.status)
            self._send({"status": status})
            with relay.changed:
                if relay.generation is generation:
                    relay.changed.wait(interval)

    def _answer(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status, code, message):
        self._answer(status, {"error": {"code": code, "message": message}})


def _page(name, items, query):
    size = int(query.get("page_size", ["100"])[0])
    first = int(query.get("page_token", ["0"])[0])
    rest = first + size < len(items)
    return {
        name: items[first : first + size],
        "next_page_token": str(first + size) if rest else "",
    }


class _Threads(socketserver.ThreadingMixIn):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass  # a client that has gone


class _UnixServer(_Threads, socketserver.UnixStreamServer):
    request_queue_size = 64


class _TcpServer(_Threads, socketserver.TCPServer):
    request_queue_size = 64
    allow_reuse_address = True
