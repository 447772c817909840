"""doctor at the clouds: who it finds itself to be, and the calls that cost nothing, in each cloud's
own form at both ends."""

import base64
import http.server
import json
import re

from harness import PROVIDER_KEY
from loopback import Server
from serving import reserved_port
from test_doctor import DoctorCase

ACCESS_TOKEN = "ya29.canary-access-token"
AWS = {
    "AWS_ACCESS_KEY_ID": "AKIDCANARY",
    "AWS_SECRET_ACCESS_KEY": "aws-secret-canary",
    "AWS_SESSION_TOKEN": "aws-session-canary",
}
CANARIES = (ACCESS_TOKEN, "aws-secret-canary", "aws-session-canary", "identity-header-canary")


class Cloud:
    """Answers by script: {"METHOD /path": (status, headers, JSON)}; all else is 404. Keeps what was
    asked as (method, path, headers, body)."""

    def __init__(self, test, answers):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((self.command, self.path, self.headers, body))
                path = self.path.split("?")[0]
                status, headers, said = answers.get(f"{self.command} {path}", (404, {}, {}))
                text = json.dumps(said).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        server = Server(test, Handler)
        server.begin()
        self.address = server.address
        self.url = f"http://{self.address}"

    def only(self):
        (request,) = self.requests
        return request


class Clouds(DoctorCase):
    def at(self, kind, cloud, lines="", key=False):
        keys = '[[providers.keys]]\nkey = "${PROVIDER_KEY}"\n' if key else ""
        self.write(
            "relay.toml",
            f'[[providers]]\nname = "cloud"\ntype = "{kind}"\nbase_url = "{cloud.url}"\n{lines}\n{keys}',
        )

    def doctor(self, *arguments, **options):
        found = super().doctor(*arguments, **options)
        said = json.dumps(found)
        for canary in CANARIES:
            self.assertNotIn(canary, said)
        return found

    # ---- Bedrock

    BEDROCK = 'aws_region = "eu-west-1"\nmodels = ["eu.anthropic.claude-x-v1:0"]'
    COUNT = "POST /model/eu.anthropic.claude-x-v1%3A0/count-tokens"

    def test_bedrock_counts_with_its_key(self):
        cloud = Cloud(self, {self.COUNT: (200, {}, {"inputTokens": 8})})
        self.at("bedrock", cloud, self.BEDROCK, key=True)
        found = self.doctor()
        self.assert_finds(found, "key", "ok", "accepted", subject="cloud [0-9a-f]{8}")
        self.assert_finds(found, "models", "skipped", "of type bedrock has no list")
        _, _, headers, body = cloud.only()
        self.assertEqual(headers["Authorization"], f"Bearer {PROVIDER_KEY}")
        invoked = json.loads(body)["input"]["invokeModel"]["body"]
        asked = json.loads(base64.b64decode(invoked))
        self.assertEqual(asked["anthropic_version"], "bedrock-2023-05-31")
        self.assertEqual(asked["messages"], [{"role": "user", "content": "hello"}])
        self.assertNotIn("model", asked)

    def test_bedrock_is_asked_by_an_identity_with_a_signature(self):
        cloud = Cloud(self, {self.COUNT: (200, {}, {"inputTokens": 8})})
        self.at("bedrock", cloud, self.BEDROCK)
        found = self.doctor(env=AWS)
        self.assert_finds(found, "identity", "ok", r"found: environment \(AWS_ACCESS_KEY_ID\)")
        self.assert_finds(found, "key", "ok", "accepted", subject="cloud identity")
        _, _, headers, _ = cloud.only()
        self.assertRegex(
            headers["Authorization"],
            r"^AWS4-HMAC-SHA256 Credential=AKIDCANARY/\d{8}/eu-west-1/bedrock/aws4_request, ",
        )
        self.assertEqual(headers["x-amz-security-token"], "aws-session-canary")

    def test_bedrock_refuses_in_its_own_words(self):
        words = "The security token included in the request is invalid."
        cloud = Cloud(
            self,
            {
                self.COUNT: (
                    403,
                    {"x-amzn-errortype": "UnrecognizedClientException:http://internal/"},
                    {"message": words},
                )
            },
        )
        self.at("bedrock", cloud, self.BEDROCK)
        self.assert_finds(
            self.doctor(env=AWS), "key", "error", rf"\Arefused with 403: {re.escape(words)}\Z",
            "base_url",
        )

    # ---- Vertex

    VERTEX = 'gcp_project_id = "my-project"\ngcp_region = "global"\nmodels = ["claude-x@20250929"]'
    RAW = (
        "POST /v1/projects/my-project/locations/global/publishers/anthropic/models/"
        "count-tokens:rawPredict"
    )
    TOKEN = "GET /computeMetadata/v1/instance/service-accounts/default/token"

    def metadata(self):
        answer = {"access_token": ACCESS_TOKEN, "expires_in": 3599, "token_type": "Bearer"}
        return Cloud(self, {self.TOKEN: (200, {"Metadata-Flavor": "Google"}, answer)})

    def test_vertex_counts_with_the_token_of_the_metadata_server(self):
        cloud = Cloud(self, {self.RAW: (200, {}, {"input_tokens": 8})})
        metadata = self.metadata()
        self.at("vertex", cloud, self.VERTEX)
        found = self.doctor(env={"GCE_METADATA_HOST": metadata.address})
        self.assert_finds(found, "identity", "ok", "found: .*metadata")
        self.assert_finds(found, "key", "ok", "accepted", subject="cloud identity")
        self.assertEqual(metadata.requests[-1][2]["Metadata-Flavor"], "Google")
        _, _, headers, body = cloud.only()
        self.assertEqual(headers["Authorization"], f"Bearer {ACCESS_TOKEN}")
        asked = json.loads(body)
        self.assertEqual(asked["model"], "claude-x@20250929")
        self.assertEqual(asked["anthropic_version"], "vertex-2023-10-16")

    def test_vertex_refuses_in_its_own_words(self):
        words = "Permission 'aiplatform.endpoints.predict' denied on resource"
        error = {"error": {"code": 403, "message": words, "status": "PERMISSION_DENIED"}}
        cloud = Cloud(self, {self.RAW: (403, {}, error)})
        self.at("vertex", cloud, self.VERTEX)
        found = self.doctor(env={"GCE_METADATA_HOST": self.metadata().address})
        self.assert_finds(
            found, "key", "error", rf"\Arefused with 403: {re.escape(words)}\Z", "base_url"
        )

    # ---- Foundry

    FOUNDRY = 'models = ["claude-deployed"]'
    FOUNDRY_COUNT = "POST /v1/messages/count_tokens"

    def test_foundry_counts_with_its_key(self):
        cloud = Cloud(self, {self.FOUNDRY_COUNT: (200, {}, {"input_tokens": 8})})
        self.at("azure", cloud, self.FOUNDRY, key=True)
        found = self.doctor()
        self.assert_finds(found, "key", "ok", "accepted")
        _, _, headers, body = cloud.only()
        self.assertIn(PROVIDER_KEY, (headers["x-api-key"], headers["api-key"]))
        self.assertEqual(json.loads(body)["model"], "claude-deployed")

    def test_foundry_is_asked_by_a_managed_identity(self):
        cloud = Cloud(self, {self.FOUNDRY_COUNT: (200, {}, {"input_tokens": 8})})
        answer = {"access_token": ACCESS_TOKEN, "expires_on": "1924992000", "token_type": "Bearer"}
        managed = Cloud(self, {"GET /msi/token": (200, {}, answer)})
        self.at("azure", cloud, self.FOUNDRY)
        found = self.doctor(
            env={
                "IDENTITY_ENDPOINT": managed.url + "/msi/token",
                "IDENTITY_HEADER": "identity-header-canary",
            }
        )
        self.assert_finds(found, "identity", "ok", "found: .*managed identity")
        self.assert_finds(found, "key", "ok", "accepted", subject="cloud identity")
        _, path, headers, _ = managed.only()
        self.assertEqual(headers["X-IDENTITY-HEADER"], "identity-header-canary")
        self.assertIn("resource=https%3A%2F%2Fcognitiveservices.azure.com", path)
        self.assertEqual(cloud.only()[2]["Authorization"], f"Bearer {ACCESS_TOKEN}")

    def test_foundry_refuses_in_its_own_words(self):
        words = "Access denied due to invalid subscription key or wrong API endpoint."
        cloud = Cloud(
            self,
            {self.FOUNDRY_COUNT: (401, {}, {"error": {"code": "401", "message": words}})},
        )
        self.at("azure", cloud, self.FOUNDRY, key=True)
        self.assert_finds(
            self.doctor(), "key", "error", rf"\Arefused with 401: {re.escape(words)}\Z", "base_url"
        )

    # ---- Claude Platform on AWS

    PLATFORM = 'aws_region = "us-east-1"\nworkspace_id = "wrkspc_01"\nmodels = ["claude-gone"]'

    def test_the_platform_on_aws_lists_its_models(self):
        listed = {"data": [{"type": "model", "id": "claude-here"}], "has_more": False}
        cloud = Cloud(self, {"GET /v1/models": (200, {}, listed)})
        self.at("anthropic_aws", cloud, self.PLATFORM)
        found = self.doctor(env=AWS)
        self.assert_finds(found, "key", "ok", "accepted", subject="cloud identity")
        self.assert_finds(found, "models", "warning", "claude-gone", "model_mapping")
        self.assertEqual(
            sorted(path for _, path, _, _ in cloud.requests),
            ["/v1/models?limit=1", "/v1/models?limit=1000"],
        )
        for _, _, headers, _ in cloud.requests:
            self.assertEqual(headers["anthropic-workspace-id"], "wrkspc_01")
            self.assertIn("/us-east-1/", headers["Authorization"])

    # ---- who nobody is

    def test_where_it_looked_is_said_when_it_is_nobody(self):
        closed = f"127.0.0.1:{reserved_port(self)}"
        for kind, lines, env, message in (
            ("bedrock", self.BEDROCK, {"AWS_EC2_METADATA_DISABLED": "true"},
             r"no AWS credentials are configured: .*aws_profile.*AWS_ACCESS_KEY_ID.*not asked"),
            ("vertex", self.VERTEX, {"GCE_METADATA_HOST": closed},
             rf"metadata server \(GET http://{closed}/.*could not be reached"),
            ("azure", self.FOUNDRY, {"AZURE_POD_IDENTITY_AUTHORITY_HOST": f"http://{closed}"},
             rf"managed identity service \(GET http://{closed}/.*could not be reached"),
        ):  # fmt: skip
            with self.subTest(kind):
                cloud = Cloud(self, {})
                self.at(kind, cloud, lines)
                found = self.doctor(env=env)
                advice = "log in with|sign in with `gcloud|AZURE_CLIENT_SECRET"
                self.assert_finds(found, "identity", "error", message, advice, "cloud")
                self.assert_finds(found, "key", "skipped", "no identity", subject="cloud")

    def test_an_identity_that_can_not_be_had_is_said_in_the_services_words(self):
        answer = {"error": "invalid_scope", "error_description": "no such scope"}
        metadata = Cloud(self, {self.TOKEN: (400, {"Metadata-Flavor": "Google"}, answer)})
        cloud = Cloud(self, {})
        self.at("vertex", cloud, self.VERTEX)
        found = self.doctor(env={"GCE_METADATA_HOST": metadata.address})
        self.assert_finds(found, "identity", "error", "400|no such scope", "(?s).", "cloud")

