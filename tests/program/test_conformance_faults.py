"""conformance: a gateway with one fault fails exactly the check that is about it."""

import concurrent.futures
import json

from faulty_gateway import BUDGET_KEY, CLIENT_KEY, FaultyGateway
from harness import Program
from serving import reserved_port

# Checks that a gateway with Anthropic's own form is tried with; those of the clouds below.
FAULTS = (
    "path.query probe.root probe.hello count_tokens.true models.list "
    "header.beta header.version header.unknown header.workspace header.credential "
    "auth.either auth.refused "
    "body.bytes body.size body.unknown body.pair body.safeguards "
    "body.system body.cache_control body.thinking "
    "stream.bytes stream.utf8 stream.ping stream.comment stream.error stream.truncated "
    "stream.incremental stream.abort stream.parallel "
    "http.keepalive http.head_large budget.shape "
    "error.retryable error.envelope error.status error.body error.headers"
).split()
BEDROCK = "bedrock.stream bedrock.body bedrock.probe".split()
VERTEX = "vertex.path vertex.stream vertex.headers".split()
SLOW = ["stream.keepalive"]
# 30 MiB, 50 streams and 100 requests: for a gateway with another fault once is enough.
HEAVY = ("body.size", "stream.parallel", "http.keepalive")
AT_ONCE = 4


class ConformanceFaults(Program):
    def judged(self, fault, *arguments):
        """What --json says of a gateway with this fault."""
        port = reserved_port(self)
        gateway = FaultyGateway(self, fault)
        gateway.upstream = ("127.0.0.1", port)
        heavy = [each for each in HEAVY if each != fault]
        done = self.run_relay(
            "conformance", gateway.url, "--upstream", f"127.0.0.1:{port}",
            "--key", CLIENT_KEY, "--budget-key", BUDGET_KEY, "--json",
            *(["--skip", ",".join(heavy)] if fault else []), *arguments,
        )
        self.assertIn(f"listens on http://127.0.0.1:{port};", done.stderr, fault)
        self.assertTrue(done.stdout, (fault, done))
        return done, json.loads(done.stdout)

    def assert_each_fails_alone(self, faults, *arguments):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            def judged(fault):
                return fault, *self.judged(fault, *arguments, *(["--slow"] if fault in SLOW else []))

            results = pool.map(judged, faults)
            for fault, done, said in results:
                with self.subTest(fault):
                    failed = {each["id"]: each for each in said["checks"] if each["verdict"] == "fail"}
                    self.assertEqual(set(failed), {fault}, failed)
                    is_must = failed[fault]["level"] == "MUST"
                    self.assertEqual((done.code, said["ok"]), (1, False) if is_must else (0, True))
                    self.assertRegex(failed[fault]["detail"], r"^sent .+; expected .+; came .+")

    def test_a_gateway_without_a_fault_fails_nothing(self):
        for form in ("messages", "bedrock", "vertex"):
            with self.subTest(form):
                done, said = self.judged(None, "--format", form, "--slow")
                failed = [each for each in said["checks"] if each["verdict"] == "fail"]
                self.assertEqual((done.code, failed), (0, []), done)
                self.assertGreater(said["counts"]["pass"], 15)

    def test_each_fault_fails_its_own_check_and_no_other(self):
        # Meanwhile this relay fills a silence: it takes half as long as to find that nobody does.
        relay = self.start("conformance", "--self", "--slow", "--only", "stream.keepalive")
        self.assert_each_fails_alone([*SLOW, *FAULTS])
        self.assertEqual(relay.wait(), 0)
        self.assertRegex(relay.stdout.all(), r"\Apass  SHOULD  stream\.keepalive\n1 passed, 0 failed")

    def test_so_it_is_in_the_form_of_bedrock(self):
        self.assert_each_fails_alone(BEDROCK, "--format", "bedrock")

    def test_so_it_is_in_the_form_of_vertex(self):
        self.assert_each_fails_alone(VERTEX, "--format", "vertex")

    def test_every_check_has_a_fault(self):
        done = self.run_relay("conformance", "http://127.0.0.1:9", "--only", "none")
        known = done.stderr.strip().partition("there are ")[2].split(", ")
        self.assertEqual(set(known), {*FAULTS, *BEDROCK, *VERTEX, *SLOW})
