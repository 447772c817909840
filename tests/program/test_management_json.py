"""The management API as JSON, over the relay's Unix socket: what it tells is what the contract says,
and what it does is seen by clients and providers."""

import json
import urllib.parse

import harness
from managing import UnixConnection, over_socket
from proto_json import Contract
from provider import FakeProvider
from serving import serving

# Where the calls of the contract are; FP and ID are found first.
GETS = {
    "GetServerInfo": "/info",
    "GetStatus": "/status?history_seconds=5",
    "ListProviders": "/providers",
    "GetProvider": "/providers/one",
    "ListKeys": "/keys",
    "GetKey": "/keys/FP",
    "ListClients": "/clients",
    "GetClient": "/clients/anonymous",
    "ListRequests": "/requests?ended=true",
    "GetRequest": "/requests/ID",
    "QueryUsage": "/usage:query?group_by=USAGE_DIMENSION_PROVIDER&interval=USAGE_INTERVAL_DAY",
    "ListUsageRecords": "/usage/records",
    "GetConfig": "/config",
    "GetLogLevel": "/log-level",
}
POSTS = {
    "DrainProvider": "/providers/one:drain",
    "DisableProvider": "/providers/one:disable",
    "EnableProvider": "/providers/one:enable",
    "ResetBreaker": "/providers/one:reset-breaker",
    "DisableKey": "/keys/FP:disable",
    "EnableKey": "/keys/FP:enable",
    "ResetKey": "/keys/FP:reset",
    "CancelRequest": "/requests/ID:cancel",
    "ValidateConfig": "/config:validate",
    "ReloadConfig": "/config:reload",
    "SetLogLevel": "/log-level",
}
STREAMS = {
    "WatchRequests": "/requests:watch?include_existing=true",
    "WatchStatus": "/status:watch?history_seconds=5",
    "WatchLogs": "/logs:watch?tail=10",
}


class ManagementJson(harness.Program):
    def setUp(self):
        super().setUp()
        self.one, self.two = FakeProvider(self), FakeProvider(self)
        self.socket = str(self.runtime / "manage.sock")
        key = 'keys = [{ key = "${PROVIDER_KEY}" }]'
        self.relay = serving(
            self,
            ("one", "anthropic", self.one.url, key),
            ("two", "anthropic", self.two.url, 'keys = [{ key = "sk-of-two" }]'),
            more=f'[manage]\nsocket = "{self.socket}"\n'
            f'[ledger]\nenabled = true\npath = "{self.scratch / "usage.db"}"\n',
        )
        self.texts = []

    def tearDown(self):
        for text in self.texts:
            self.assertNotIn(harness.PROVIDER_KEY, text)
            self.assertNotIn("sk-of-two", text)

    def call(self, method, path, body=None, status=200, kind="application/json", accept="*/*"):
        sent = json.dumps(body) if isinstance(body, dict) else body
        kind = kind if method == "POST" else None
        answer = over_socket(
            self.socket, method, "/api/v1" + path, sent, content_type=kind, accept=accept
        )
        text = answer.text
        self.texts.append(text)
        self.assertEqual(answer.status, status, text)
        return text

    def get(self, path):
        return json.loads(self.call("GET", path))

    def post(self, path, body=None):
        return json.loads(self.call("POST", path, body or {}))

    def asked(self):
        """Which provider gets a request that a client makes now."""
        before = [len(each.requests) for each in (self.one, self.two)]
        self.assertEqual(self.relay.ask().status, 200)
        after = [len(each.requests) for each in (self.one, self.two)]
        return [name for name, a, b in zip(("one", "two"), before, after) if b > a]

    def named(self, path):
        fingerprint = self.get("/providers/one")["provider"]["keys"][0]
        request = self.get("/requests?ended=true")["requests"][0]["id"]
        request = urllib.parse.quote(request)
        return path.replace("/FP", f"/{fingerprint}").replace("/ID", f"/{request}")

    def test_every_message_is_read_by_the_library_of_protobuf(self):
        contract = Contract(self)
        self.assertEqual(self.asked(), ["one"])
        for service in contract.services():
            for method in service.methods:
                name, answer = method.name, method.output_type.name
                with self.subTest(name):
                    if name in GETS:
                        contract.read(answer, self.call("GET", self.named(GETS[name])))
                    elif name in STREAMS:
                        self.read_stream(contract, STREAMS[name], answer)
                    else:
                        contract.read(answer, self.call("POST", self.named(POSTS[name]), {}))

    def read_stream(self, contract, path, answer):
        connection = UnixConnection(self.socket)
        connection.request("GET", "/api/v1" + path)
        stream = connection.getresponse()
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.headers["content-type"], "text/event-stream")
        line = stream.readline().decode()
        self.assertEqual(line[:6], "data: ")
        contract.read(answer, line[6:])
        self.assertEqual(stream.readline(), b"\n")
        connection.close()

    def test_what_is_disabled_gets_nothing(self):
        self.assertEqual(self.asked(), ["one"])
        done = self.post("/providers/one:disable", {"reason": "so", "ttl_ms": 3_600_000})
        self.assertTrue(done["changed"])
        self.assertEqual(done["provider"]["admin_override"]["reason"], "so")
        self.assertEqual(self.asked(), ["two"])
        told = {each["name"]: each["active"] for each in self.relay.get("/v1/providers").json["data"]}
        self.assertEqual(told, {"one": False, "two": True})
        state = self.get("/providers/one")["provider"]["admin_state"]
        self.assertEqual(state, "ADMIN_STATE_DISABLED")
        self.assertTrue(self.post("/providers/one:enable")["changed"])
        self.assertEqual(self.asked(), ["one"])

    def test_a_stream_is_told_and_cancelled(self):
        connection = UnixConnection(self.socket)
        connection.request("GET", "/api/v1/requests:watch?kinds=REQUEST_EVENT_KIND_ENDED")
        watch = connection.getresponse()
        self.assertIn('"synced"', watch.readline().decode())
        watch.readline()
        client = self.relay.stream()
        running = self.get("/requests?filter.providers=one")["requests"]
        self.assertEqual([each["state"] for each in running], ["REQUEST_STATE_STREAMING"])
        done = self.post(f"/requests/{running[0]['id']}:cancel", {"reason": "runaway"})
        self.assertTrue(done["changed"])
        self.assertEqual(client.read()[-1], "error")
        self.assertIn("runaway", client.text)
        ended = json.loads(watch.readline().decode()[6:])["ended"]
        self.assertEqual((ended["id"], ended["ending"]), (running[0]["id"], "ENDING_OPERATOR"))
        connection.close()

    def test_what_was_used_is_told_as_json_and_as_csv(self):
        for _ in range(3):
            self.assertEqual(self.asked(), ["one"])
        by_provider = "/usage:query?group_by=USAGE_DIMENSION_PROVIDER"
        while (usage := self.get(by_provider))["total"]["requests"] < 3:
            pass
        self.assertEqual([row["group"] for row in usage["rows"]], [["one"]])
        self.assertEqual(usage["total"]["usage"]["output_tokens"], 6)
        csv = self.call("GET", by_provider, accept="text/csv").splitlines()
        self.assertEqual(csv[0][:31], "start_time,provider,requests,fa")
        self.assertEqual(csv[1][:10], ",one,3,0,0")
        first = self.get("/usage/records?page_size=2")
        rest = self.get(f"/usage/records?page_size=2&page_token={first['next_page_token']}")
        told = [each["provider"] for each in first["records"] + rest["records"]]
        self.assertEqual((told, rest["next_page_token"]), (["one"] * 3, ""))
        csv = self.call("GET", "/usage/records", accept="text/csv").splitlines()
        self.assertEqual((csv[0][:14], len(csv)), ("id,request_id,", 4))

    def test_a_configuration_is_checked_as_it_is(self):
        text = "[routing]\nstrategy = 7\n"
        told = json.loads(self.call("POST", "/config:validate", text, kind="application/toml"))
        self.assertEqual((told["valid"], told["diagnostics"][0]["line"]), (False, 2))
        self.assertEqual(self.post("/config:validate", {"toml": text}), told)

    def test_mistakes_are_named(self):
        for method, path, body, status, word in (
            ("GET", "/nothing", None, 404, "NOT_FOUND"),
            ("GET", "/providers/three", None, 404, "three"),
            ("GET", "/status?history=3", None, 400, "history"),
            ("POST", "/providers/one:disable", {"ttl": 3}, 400, "ttl"),
            ("POST", "/providers/one:disable", {"ttl_ms": "x"}, 400, "ttl_ms"),
            ("POST", "/status", {}, 405, "GET"),
        ):
            with self.subTest(path):
                self.assertIn(word, self.call(method, path, body, status))
        self.assertEqual(self.asked(), ["one"])
