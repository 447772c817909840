"""doctor: what keeps a relay from working, each provoked once, and what to do about it."""

import contextlib
import email.utils
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from harness import PROVIDER_KEY, RELAY_KEY, Lines, Program
from provider import FakeProvider
from serving import Serving, busy_port, reserved_port

CERTIFICATES = pathlib.Path(__file__).resolve().parent.parent / "data/tls"
LIST = [("GET", "/v1/models?limit=1")]


class DoctorCase(Program):
    """Runs it, and looks at what it says."""

    def configuration(self, *providers, server="", more=""):
        """With these: (name, type, where it is, further lines); each has a key of the environment."""
        text = f'[server]\nlisten = "127.0.0.1:{reserved_port(self)}"\n{server}\n{more}\n'
        for name, kind, url, lines in providers:
            text += f'[[providers]]\nname = "{name}"\ntype = "{kind}"\nbase_url = "{url}"\n{lines}\n'
            if kind != "ollama":
                text += '[[providers.keys]]\nkey = "${PROVIDER_KEY}"\n'
        return self.write("relay.toml", text)

    def doctor(self, *arguments, env=None, config=None, **options):
        """What --json says, as {id: findings}, `ok` and the counts checked on the way."""
        file = config or self.folder / "relay.toml"
        done = self.run_relay(
            "doctor", "--json", "--config", file, *arguments,
            env={"PROVIDER_KEY": PROVIDER_KEY, **(env or {})}, **options,
        )
        self.assertEqual(done.stderr, "", done)
        said = json.loads(done.stdout)
        self.assertEqual(sorted(said), ["counts", "findings", "ok", "schema"])
        self.assertEqual(said["schema"], 1)
        self.assertEqual(said["ok"], done.code == 0, done)
        counts = dict.fromkeys(("ok", "warning", "error", "skipped"), 0)
        found = {}
        for each in said["findings"]:
            self.assertEqual(
                sorted(each), ["advice", "details", "id", "message", "status", "subject"]
            )
            counts[each["status"]] += 1
            needs_advice = each["status"] in ("warning", "error")
            self.assertEqual(needs_advice, each["advice"] != "", each)
            found.setdefault(each["id"], []).append(each)
        self.assertEqual(said["counts"], counts)
        if "--strict" not in arguments:
            self.assertEqual(done.code, 1 if counts["error"] else 0, done)
        return found

    def assert_finds(self, found, name, status, message, advice=None, subject=None):
        """One of the findings of that id is this one."""
        for each in found[name]:
            fits = each["status"] == status and re.search(message, each["message"])
            if fits and (subject is None or re.search(subject, each["subject"])):
                self.assertRegex(each["advice"], advice or r"\A")
                return
        self.fail(f"no {status} {message!r} of {name} in {found[name]}")


class Doctor(DoctorCase):
    # ---- all in all

    def test_nothing_wrong_is_said_in_lines_that_are_counted(self):
        provider = FakeProvider(self)
        provider.models = ["m"]
        self.configuration(("fake", "anthropic", provider.url, ""))
        done = self.run_relay(
            "doctor", "--config", "relay.toml", env={"PROVIDER_KEY": PROVIDER_KEY}
        )
        self.assertEqual((done.code, done.stderr), (0, ""), done)
        self.assertIn("ok    config.found", done.stdout)
        self.assertRegex(done.stdout, r"\nok    key +fake [0-9a-f]{8}: accepted\n")
        lines = done.stdout.splitlines()
        words = [line.split()[0] for line in lines[:-1] if not line.startswith("    ")]
        self.assertEqual(
            lines[-1],
            f"{words.count('ok')} ok, {words.count('warn')} warning"
            f"{'s' * (words.count('warn') != 1)}, 0 errors, {words.count('skip')} skipped",
        )
        self.assertEqual(provider.requests, LIST)

    def test_a_terminal_with_utf8_gets_marks_and_others_words(self):
        self.configuration()
        for env, marks, colours in (
            ({"LANG": "C.UTF-8", "TERM": "xterm"}, True, True),
            ({"LANG": "C", "TERM": "xterm"}, False, False),
            ({"LANG": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1"}, False, False),
            ({"LANG": "C.UTF-8", "TERM": "dumb"}, False, False),
        ):
            with self.subTest(env):
                ours, theirs = pty.openpty()
                process = self.start(
                    "doctor", "--offline", "--config", "relay.toml", env=env, stdout=theirs
                )
                os.close(theirs)
                screen = Lines(os.fdopen(ours, "rb", buffering=0))
                process.wait()
                text = screen.all()
                self.assertEqual("✓" in text, marks, text)
                self.assertEqual("\x1b[" in text, colours, text)

    def test_strict_takes_warnings_for_errors(self):
        self.configuration(server="workers = 64")
        self.assertNotEqual(self.run_relay("doctor", "--offline", "--strict", "--config", "relay.toml").code, 0)
        self.assertEqual(self.run_relay("doctor", "--offline", "--config", "relay.toml").code, 0)
        found = self.doctor("--offline", "--strict")
        self.assert_finds(found, "workers", "warning", "64 on ", "server.workers")

    def test_a_wrong_command_line(self):
        self.configuration(("fake", "anthropic", "http://127.0.0.1:1", ""))
        env = {"PROVIDER_KEY": PROVIDER_KEY}
        for words, said in (
            (("--provider", "other"), "--provider other: no provider that is enabled has that name"),
            (("--timeout", "1"), "--timeout"),
            (("--timeout", "soon"), "--timeout"),
            (("more",), "more"),
        ):
            with self.subTest(words):
                done = self.run_relay("doctor", "--config", "relay.toml", *words, env=env)
                self.assert_fails(done, 2, said)

    def test_offline_asks_no_provider(self):
        provider = FakeProvider(self)
        self.configuration(("fake", "anthropic", provider.url, 'models = ["m"]'))
        found = self.doctor("--offline")
        for name in ("dns", "connect", "tls", "key", "models", "clock"):
            self.assertEqual({each["status"] for each in found[name]}, {"skipped"}, name)
        self.assertEqual(provider.requests, [])

    def test_one_provider_of_several(self):
        asked, other = FakeProvider(self), FakeProvider(self)
        self.configuration(
            ("asked", "anthropic", asked.url, ""), ("other", "anthropic", other.url, "")
        )
        found = self.doctor("--provider", "asked")
        self.assertEqual([each["subject"] for each in found["dns"]], ["asked"])
        self.assertEqual((asked.requests, other.requests), (LIST, []))

    # ---- the configuration

    def test_a_configuration_that_is_not_there(self):
        found = self.doctor(config="gone.toml")
        self.assert_finds(found, "config.found", "error", "gone.toml", "config init|name")
        self.assertEqual(found["key"][0]["status"], "skipped")

    def test_every_mistake_of_a_configuration_and_no_key_goes_anywhere(self):
        provider = FakeProvider(self)
        self.configuration(
            ("fake", "anthropic", provider.url, "weight = -1"), server='workers = "many"'
        )
        found = self.doctor()
        self.assert_finds(found, "config.valid", "error", "server.workers")
        self.assert_finds(found, "config.valid", "error", "weight")
        self.assert_finds(found, "key", "skipped", "mistakes")
        self.assertEqual(provider.requests, [])

    def test_what_was_hardly_meant(self):
        self.configuration(("fake", "anthropic", "http://h/v1", 'ca_file = "gone.pem"'))
        found = self.doctor("--offline")
        self.assert_finds(found, "config.valid", "warning", 'has "/v1" at its end')
        self.assert_finds(found, "config.valid", "warning", "gone.pem cannot be read", "name a file")

    def test_secrets_that_everybody_may_read(self):
        file = self.configuration(more=f'[server.auth]\napi_key = "{RELAY_KEY}"')
        file.chmod(0o644)
        self.assert_finds(
            self.doctor("--offline"), "config.permissions", "warning", "secrets stand in it",
            "chmod o-r",
        )
        file.chmod(0o640)
        self.assert_finds(self.doctor("--offline"), "config.permissions", "ok", "mode 0640")
        # What comes from elsewhere does not stand in it.
        file = self.configuration(("fake", "anthropic", "http://127.0.0.1:1", ""))
        file.chmod(0o644)
        self.assert_finds(self.doctor("--offline"), "config.permissions", "ok", "mode 0644")

    def test_a_folder_that_everybody_may_write(self):
        self.configuration()
        self.folder.chmod(0o777)
        self.assert_finds(
            self.doctor("--offline"), "config.permissions", "error", "everybody", "chmod o-w"
        )
        self.folder.chmod(0o1777)
        self.assertEqual(self.doctor("--offline")["config.permissions"][0]["status"], "ok")

    def test_a_relay_that_has_not_taken_the_file_as_it_is(self):
        fake = ("fake", "anthropic", "http://127.0.0.1:1", "")
        file = self.configuration(fake, server="watch_config = false")
        relay = Serving(self, "--config", file)
        self.assert_finds(self.doctor("--offline"), "config.current", "ok", "has read this file")
        good = file.read_text()
        file.write_text(good + "# more\n")
        self.assert_finds(
            self.doctor("--offline"), "config.current", "warning", "has changed since", "reload"
        )
        file.write_text(good + "[nonsense]\n")
        relay.signal(signal.SIGHUP)
        relay.stdout.wait_for("the old configuration stays in use")
        self.assert_finds(
            self.doctor("--offline"), "config.current", "warning", "older one: .*nonsense", "mend it"
        )
        file.write_text(good + "[nonsense]\n[more]\n")
        relay.signal(signal.SIGHUP)
        relay.stdout.wait_for("more is unknown")
        found = [each["message"] for each in self.doctor("--offline")["config.current"]]
        self.assertEqual(
            [re.findall(r"older one: .*?: (\w+) is unknown", message) for message in found],
            [["nonsense"], ["more"]],
        )
        file.write_text(good)
        relay.signal(signal.SIGHUP)
        relay.stdout.wait_for("was read again|reloaded")
        self.assert_finds(self.doctor("--offline"), "config.current", "ok", "has read this file")

    def test_the_relay_itself_says_what_the_file_would_change(self):
        fake = ("fake", "anthropic", "http://127.0.0.1:1", "")
        file = self.configuration(fake, server="watch_config = false")
        relay = Serving(self, "--config", file)
        good = file.read_text()
        file.write_text(good + "[routing]\ndebug = true\n")
        found = self.doctor("--offline")
        self.assert_finds(
            found, "config.current", "warning", "has changed since.*: routing.debug: false → true", "reload"
        )
        file.write_text(good + "[nonsense]\n")
        found = self.doctor("--offline")
        self.assert_finds(
            found, "config.current", "warning", f"older one: {file}:[0-9]+:[0-9]+: nonsense", "mend it"
        )
        # It was asked what the file is worth, and has changed nothing.
        self.assertNotIn("reload", relay.stdout.text)

    def test_a_relay_whose_key_is_not_known_here_is_asked_by_its_management(self):
        elsewhere = self.scratch / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        fake = ("fake", "anthropic", "http://127.0.0.1:1", "")
        auth = '[server.auth]\napi_key = "${KEY_OF_THE_RELAY}"\n'
        file = self.configuration(fake, more=auth)
        env = {"KEY_OF_THE_RELAY": RELAY_KEY, "XDG_RUNTIME_DIR": str(elsewhere)}
        relay = Serving(self, "--config", file, env=env)
        self.assert_finds(self.doctor("--offline"), "config.current", "skipped", "no relay answers")
        relay.signal(signal.SIGTERM)
        relay.process.wait()
        socket = f'[manage]\nsocket = "{self.folder}/manage.sock"\n'
        file = self.configuration(fake, more=auth + socket)
        Serving(self, "--config", file, env=env)
        self.assert_finds(self.doctor("--offline"), "config.current", "ok", "has read this file")

    # ---- where it listens

    def test_a_port_in_use_by_another_program(self):
        stranger = FakeProvider(self)
        file = self.write("relay.toml", f'[server]\nlisten = "127.0.0.1:{stranger.port}"\n')
        found = self.doctor("--offline", config=file)
        self.assert_finds(
            found, "listen.port", "error", rf"not cc-relay .*python3 \(pid {os.getpid()}\)",
            "stop that program",
        )
        silent = self.write("relay.toml", f'[server]\nlisten = "127.0.0.1:{busy_port(self)}"\n')
        found = self.doctor("--offline", "--timeout", "200", config=silent)
        self.assert_finds(found, "listen.port", "error", "the port is in use", "stop that")

    def test_a_port_that_is_free_and_one_that_our_relay_has(self):
        file = self.configuration()
        self.assert_finds(self.doctor("--offline"), "listen.port", "ok", "free")
        Serving(self, "--config", file)
        self.assert_finds(self.doctor("--offline"), "listen.port", "ok", "our relay answers")

    def test_a_port_that_somebody_elses_relay_has(self):
        file = self.configuration()
        theirs = self.scratch / "theirs"
        theirs.mkdir(mode=0o700)
        env = {"HOME": str(theirs), "XDG_RUNTIME_DIR": str(theirs), "XDG_CONFIG_HOME": str(theirs)}
        Serving(self, "--config", file, env=env)
        self.assert_finds(
            self.doctor("--offline"), "listen.port", "warning", "cc-relay", "stop that one, or listen"
        )

    def test_an_address_that_other_machines_reach(self):
        file = self.write("relay.toml", '[server]\nlisten = "0.0.0.0:0"\n')
        found = self.doctor("--offline", config=file)
        self.assert_finds(found, "listen.public", "error", "nothing says who", "server.auth.api_key")
        self.assert_finds(found, "listen.public", "warning", "in clear", "server.tls")
        file.write_text(file.read_text() + "allow_public_without_auth = true\n")
        found = self.doctor("--offline", config=file)
        self.assert_finds(found, "listen.public", "warning", "everybody who reaches it")

    def certificate(self, cert, key):
        self.configuration(more=f'[server.tls]\ncert_file = "{cert}"\nkey_file = "{key}"')
        return self.doctor("--offline")

    def test_certificates_that_can_not_be_served_with(self):
        at = CERTIFICATES
        for cert, key, message in (
            (at / "expired.pem", at / "expired.key", "expired on"),
            (at / "server.pem", at / "client.key", "not the one of the certificate"),
            (at / "gone.pem", at / "gone.key", "gone.pem"),
        ):
            with self.subTest(cert.name):
                self.assert_finds(self.certificate(cert, key), "tls.certificate", "error", message)

    def test_a_certificate_that_ends_soon_and_that_nobody_knows(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        cert, key = self.folder / "own.pem", self.folder / "own.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-subj", "/CN=localhost", "-days", "5", "-out", cert, "-keyout", key],
            check=True, capture_output=True,
        )
        key.chmod(0o600)
        found = self.certificate(cert, key)
        self.assert_finds(found, "tls.certificate", "warning", r"expires in [45] days", "renew it")
        self.assert_finds(found, "tls.certificate", "warning", "self-signed", "NODE_EXTRA_CA_CERTS")

    # ---- this machine

    def test_too_few_open_files(self):
        self.configuration(server="max_connections = 1000")
        few = ("bash", "-c", 'ulimit -n 200; exec "$@"', "_")
        self.assert_finds(
            self.doctor("--offline", through=few), "limits.files", "warning",
            r"of this shell is 200 open files; 1000 connections .* may need 2100", "LimitNOFILE=2100",
        )

    def test_a_proxy_of_the_environment(self):
        self.configuration(("near", "anthropic", "http://intranet", ""))
        proxy = {"HTTP_PROXY": "http://127.0.0.1:1"}
        found = self.doctor("--offline", env=proxy)
        self.assert_finds(found, "proxy", "warning", "for the relay too", "NO_PROXY", "HTTP_PROXY")
        self.assert_finds(found, "proxy", "warning", "intranet:80 is asked through", "NO_PROXY")
        found = self.doctor("--offline", env={**proxy, "NO_PROXY": "127.0.0.1,intranet"})
        self.assert_finds(found, "proxy", "ok", "without it")

    def test_a_unit_that_nothing_starts_again(self):
        self.configuration()
        unit = self.config_home / "systemd/user/cc-relay.service"
        self.write(unit, "[Service]\nExecStart=/usr/bin/cc-relay serve\n")
        found = self.doctor("--offline")
        self.assert_finds(found, "service", "warning", "ended by a fault", "Restart=on-failure")
        self.write(unit, "[Service]\nRestart=on-failure\n")
        self.assertEqual(self.doctor("--offline")["service"][0]["status"], "ok")

    @unittest.skipUnless(os.geteuid() == 0, "skipped: only root can start it as root")
    def test_a_relay_that_root_has_started(self):
        file = self.configuration()
        Serving(self, "--config", file)
        self.assert_finds(
            self.doctor("--offline"), "service", "warning", "started by root", "DynamicUser=yes"
        )

    def test_a_log_that_can_not_be_written(self):
        self.configuration(more='[logging]\noutput = "gone/relay.log"')
        self.assert_finds(
            self.doctor("--offline"), "service", "warning", "does not exist", "make it"
        )

    # ---- providers

    def test_a_host_without_an_address(self):
        self.configuration(("fake", "anthropic", "http://nothing.invalid", ""))
        found = self.doctor("--timeout", "3000")
        self.assert_finds(
            found, "dns", "error", "nothing.invalid:80: (?!$)", "host name in base_url", "fake"
        )
        self.assert_finds(found, "connect", "skipped", "address is not known")

    def test_a_port_that_is_closed(self):
        self.configuration(("fake", "anthropic", f"http://127.0.0.1:{reserved_port(self)}", ""))
        found = self.doctor()
        self.assert_finds(found, "dns", "ok", "has an address")
        self.assert_finds(found, "connect", "error", "Connection refused", "base_url")
        self.assert_finds(found, "key", "skipped", "cannot connect")

    def test_a_provider_that_never_answers(self):
        self.configuration(("fake", "anthropic", f"http://127.0.0.1:{busy_port(self)}", ""))
        found = self.doctor("--timeout", "300")
        self.assert_finds(found, "key", "warning", "no answer within 300 ms", "says nothing")

    def test_a_certificate_that_is_not_trusted(self):
        files = (CERTIFICATES / "server.pem", CERTIFICATES / "server.key")
        provider = FakeProvider(self, tls=files)
        provider.models = []
        for ca, status, message in (
            ("other-ca.pem", "error", rf"TLS with .* failed: .*verified with .*other-ca.pem"),
            ("ca.pem", "ok", "verified with .*ca.pem"),
        ):
            with self.subTest(ca):
                self.configuration(
                    ("fake", "anthropic", provider.url, f'ca_file = "{CERTIFICATES / ca}"')
                )
                self.assert_finds(self.doctor(), "tls", status, message)
        self.assertEqual(provider.requests, LIST)

    def test_a_provider_without_a_key(self):
        provider = FakeProvider(self)
        own = f'[[providers]]\nname = "own"\ntype = "anthropic"\nbase_url = "{provider.url}"\n'
        self.write("relay.toml", own)
        self.assert_finds(
            self.doctor(), "key", "skipped", "clients' own logins go there", subject="own"
        )
        self.write("relay.toml", own + f'[[providers]]\nname = "zai"\ntype = "zai"\n')
        self.assert_finds(self.doctor(), "config.valid", "error", "key", "(?s).")

    def test_a_wrong_key_in_the_providers_words(self):
        provider = FakeProvider(self)
        provider.models = []
        provider.failure = (401, {"Content-Type": "application/json"})
        message = f"invalid x-api-key: {PROVIDER_KEY}"
        provider.failure_body = json.dumps(
            {"type": "error", "error": {"type": "authentication_error", "message": message}}
        ).encode()
        self.configuration(("fake", "anthropic", provider.url, ""))
        self.assert_finds(
            self.doctor(), "key", "error", r"\Arefused with 401: invalid x-api-key: \*\*\*\Z",
            "base_url", r"\Afake [0-9a-f]{8}\Z",
        )
        self.assertEqual(provider.requests, LIST)
        self.assertEqual(provider.seen, [(PROVIDER_KEY, None)])

    def test_keys_that_can_not_be_used_or_judged_now(self):
        provider = FakeProvider(self)
        self.configuration(("fake", "anthropic", provider.url, ""))
        for status, found_as, message in (
            (403, "error", "refused with 403"),
            (429, "warning", "429: slow down"),
            (529, "warning", "provider answered 529: slow down"),
            (400, "skipped", "answer of 400"),
        ):
            with self.subTest(status):
                provider.models = []
                provider.failure = (status, {"Content-Type": "application/json"})
                provider.failure_body = b'{"type":"error","error":{"message":"slow down"}}'
                self.assert_finds(self.doctor(), "key", found_as, message)
        provider.models = None  # as a gateway without a list
        self.assert_finds(self.doctor(), "key", "skipped", "404")
        self.assertEqual(provider.requests, 5 * LIST)

    def test_a_provider_without_a_list_counts_one_word(self):
        provider = FakeProvider(self)
        self.configuration(
            ("counts", "zai", provider.url, ""), ("lists", "minimax", provider.url, "")
        )
        found = self.doctor()
        self.assertEqual([each["status"] for each in found["key"]], ["ok", "ok"])
        self.assertEqual(provider.requests, 2 * [("POST", "/v1/messages/count_tokens")])
        self.assertEqual(
            sorted(provider.seen, key=str),
            [(PROVIDER_KEY, None), (None, f"Bearer {PROVIDER_KEY}")],
        )

    def test_ollama_is_asked_for_its_version(self):
        provider = FakeProvider(self)
        self.configuration(("near", "ollama", provider.url, ""))
        found = self.doctor()
        self.assert_finds(found, "connect", "ok", "connected")
        self.assert_finds(found, "key", "skipped", "needs none")
        self.assertEqual(provider.requests, [("GET", "/api/version")])

    def test_models_that_a_provider_does_not_have(self):
        provider = FakeProvider(self)
        provider.models = ["claude-here-20250929", "claude-there"]
        self.configuration(
            ("fake", "anthropic", provider.url,
             'models = ["claude-here", "claude-t*", "claude-gone", "short"]\n'
             'model_mapping = { short = "claude-lost" }'),
        )
        self.assert_finds(
            self.doctor(), "models", "warning", r"models: claude-gone, claude-lost\Z",
            "model_mapping", "fake",
        )
        self.assertEqual(sorted(provider.requests), [*LIST, ("GET", "/v1/models?limit=1000")])

    def test_a_clock_that_is_off(self):
        provider = FakeProvider(self)
        self.configuration(("fake", "anthropic", provider.url, ""))
        for seconds, status, message in (
            (-1000, "error", r"\A(999|100\d) s ahead of that of fake: signatures"),
            (100, "warning", r"\A(100|9\d) s behind that of fake\Z"),
            (0, "ok", "as that of fake"),
        ):
            with self.subTest(seconds):
                provider.date = email.utils.formatdate(time.time() + seconds, usegmt=True)
                self.assert_finds(self.doctor(), "clock", status, message)

    def test_a_cloud_without_an_identity_says_where_it_looked(self):
        provider = FakeProvider(self)
        self.write(
            "relay.toml",
            '[[providers]]\nname = "cloud"\ntype = "bedrock"\naws_region = "eu-west-1"\n'
            f'base_url = "{provider.url}"\n',
        )
        found = self.doctor(env={"AWS_EC2_METADATA_DISABLED": "true"})
        self.assert_finds(found, "identity", "error", "AWS", subject="cloud")

    # ---- ledger, prices, clients

    def ledger(self, path):
        self.configuration(more=f'[ledger]\npath = "{path}"')
        return self.doctor("--offline")

    def test_a_ledger_that_can_not_be_written(self):
        found = self.ledger("relay.toml/usage.db")
        self.assert_finds(found, "ledger.path", "error", "can't be written: Not a dir", "ledger.path")
        pipe = self.folder / "pipe.db"
        os.mkfifo(pipe)
        found = self.ledger(pipe)
        self.assert_finds(found, "ledger.path", "error", "no regular file", "ledger.path")
        self.assert_finds(found, "ledger.file", "warning", "no regular file")

    def test_a_ledger_that_the_running_relay_can_not_write(self):
        provider = FakeProvider(self)
        file = self.folder / "usage.db"
        with contextlib.closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE t(x)")
        entry = ("fake", "anthropic", provider.url, "")
        named = self.configuration(entry, more=f'[ledger]\npath = "{file}"')
        relay = Serving(self, "--config", named)
        self.assertEqual(relay.ask().status, 200)
        found = self.doctor("--offline")
        self.assert_finds(found, "ledger.path", "error", "running relay can't: .*no ledger of cc-rel")

    def test_a_disk_with_little_room_for_the_ledger(self):
        small = self.folder / "small"
        small.mkdir()
        mount = 'mount -t tmpfs -o size=8m none "$0" && exec "$@"'
        through = ["unshare", "-m", "sh", "-c", mount, str(small)]
        if subprocess.run([*through, "true"], capture_output=True).returncode:
            self.skipTest("skipped: no file system can be mounted here")
        self.configuration(more=f'[ledger]\npath = "{small}/usage.db"')
        self.assert_finds(
            self.doctor("--offline", through=through), "ledger.space", "warning", r"\A8 MiB free\Z",
            "ledger.max_bytes", str(small),
        )
        self.assert_finds(self.ledger(small / "usage.db"), "ledger.space", "ok", "MiB free")

    def test_ledgers_that_are_none_of_ours_or_broken(self):
        file = self.folder / "usage.db"
        self.assert_finds(self.ledger(file), "ledger.file", "skipped", "none yet")
        with contextlib.closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE t(x)")
        self.assert_finds(self.ledger(file), "ledger.file", "warning", "no ledger of cc-relay's")
        with contextlib.closing(sqlite3.connect(file)) as later:
            later.execute(f"PRAGMA application_id={0x43435259}")
            later.execute("PRAGMA user_version=99")
        self.assert_finds(self.ledger(file), "ledger.file", "warning", "of a later cc-relay")
        file.write_bytes(b"no database at all" * 1000)
        found = self.ledger(file)
        self.assert_finds(found, "ledger.file", "error", "usage.db", "sets the file aside")
        self.assertEqual(file.read_bytes(), b"no database at all" * 1000)

    def test_models_without_a_price_that_are_named_and_that_were_used(self):
        provider = FakeProvider(self)
        file = self.configuration(("fake", "anthropic", provider.url, 'models = ["nobody-knows"]'))
        found = self.doctor("--offline")
        self.assert_finds(found, "prices", "warning", "without a price: fake: nobody-knows", "prices")
        file = self.configuration(("fake", "anthropic", provider.url, ""))
        relay = Serving(self, "--config", file)
        self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        found = self.doctor("--offline")
        self.assert_finds(found, "ledger.file", "ok", "whole")
        self.assert_finds(found, "prices", "warning", r"last 30 days without a price: m\Z")

    def test_clients_that_expire_or_have_a_budget_that_nothing_keeps(self):
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2 * 86400 + 600))
        clients = "".join(
            f'[[server.auth.clients]]\nname = "{name}"\nkey = "{RELAY_KEY}-{name}"\n{more}\n'
            for name, more in (
                ("gone", "expires = 2026-01-01"),
                ("soon", f"expires = {soon}"),
                ("rich", "budget_usd_day = 1"),
            )
        )
        self.configuration(
            ("fake", "anthropic", "http://127.0.0.1:1", 'models = ["nobody-knows"]'),
            more=f"{clients}\n[ledger]\nenabled = false\nrequired = false\n",
        )
        found = self.doctor("--offline")
        self.assert_finds(found, "clients", "warning", "have expired", "expires", "gone")
        self.assert_finds(found, "clients", "warning", "expire in 48 h", "expires", "soon")
        self.assert_finds(found, "clients", "error", "without the ledger", "ledger.enabled", "rich")
        self.assert_finds(found, "clients", "warning", "models without a price", "prices", "rich")

    # ---- Claude Code

    def settings(self, **env):
        return self.write(self.home / ".claude/settings.json", json.dumps({"env": env}))

    def test_settings_that_are_no_json(self):
        self.configuration()
        file = self.write(self.home / ".claude/settings.json", '{"env": {')
        found = self.doctor("--offline")
        self.assert_finds(found, "claude.settings", "error", "at line 1", "mend it", str(file))

    def test_settings_that_lead_elsewhere_or_are_overridden(self):
        file = self.configuration(more=f'[server.auth]\napi_key = "{RELAY_KEY}"')
        listen = re.search(r'listen = "(.*)"', file.read_text())[1]
        self.assert_finds(self.doctor("--offline"), "claude.settings", "skipped", "don't lead")
        self.settings(ANTHROPIC_BASE_URL="http://elsewhere", ANTHROPIC_AUTH_TOKEN=RELAY_KEY)
        self.assert_finds(
            self.doctor("--offline"), "claude.settings", "warning", "leads to http://elsewhere",
            "take it out", "env.ANTHROPIC_BASE_URL",
        )
        self.settings(ANTHROPIC_BASE_URL=f"http://{listen}", ANTHROPIC_AUTH_TOKEN="another")
        found = self.doctor(
            "--offline",
            env={"ANTHROPIC_API_KEY": PROVIDER_KEY, "CLAUDE_CODE_USE_BEDROCK": "1",
                 "ANTHROPIC_BEDROCK_BASE_URL": "http://other"},
        )
        for subject, message, advice in (
            ("ANTHROPIC_AUTH_TOKEN", "not the one that the relay takes", "config cc init"),
            ("ANTHROPIC_API_KEY in the env", "beside the relay's token", "unset ANTHROPIC_API_KEY"),
            ("CLAUDE_CODE_USE_BEDROCK", "leads past the relay", "unset"),
            ("ANTHROPIC_BEDROCK_BASE_URL", "http://other", "unset"),
        ):
            with self.subTest(subject):
                self.assert_finds(found, "claude.settings", "warning", message, advice, subject)
        self.settings(ANTHROPIC_BASE_URL=f"http://{listen}", ANTHROPIC_AUTH_TOKEN=RELAY_KEY)
        self.assert_finds(self.doctor("--offline"), "claude.settings", "ok", "lead to the relay")

    def test_an_old_claude_code(self):
        self.configuration()
        stub = self.write("bin/claude", "#!/bin/sh\necho \"$VERSION (Claude Code)\"\n")
        stub.chmod(0o755)
        path = {"PATH": f"{stub.parent}:/usr/bin:/bin"}
        for version, status, message in (
            ("1.0.58", "warning", "1.0.58 is older than"),
            ("2.1.400", "ok", "2.1.400"),
            ("none", "skipped", "does not say"),
        ):
            with self.subTest(version):
                found = self.doctor("--offline", env={**path, "VERSION": version})
                self.assert_finds(found, "claude.version", status, message)
        found = self.doctor("--offline", env={"PATH": str(self.home)})
        self.assert_finds(found, "claude.version", "skipped", "not installed")
