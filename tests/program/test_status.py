"""status: is there a relay at the configured address?"""

import datetime
import http.server
import json
import re
import signal
import socket

from harness import RELAY_KEY, Program
from loopback import Server
from provider import FakeProvider
from serving import Serving, config, message, reserved_port

ESCAPES = "\x1b[2J\x9b31m\u202e"


class Hostile:
    """Says of itself that it is a relay, and more."""

    def __init__(self, test, data=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answers = {
                    "/health": {"status": "ok" + ESCAPES},
                    "/": {"name": "cc-relay", "version": "0.1.0" + ESCAPES},
                }
                said = answers.get(
                    self.path.split("?")[0],
                    {
                        "status": "serving",
                        "why": ESCAPES,
                        "relay": {"version": ESCAPES, "configuration": ESCAPES, "listen": [ESCAPES]},
                        "data": data
                        or [
                            {
                                "name": ESCAPES,
                                "status": ESCAPES,
                                "keys": [{"key": ESCAPES, "name": ESCAPES, "state": ESCAPES}],
                                "last_error": {"time": ESCAPES, "message": ESCAPES},
                            }
                        ],
                    },
                )
                body = json.dumps(said, ensure_ascii=False).encode("utf-8")
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = Server(test, Handler)
        server.begin()
        self.address = server.address


class Status(Program):
    def configured(self, listen):
        """Who asks has another file than the relay, which would read it again."""
        return self.write("asks.toml", f'[server]\nlisten = "{listen}"\n')

    def status(self, *words, **options):
        done = self.run_relay("status", *words, **options)
        self.assertIn(done.code, (0, 1), done)
        return done

    def test_a_running_relay(self):
        relay = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        file = self.configured(relay.address)
        done = self.status("--config", file)
        self.assertEqual((done.code, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "serving")
        self.assertRegex(lines[1], rf"^cc-relay 0\.1\.0 on {re.escape(relay.url)}, up \d+ s$")
        self.assertEqual(lines[2], "configuration: built in")
        self.assertEqual(lines[3].split(), "PROVIDER IN FLIGHT FIRST BYTE STATE".split())
        self.assertRegex(lines[4], r"^demo +0 +- +ok$")
        done = self.status("--json", "--config", file)
        self.assertEqual((done.code, done.stderr), (0, ""))
        said = json.loads(done.stdout)
        providers, about = said.pop("providers"), said.pop("relay")
        self.assertEqual(
            said,
            {"running": True, "listen": relay.address, "status": "serving", "why": "", "health": "ok"},
        )
        self.assertEqual(about["listen"], [relay.address])
        self.assertEqual([each["name"] for each in providers], ["demo"])
        self.assertEqual(providers[0]["breaker"], {"state": "closed", "failures": 0})
        for words in (["--quiet"], ["-q"]):
            self.assert_ends(self.run_relay("status", *words, "--config", file), 0)

    def test_the_configuration_and_an_unread_state_are_told(self):
        file = self.write("served.toml", config(None))
        relay = Serving(self, "--config", file)
        here = self.configured(relay.address)
        self.assertIn(f"configuration: {file}\n", self.status("--config", here).stdout)

    def test_providers_in_trouble_are_told_in_words(self):
        limited, down, well = FakeProvider(self), FakeProvider(self), FakeProvider(self)
        limited.failure = (429, {"retry-after": "30"})
        down.failure = (500, {})
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "127.0.0.1:0"\n[health.circuit_breaker]\nfailure_threshold = 1\n'
            + "".join(
                f'[[providers]]\nname = "{name}"\ntype = "anthropic"\n'
                f'base_url = "{fake.url}"\n[[providers.keys]]\nkey = "sk-{name}"\n'
                f'name = "team-{name}"\n'
                for name, fake in (("limited", limited), ("down", down), ("well", well))
            ),
        )
        relay = Serving(self, "--config", file)
        here = self.configured(relay.address)
        self.assertEqual(relay.ask().status, 200)
        done = self.status("--config", here)
        self.assertEqual(done.code, 0)
        left_out = r"left out \d+ s more after 1 failure: answered 500"
        self.assertRegex(done.stdout, rf"\Adegraded: limited: .*; down: {left_out}\n")
        self.assertRegex(done.stdout, rf"(?m)^down +0 +- +{left_out}$")
        self.assertRegex(
            done.stdout, r"(?m)^  key team-limited \([0-9a-f]{8}\): cooling, \d+ s more for \S+$"
        )
        self.assertRegex(done.stdout, r"(?m)^  key team-well \([0-9a-f]{8}\): ok$")
        self.assertRegex(
            done.stdout, r"(?m)^  last error \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: answered 500$"
        )
        well.failure = (500, {})
        relay.ask()
        done = self.status("--config", here)
        self.assertEqual(done.code, 1)
        self.assertRegex(done.stdout, r"\Anot serving: ")
        self.assert_ends(self.run_relay("status", "--quiet", "--config", here), 1)

    def test_a_provider_that_comes_back_has_no_failures(self):
        back, well = FakeProvider(self), FakeProvider(self)
        back.failure = (500, {})
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "127.0.0.1:0"\n[health.health_check]\nenabled = false\n'
            "[health.circuit_breaker]\nfailure_threshold = 1\nopen_duration_ms = 1\n"
            + "".join(
                f'[[providers]]\nname = "{name}"\ntype = "anthropic"\n'
                f'base_url = "{fake.url}"\n[[providers.keys]]\nkey = "sk-{name}"\n'
                for name, fake in (("back", back), ("well", well))
            ),
        )
        relay = Serving(self, "--config", file)
        relay.ask()
        back.failure = None
        while len(back.seen) < 2:
            relay.ask(text=f"another conversation, after {len(well.seen)}")
        said = self.status("--config", self.configured(relay.address)).stdout
        words = "let in again, trusted after a few more good answers"
        self.assertRegex(said, rf"\Adegraded: back: {words}\n")

    def test_where_identities_come_from_and_what_is_wrong_with_them(self):
        then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=10)
        expiration = then.strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = {"Version": 1, "AccessKeyId": "id", "SecretAccessKey": "s", "Expiration": expiration}
        printed = self.write("keys.json", json.dumps(keys))
        self.write(
            self.home / ".aws" / "config",
            "[profile broken]\ncredential_process = false\n"
            f"[profile good]\ncredential_process = cat {printed}\n",
        )
        provider = FakeProvider(self)
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "127.0.0.1:0"\n'
            + "".join(
                f'[[providers]]\nname = "{name}"\ntype = "bedrock"\nbase_url = "{provider.url}"\n'
                f'aws_region = "eu-west-1"\naws_profile = "{name}"\n'
                for name in ("broken", "good")
            ),
        )
        relay = Serving(self, "--config", file)
        here = self.configured(relay.address)
        said = self.status("--config", here).stdout
        self.assertRegex(said, r"(?m)^broken +0 +- +ok\n  identity$")
        self.assertEqual(relay.ask().status, 200)
        said = self.status("--config", here).stdout
        source = r'identity of profile "{0}" \(aws_profile\)'
        self.assertRegex(
            said,
            r"(?m)^broken +0 +- +its cloud gives the relay no identity: .* ended with status 1;.*\n"
            rf"  {source.format('broken')} failed: .* ended with status 1;",
        )
        # Ten hours, less what the test has taken: a minute at most.
        self.assertRegex(said, rf"(?m)^good +0 .*\n  {source.format('good')}, 59[89] min left$")

    def test_nobody_is_sent_to_a_base_url_for_want_of_an_identity(self):
        address = f"127.0.0.1:{reserved_port(self)}"
        file = self.write(
            "relay.toml",
            '[server]\nlisten = "127.0.0.1:0"\n[[providers]]\nname = "cloud"\ntype = "bedrock"\n'
            f'base_url = "{FakeProvider(self).url}"\naws_region = "eu-west-1"\n',
        )
        env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{address}/identity"}
        relay = Serving(self, "--config", file, env=env)
        said = relay.ask().json["error"]["message"]
        self.assertRegex(said, f"could not be reached: cannot connect to {address}: Connection refused")
        self.assertNotIn("base_url", said)

    def test_no_relay(self):
        address = f"127.0.0.1:{reserved_port(self)}"
        file = self.configured(address)
        why = f"no relay answers: {address}: Connection refused"
        self.assert_ends(
            self.run_relay("status", "--config", file), 1, stdout=f"not serving: {why}\n"
        )
        self.assert_ends(
            self.run_relay("status", "--json", "--config", file),
            1,
            stdout=f'{{"running":false,"listen":"{address}","status":"not serving","why":"{why}"}}\n',
        )
        self.assert_ends(self.run_relay("status", "--quiet", "--config", file), 1)

    def test_something_else_on_the_port(self):
        provider = FakeProvider(self)
        address = f"127.0.0.1:{provider.port}"
        done = self.run_relay("status", "--json", "--config", self.configured(address))
        self.assertEqual(done.code, 1, done)
        said = json.loads(done.stdout)
        self.assertEqual(said["running"], False)
        self.assertIn(
            f"{address}: what answers there is not cc-relay "
            f'(it answered 404, by the name of "{provider.name}")',
            said["why"],
        )

    def test_a_relay_that_hangs_is_said_to(self):
        relay = Serving(self, "--demo", "--listen", "127.0.0.1:0")
        relay.signal(signal.SIGSTOP)
        try:
            done = self.run_relay("status", "--config", self.configured(relay.address))
        finally:
            relay.signal(signal.SIGCONT)
        self.assertEqual(done.code, 1, done)
        self.assertIn("does not answer within 5 s; it hangs or is stopped", done.stdout)

    def test_a_first_byte_is_told_however_soon_it_came(self):
        data = [
            {"name": "beside", "status": "ok", "first_byte_ms": 0},
            {"name": "far", "status": "ok", "first_byte_ms": 640},
            {"name": "unasked", "status": "ok"},
        ]
        told = Hostile(self, data)
        done = self.status("--config", self.configured(told.address))
        cells = [re.split(r"  +", line) for line in done.stdout.splitlines()[-3:]]
        self.assertEqual([row[2] for row in cells], ["< 1 ms", "640 ms", "-"], done.stdout)

    def test_nothing_of_what_answers_moves_the_cursor(self):
        hostile = Hostile(self)
        done = self.run_relay("status", "--config", self.configured(hostile.address))
        self.assertNotRegex(done.stdout + done.stderr, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        done = self.run_relay("status", "--json", "--config", self.configured(hostile.address))
        self.assertNotRegex(done.stdout + done.stderr, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        json.loads(done.stdout)

    def test_a_relay_that_wants_another_key_is_asked_whether_it_is_ready(self):
        file = self.write("relay.toml", '[server.auth]\napi_key = "k"\n')
        # Another user's: one's own tells its token.
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        env = {"XDG_RUNTIME_DIR": str(elsewhere)}
        relay = Serving(self, "--demo", "--config", file, "--listen", "127.0.0.1:0", env=env)
        done = self.run_relay("status", "--config", self.configured(relay.address))
        self.assertEqual(done.code, 0)
        self.assertEqual(done.stdout, f"serving\ncc-relay on {relay.address}\n")
        said = "answered 401 when asked for its providers; "
        self.assertIn(f"{said}it asks for a token: give it with --token-file FILE\n", done.stderr)
        token = self.write("token", "wrong")
        done = self.run_relay("--url", relay.url, "--token-file", token, "status")
        self.assertIn(f"{said}it does not take this token: ", done.stderr)

    def test_its_own_user_sees_all_without_the_relays_key(self):
        down, well = FakeProvider(self), FakeProvider(self)
        down.failure = (500, {})
        manage = f'[manage]\nsocket = "{self.folder}/manage.sock"\n'
        file = self.write(
            "relay.toml",
            f'[server]\nlisten = "127.0.0.1:0"\n[server.auth]\napi_key = "{RELAY_KEY}"\n{manage}'
            "[health.circuit_breaker]\nfailure_threshold = 1\n"
            + "".join(
                f'[[providers]]\nname = "{name}"\ntype = "anthropic"\n'
                f'base_url = "{fake.url}"\npriority = {priority}\n'
                f'[[providers.keys]]\nkey = "sk-{name}"\nname = "team-{name}"\n'
                for name, fake, priority in (("down", down, 2), ("well", well, 1))
            ),
        )
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        relay = Serving(self, "--config", file, env={"XDG_RUNTIME_DIR": str(elsewhere)})
        asked = relay._request(
            "POST", "/v1/messages", message(), {"x-api-key": RELAY_KEY}
        )
        self.assertEqual((asked.status, len(down.seen), len(well.seen)), (200, 1, 1))
        here = self.configured(relay.address)
        self.assertIn("answered 401", self.status("--config", here).stderr)
        here.write_text(here.read_text() + manage)
        done = self.status("--config", here)
        self.assertEqual((done.code, done.stderr), (0, ""))
        left_out = r"left out \d+ s more after 1 failure: [^\n]*500[^\n]*"
        self.assertRegex(
            done.stdout,
            rf"\Adegraded: down: {left_out}\ncc-relay 0\.1\.0 on {re.escape(relay.url)}, up \d+ s\n"
            rf"configuration: {file}\nPROVIDER [^\n]*\n"
            rf"down +0 +- +{left_out}\n  key team-down \([0-9a-f]{{8}}\): ok\n"
            r"  last error \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: [^\n]*500[^\n]*\n"
            r"well +0 +\S[^\n]* ms +ok\n  key team-well \([0-9a-f]{8}\): ok\n\Z",
        )
        told = json.loads(self.status("--json", "--config", here).stdout)
        self.assertEqual((told["running"], told["status"], told["health"]), (True, "degraded", "ok"))
        self.assertEqual([each["health"] for each in told["providers"]], ["open", "ok"])
        self.assertEqual(told["relay"]["configuration"], str(file))

    def test_a_relay_that_stops_is_looked_at_when_its_port_is_closed(self):
        provider = FakeProvider(self)
        text = config(provider).replace("[server]", "[server]\nshutdown_grace_ms = 0")
        relay = Serving(self, "--config", self.write("relay.toml", text))
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        refused = False
        while not refused:
            with socket.socket() as asks:
                refused = asks.connect_ex((relay.host, relay.port)) != 0
        done = self.run_relay("status", "--config", self.configured(relay.address))
        self.assertEqual((done.code, done.stderr), (1, ""))
        self.assertRegex(
            done.stdout,
            r"\Anot serving: it is draining: it stops when what runs has ended\n"
            r"cc-relay 0\.1\.0 on [^\n]*\nconfiguration: [^\n]*\nPROVIDER [^\n]*\nfake +1 +",
        )
        provider.release.set()
        self.assertEqual(stream.read()[-1], "message_stop")
        self.assertEqual(relay.process.wait(), 0)

    def test_the_configuration_is_found_as_serve_finds_it(self):
        address = f"127.0.0.1:{reserved_port(self)}"
        place = self.config_home / "cc-relay" / "config.toml"
        self.write(place, f'[server]\nlisten = "{address}"\n')
        self.assertIn(address, self.run_relay("status").stdout)

    def test_a_broken_configuration_is_an_error(self):
        file = self.configured("nonsense")
        self.assert_fails(self.run_relay("status", "--config", file), 1, rf"\Acc-relay: {file}:2:10: ")
        self.assert_fails(self.run_relay("status", "--json", "--config", file), 1, "nonsense")
