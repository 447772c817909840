"""conformance: this relay keeps the contract, and what the command says and how it ends."""

import concurrent.futures
import json
import pathlib
import xml.etree.ElementTree

from faulty_gateway import BUDGET_KEY, CLIENT_KEY, SECRETS, UPSTREAM_KEY, FaultyGateway
from harness import PROVIDER_KEY, RELAY_KEY, Program
from pages import PAGES
from provider import FakeProvider
from serving import reserved_port, serving

TLS = pathlib.Path(__file__).resolve().parents[1] / "data" / "tls"
TLS_FILES = ("server.pem", "server.key")


class Conformance(Program):
    def conformance(self, *arguments, **options):
        done = self.run_relay("conformance", *arguments, **options)
        for secret in (*SECRETS, RELAY_KEY):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def said(self, done):
        """What --json has said, its form checked on the way."""
        said = json.loads(done.stdout)
        self.assertEqual(sorted(said), ["checks", "counts", "ok", "schema", "url"])
        self.assertEqual(said["schema"], 1)
        counts = dict.fromkeys(("pass", "fail", "skip"), 0)
        for each in said["checks"]:
            self.assertEqual(sorted(each), ["clause", "detail", "id", "level", "verdict"])
            self.assertIn(each["level"], ("MUST", "SHOULD"))
            self.assertEqual(each["verdict"] == "pass", each["detail"] == "", each)
            self.assertLessEqual(len(each["detail"].encode()), 503, each)
            self.assertRegex(each["id"], r"^[a-z_]+\.[a-z_0-9]+$")
            counts[each["verdict"]] += 1
        self.assertEqual(said["counts"], counts)
        fails = any(e["level"] == "MUST" and e["verdict"] == "fail" for e in said["checks"])
        self.assertEqual((said["ok"], done.code), (not fails, 1 if fails else 0))
        return said

    def gateway(self, fault=None, **options):
        """A gateway and the words that lead the scripted provider behind it."""
        port = reserved_port(self)
        gateway = FaultyGateway(self, fault, **options)
        gateway.upstream = ("127.0.0.1", port)
        return gateway, (gateway.url, "--upstream", f"127.0.0.1:{port}")

    # ---- this relay

    def test_this_relay_keeps_the_contract_in_every_form(self):
        clouds = {"stream", "body", "probe"}, {"path", "stream", "headers"}
        others = (("chat", set()), ("responses", set()), ("gemini", set()))
        forms = ("messages", set()), ("bedrock", clouds[0]), ("vertex", clouds[1]), *others
        words = ("--self", "--json", "--format")
        with concurrent.futures.ThreadPoolExecutor(len(forms)) as pool:
            runs = list(pool.map(lambda form: self.conformance(*words, form[0]), forms))
        for (form, own), done in zip(forms, runs):
            with self.subTest(form):
                self.assertEqual(done.stderr, "", done)
                checks = self.said(done)["checks"]
                self.assertEqual([each for each in checks if each["verdict"] == "fail"], [])
                passed = {each["id"] for each in checks if each["verdict"] == "pass"}
                mine = {name for name in passed if name.startswith(("bedrock.", "vertex."))}
                self.assertEqual(mine, {f"{form}.{each}" for each in own})
                self.assertLess({"stream.incremental", "header.credential", "body.size"}, passed)
                foreign = f"means nothing in the format {form}"
                skipped = {each["id"] for each in checks
                           if each["verdict"] == "skip" and each["detail"] != foreign}
                self.assertEqual(skipped, set() if form == "bedrock" else {"stream.keepalive"})
                native = {"answer.bytes", "body.reasoning", "stream.form", "auth.own"} & passed
                self.assertEqual(len(native), 4 if (form, own) in others else 0)
                if form == "messages":
                    self.assert_page_tells(checks)

    def assert_page_tells(self, checks):
        """Each check with its level and its clause."""
        tables = PAGES["docs/cli.md"].tables()
        (table,) = (each for each in tables if each[0][:2] == ["check", "level"])
        told = {(row[0].strip("`"), row[1], row[2].split(" (`")[0]) for row in table[1:]}
        self.assertEqual(told, {(each["id"], each["level"], each["clause"]) for each in checks})

    def test_a_relay_that_runs_already_is_tried_like_any_gateway(self):
        port = reserved_port(self)
        relay = serving(
            self,
            ("fake", "anthropic", f"http://127.0.0.1:{port}",
             f'credentials = "configured"\n[[providers.keys]]\nkey = "{UPSTREAM_KEY}"'),
            server=f'[server.auth]\napi_key = "{RELAY_KEY}"',
        )
        done = self.conformance(
            relay.url, "--upstream", f"127.0.0.1:{port}", "--key", RELAY_KEY, "--json",
            "--only", "path.query,auth.refused,header.credential,stream.bytes",
        )
        said = self.said(done)
        self.assertEqual(said["counts"], {"pass": 4, "fail": 0, "skip": 0}, done)
        self.assertEqual(said["url"], relay.url)

    def test_a_gateway_with_tls_is_trusted_as_claude_code_trusts_it(self):
        files = {name: self.write("tls/" + name, (TLS / name).read_text()) for name in TLS_FILES}
        files["server.key"].chmod(0o600)
        port = reserved_port(self)
        config = f"""
            [server]
            listen = "127.0.0.1:0"
            [server.auth]
            api_key = "{RELAY_KEY}"
            [server.tls]
            cert_file = "{files["server.pem"]}"
            key_file = "{files["server.key"]}"
            [[providers]]
            name = "scripted"
            type = "anthropic"
            base_url = "http://127.0.0.1:{port}"
            credentials = "configured"
            [[providers.keys]]
            key = "{UPSTREAM_KEY}"
            """
        relay = self.start("serve", "--config", self.write("relay.toml", config))
        url = relay.stderr.wait_for(r"listening on (https://\S+)\n")[1]
        words = (url, "--upstream", f"127.0.0.1:{port}", "--key", RELAY_KEY, "--json")
        only = ("--only", "stream.bytes,stream.abort,stream.truncated,auth.refused")
        trusting = {"NODE_EXTRA_CA_CERTS": str(TLS / "ca.pem")}
        said = self.said(self.conformance(*words, *only, env=trusting))
        self.assertEqual(said["counts"], {"pass": 4, "fail": 0, "skip": 0}, said)
        done = self.conformance(*words, *only)
        self.assertEqual((done.code, done.stdout), (2, ""))
        self.assertRegex(done.stderr, "(?i)certificate")

    def test_a_gateway_may_stand_below_a_path(self):
        gateway, (url, *more) = self.gateway()
        gateway.prefix = "/team/a"
        only = ("--only", "path.query,probe.root,probe.hello,models.list,count_tokens.true")
        done = self.conformance(url + "/team/a/", *more, "--key", CLIENT_KEY, "--json", *only)
        self.assertEqual(self.said(done)["counts"], {"pass": 5, "fail": 0, "skip": 0}, done)

    # ---- what it says

    def test_lines_for_a_person_are_counted(self):
        _, words = self.gateway("body.bytes")
        only = ("--only", "body.bytes,body.unknown,bedrock.body")
        done = self.conformance(*words, "--key", CLIENT_KEY, *only)
        self.assertEqual(done.code, 1)
        self.assertRegex(
            done.stdout,
            r"^fail  MUST    body\.bytes          a body arrives byte for byte, .*\n"
            r"    sent a body of \d+ bytes; expected the same bytes, at byte \d+ .*; came .*\n"
            r"pass  MUST    body\.unknown\n"
            r"skip  MUST    bedrock\.body        means nothing in the format messages\n"
            r"1 passed, 1 failed, 1 skipped\n$",
        )
        self.assertRegex(done.stderr, r"^The scripted provider listens on http://127\.0\.0\.1:\d+;")

    def test_a_should_that_fails_is_no_failure_of_the_whole(self):
        _, words = self.gateway("header.unknown")
        done = self.conformance(*words, "--key", CLIENT_KEY, "--json", "--only", "header.unknown")
        self.assertEqual(self.said(done)["counts"], {"pass": 0, "fail": 1, "skip": 0})
        self.assertEqual(done.code, 0)

    def test_junit_says_the_same(self):
        _, words = self.gateway("body.system")
        file = self.folder / "result.xml"
        only = ("--only", "body.system,body.thinking,vertex.path")
        done = self.conformance(*words, "--key", CLIENT_KEY, *only, "--junit", file)
        self.assertEqual(done.code, 1)
        suite = xml.etree.ElementTree.parse(file).getroot().find("testsuite")
        self.assertEqual(
            {key: suite.get(key) for key in ("tests", "failures", "skipped", "errors")},
            {"tests": "3", "failures": "1", "skipped": "1", "errors": "0"},
        )
        cases = {case.get("name"): case for case in suite}
        failure = cases["body.system"].find("failure")
        self.assertEqual(failure.get("type"), "MUST")
        self.assertRegex(failure.text, r"^sent system .*; expected the same at the provider; came ")
        self.assertEqual(len(cases["body.thinking"]), 0)
        self.assertIsNotNone(cases["vertex.path"].find("skipped"))

    def test_a_junit_file_that_cannot_be_written_is_an_error(self):
        done = self.conformance("--self", "--only", "probe.root", "--junit", "nowhere/result.xml")
        self.assert_fails(done, 1, "nowhere/result.xml could not be written")

    def test_without_a_key_nobody_is_said_to_be_let_in_wrongly(self):
        _, words = self.gateway(key="")
        done = self.conformance(*words, "--json", "--only", "auth.refused,auth.either")
        verdicts = {each["id"]: each["verdict"] for each in self.said(done)["checks"]}
        self.assertEqual(verdicts, {"auth.refused": "skip", "auth.either": "pass"})

    def test_a_check_that_could_not_be_judged_fails_and_says_so(self):
        # The gateway refuses whatever has a system prompt.
        gateway, words = self.gateway()
        gateway.refuses = b'"system":'
        done = self.conformance(*words, "--key", CLIENT_KEY, "--json", "--only", "body.system")
        (check,) = self.said(done)["checks"]
        self.assertEqual(check["verdict"], "fail")
        self.assertRegex(check["detail"], "^could not be judged: nothing reached the provider; 400")

    def test_what_a_gateway_says_of_a_secret_is_not_repeated(self):
        gateway, words = self.gateway()
        gateway.refuses = b'"system":'
        gateway.words = f"your keys {CLIENT_KEY} {BUDGET_KEY} are not known"
        file = self.folder / "result.xml"
        keys = ("--key", CLIENT_KEY, "--budget-key", BUDGET_KEY)
        for form in ([], ["--json"]):
            done = self.conformance(*words, *keys, *form, "--only", "body.system", "--junit", file)
            self.assertIn("your keys *** *** are not known", done.stdout)
        for secret in SECRETS:
            self.assertNotIn(secret, file.read_text())

    # ---- which checks

    def test_only_and_skip_pick_checks(self):
        only = "probe.root,probe.hello,path.query"
        done = self.conformance("--self", "--json", "--only", only, "--skip", "probe.hello")
        ids = [each["id"] for each in self.said(done)["checks"]]
        self.assertEqual(sorted(ids), ["path.query", "probe.root"])

    def test_a_check_that_is_none_is_an_error(self):
        for option in ("--only", "--skip"):
            done = self.conformance("--self", option, "probe.root,bogus")
            self.assert_fails(done, 2, r"^cc-relay: bogus is no check; there are path\.query, ")

    def test_wrong_command_lines(self):
        for words, says in (
            ([], "the gateway's URL is needed"),
            (["--self", "http://127.0.0.1:1"], "--self starts a relay of its own"),
            (["--self", "--live"], "not both"),
            (["ftp://x"], "URL: an http:// or https:// URL is needed"),
            (["http://me:secret@127.0.0.1:1"], "give --key"),
            (["http://127.0.0.1:1", "--upstream", "nowhere"], "--upstream: an address and a port"),
            (["--self", "--upstream", "198.51.100.1:0"], "choose another address with --upstream"),
            (["--self", "--format", "openai"], "--format: openai not in"),
        ):
            with self.subTest(words):
                self.assert_fails(self.conformance(*words), 2, says)

    # ---- a gateway that can't be judged

    def test_a_gateway_that_does_not_answer_is_said_so(self):
        done = self.conformance(f"http://127.0.0.1:{reserved_port(self)}", "--json")
        self.assertEqual((done.code, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"cc-relay: http://.*: no answer .*; is the gateway running")

    def test_a_gateway_that_forwards_elsewhere_is_said_so(self):
        provider = FakeProvider(self)
        gateway = FaultyGateway(self)
        gateway.upstream = ("127.0.0.1", provider.port)
        done = self.conformance(gateway.url, "--key", CLIENT_KEY)
        self.assertEqual((done.code, done.stdout), (2, ""))
        self.assertRegex(
            done.stderr, "answered 200 .*, but nothing has reached the scripted provider at http://"
        )
        self.assertIn(UPSTREAM_KEY, done.stderr)

    def test_a_wrong_key_is_told_from_a_wrong_way(self):
        _, words = self.gateway()
        done = self.conformance(*words, "--key", "wrong")
        self.assertEqual(done.code, 2)
        self.assertRegex(done.stderr, "answered 401 .*invalid x-api-key")

    # ---- real providers behind it

    def test_live_runs_what_needs_no_script(self):
        provider = FakeProvider(self)
        provider.models = ["claude-real"]
        relay = serving(
            self,
            ("fake", "anthropic", provider.url,
             f'credentials = "configured"\n[[providers.keys]]\nkey = "{PROVIDER_KEY}"'),
            server=f'[server.auth]\napi_key = "{RELAY_KEY}"',
        )
        done = self.conformance(relay.url, "--live", "--key", RELAY_KEY, "--json")
        self.assertEqual(done.stderr, "", done)
        checks = self.said(done)["checks"]
        ran = {each["id"] for each in checks if each["verdict"] != "skip"}
        self.assertEqual([each for each in checks if each["verdict"] == "fail"], [])
        self.assertEqual(
            ran,
            {"probe.root", "probe.hello", "models.list", "count_tokens.true", "auth.either",
             "auth.refused", "http.keepalive", "http.head_large", "error.envelope"},
        )
        skipped = next(each for each in checks if each["id"] == "stream.bytes")
        self.assertEqual(skipped["detail"], "needs the scripted provider")
