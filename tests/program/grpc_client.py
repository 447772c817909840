"""A client of the management over gRPC that knows nothing of it beforehand: services, methods and
messages are those that the relay's reflection tells. By Google's grpcio (`run` installs it)."""

import os
import sys

sys.path.insert(0, os.environ.get("GRPC_CLIENT", ""))
try:
    import grpc
    from google.protobuf import descriptor_pool, json_format, message_factory
    from grpc_health.v1 import health_pb2, health_pb2_grpc
    from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
        ProtoReflectionDescriptorDatabase,
    )
except ImportError:
    grpc = None
finally:
    sys.path.pop(0)

PACKAGE = "ccrelay.management.v1"
# A bound against hanging alone.
LONGEST = 180


class Client:
    """With a token, or without; over TLS with `credentials`. Few bytes are read ahead of who reads."""

    def __init__(self, test, target, token=None, credentials=None):
        if grpc is None:
            test.skipTest("skipped: there is no grpcio")
        options = [
            ("grpc.enable_http_proxy", 0),
            ("grpc.http2.bdp_probe", 0),
            ("grpc.http2.lookahead_bytes", 1024),
        ]
        self.plain = (
            grpc.secure_channel(target, credentials, options)
            if credentials
            else grpc.insecure_channel(target, options)
        )
        test.addCleanup(self.plain.close)
        self._metadata = [("authorization", f"Bearer {token}")] if token else []
        self.channel = grpc.intercept_channel(self.plain, _WithMetadata(self._metadata))
        self._pool = None

    @property
    def services(self):
        return sorted(ProtoReflectionDescriptorDatabase(self.channel).get_services())

    def methods(self):
        """Each of the management's, by its service."""
        return [
            method
            for name in self.services
            if name.startswith(PACKAGE)
            for method in self.service(name).methods
        ]

    def service(self, name):
        if self._pool is None:
            database = ProtoReflectionDescriptorDatabase(self.channel)
            self._pool = descriptor_pool.DescriptorPool(database)
        return self._pool.FindServiceByName(name)

    def call(self, name, timeout=LONGEST, /, **fields):
        """"Key.GetKey" with these fields; the answer, or a stream of them."""
        service, method = name.split(".")
        described = self.service(f"{PACKAGE}.{service}Service").methods_by_name[method]
        return self.call_method(described, timeout, **fields)

    def call_method(self, method, timeout, /, **fields):
        request = message_factory.GetMessageClass(method.input_type)
        response = message_factory.GetMessageClass(method.output_type)
        make = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        path = f"/{method.containing_service.full_name}/{method.name}"
        call = make(path, request.SerializeToString, response.FromString)
        return call(json_format.ParseDict(fields, request()), timeout=timeout)

    def code(self, name, timeout=LONGEST, /, **fields):
        """How that ends, without its "StatusCode.", and what is said of it."""
        try:
            answer = self.call(name, timeout, **fields)
            if hasattr(answer, "__next__"):
                next(answer)
                answer.cancel()
            return "OK", ""
        except grpc.RpcError as error:
            return error.code().name, error.details()

    def health(self, service=""):
        """As a probe asks, who has no credential."""
        stub = health_pb2_grpc.HealthStub(self.plain)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=LONGEST)
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)

    def watch_health(self, service=""):
        stub = health_pb2_grpc.HealthStub(self.plain)
        for answer in stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=LONGEST):
            yield health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


class _WithMetadata(
    *(
        (
            grpc.UnaryUnaryClientInterceptor,
            grpc.UnaryStreamClientInterceptor,
            grpc.StreamStreamClientInterceptor,
        )
        if grpc
        else ()
    )
):
    def __init__(self, metadata):
        self._metadata = metadata

    def _call(self, continuation, details, request):
        return continuation(details._replace(metadata=self._metadata), request)

    intercept_unary_unary = _call
    intercept_unary_stream = _call
    intercept_stream_stream = _call
