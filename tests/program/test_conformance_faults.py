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
# Other faults that the same checks are about.
MORE_FAULTS = (
    "models.list@redirect models.list@key count_tokens.true@none "
    "header.beta@second header.unknown@anthropic header.unknown@claude "
    "header.credential@query header.credential@body auth.either@bearer auth.refused@html "
    "body.bytes@escape body.bytes@number body.bytes@blank body.unknown@inner body.pair@beta "
    "body.safeguards@refused body.system@order body.system@merged body.cache_control@ttl "
    "body.thinking@redacted body.thinking@input "
    "stream.bytes@lines stream.error@gone stream.truncated@stop stream.truncated@reset "
    "stream.abort@early stream.abort@amid http.keepalive@ten "
    "budget.shape@type budget.shape@status budget.shape@reset error.envelope@shape "
    "error.envelope@type error.status@missing error.body@blanks error.headers@wait "
    "error.headers@id"
).split()
BEDROCK = "bedrock.stream bedrock.body bedrock.probe".split()
IN_CLOUDS = (
    "header.credential body.bytes body.unknown body.system stream.incremental stream.abort "
    "stream.truncated error.status error.body"
).split()
VERTEX = "vertex.path vertex.stream vertex.headers".split()
# Those of OpenAI's and Gemini's clients: of what all three have, each check is tried in one of them;
# in the others what is done otherwise there.
CHAT = (
    "path.methods models.shape models.head auth.own auth.other header.client body.encoded "
    "body.reasoning answer.bytes stream.form stream.usage error.unknown budget.wait "
    "stream.form@done stream.usage@gone budget.wait@word stream.keepalive@kind "
    "probe.root header.credential auth.refused body.bytes body.size body.unknown stream.bytes "
    "stream.utf8 stream.comment stream.error stream.truncated stream.truncated@stop "
    "stream.incremental stream.abort stream.parallel http.head_large error.retryable "
    "error.envelope error.status error.body error.headers error.headers@wait"
).split()
RESPONSES = (
    "path.methods path.websocket count_tokens.true body.reasoning body.bytes stream.form "
    "stream.form@number stream.form@name stream.usage stream.bytes stream.error "
    "stream.truncated@stop stream.keepalive@kind"
).split()
GEMINI = (
    "path.methods path.methods@alt count_tokens.true models.shape auth.own auth.other auth.refused "
    "header.credential body.reasoning body.bytes answer.bytes stream.array stream.form "
    "stream.usage stream.bytes stream.error stream.error@gone stream.truncated@stop "
    "stream.keepalive@kind error.unknown error.envelope error.body budget.wait budget.wait@word"
).split()
SLOW = ["stream.keepalive"]
# Of a silence that is filled wrongly it is seen soon.
FILLED = "stream.keepalive@kind"
# 30 MiB, 50 streams and 100 requests: for a gateway with another fault once is enough.
HEAVY = ("body.size", "stream.parallel", "http.keepalive")
AT_ONCE = 4
# What is judged is a gateway in Python: a build full of sanitizers tries some of each form.
SANITIZED_MAX = 4


def id_of(fault):
    return (fault or "").partition("@")[0]


class ConformanceFaults(Program):
    def judged(self, fault, *arguments):
        """What --json says of a gateway with this fault."""
        port = reserved_port(self)
        gateway = FaultyGateway(self, fault)
        gateway.upstream = ("127.0.0.1", port)
        heavy = [each for each in HEAVY if each != id_of(fault)]
        done = self.run_relay(
            "conformance", gateway.url, "--upstream", f"127.0.0.1:{port}",
            "--key", CLIENT_KEY, "--budget-key", BUDGET_KEY, "--json",
            *(["--skip", ",".join(heavy)] if fault else []), *arguments,
        )
        self.assertIn(f"listens on http://127.0.0.1:{port};", done.stderr, fault)
        self.assertTrue(done.stdout, (fault, done))
        return done, json.loads(done.stdout)

    def assert_fails_alone(self, fault, done, said):
        checks = {each["id"]: each for each in said["checks"]}
        failed = {id: each for id, each in checks.items() if each["verdict"] == "fail"}
        name = id_of(fault)
        self.assertEqual(set(failed), {name}, failed)
        is_must = failed[name]["level"] == "MUST"
        self.assertEqual((done.code, said["ok"]), (1, False) if is_must else (0, True))
        self.assertRegex(failed[name]["detail"], r"^sent .+; expected .+; came .+")

    def test_a_gateway_without_a_fault_fails_nothing(self):
        forms = ("messages", "bedrock", "vertex", "chat", "responses", "gemini")
        with concurrent.futures.ThreadPoolExecutor(len(forms)) as pool:
            results = pool.map(lambda form: self.judged(None, "--format", form, "--slow"), forms)
            for form, (done, said) in zip(forms, results):
                with self.subTest(form):
                    failed = [each for each in said["checks"] if each["verdict"] == "fail"]
                    self.assertEqual((done.code, failed), (0, []), done)
                    self.assertGreater(said["counts"]["pass"], 20)

    def tried(self, faults, form):
        """(fault, form) of all of them, or of those that a slow build tries."""
        step = -(-len(faults) // SANITIZED_MAX) if self.is_sanitized else 1
        return [(fault, form) for fault in faults[::step]]

    def assert_each_fails_alone(self, faults):
        """Of (fault, form), several at once."""

        def judged(fault, form):
            slow = ["--slow"] if fault in (*SLOW, FILLED) else []
            return self.judged(fault, "--format", form, *slow)

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = [(*each, pool.submit(judged, *each)) for each in faults]
            for fault, form, result in results:
                with self.subTest(f"{fault} {form}"):
                    self.assert_fails_alone(fault, *result.result())

    def test_each_fault_fails_its_own_check_and_no_other(self):
        # Meanwhile this relay fills a silence: it takes half as long as to find that nobody does.
        words = ("conformance", "--self", "--slow", "--only", "stream.keepalive", "--format")
        forms = ("messages", "vertex", "chat", "responses", "gemini")
        relays = [self.start(*words, form) for form in forms]
        slow = [] if self.is_sanitized else SLOW
        self.assert_each_fails_alone(self.tried([*slow, *FAULTS], "messages"))
        for form, relay in zip(forms, relays):
            with self.subTest(form):
                self.assertEqual(relay.wait(), 0)
                self.assertRegex(relay.stdout.all(), r"\Apass  SHOULD  stream\.keepalive\n1 passed")

    def test_so_does_every_other_way_to_do_it_wrong(self):
        self.assert_each_fails_alone(self.tried(MORE_FAULTS, "messages"))

    def test_so_it_is_in_the_forms_of_clouds(self):
        bedrock = self.tried([*BEDROCK, *IN_CLOUDS], "bedrock")
        vertex = self.tried([*VERTEX, *IN_CLOUDS, "stream.utf8"], "vertex")
        self.assert_each_fails_alone(bedrock + vertex)

    def test_so_it_is_in_the_words_of_openai_and_gemini(self):
        faults = {"chat": CHAT, "responses": RESPONSES, "gemini": GEMINI}
        self.assert_each_fails_alone(
            each for form, those in faults.items() for each in self.tried(those, form)
        )

    def test_every_check_has_a_fault(self):
        done = self.run_relay("conformance", "http://127.0.0.1:9", "--only", "none")
        known = done.stderr.strip().partition("there are ")[2].split(", ")
        tried = (*FAULTS, *BEDROCK, *VERTEX, *CHAT, *RESPONSES, *GEMINI, *SLOW)
        self.assertEqual(set(known), {id_of(each) for each in tried})
