"""A collector of OpenTelemetry's that reads OTLP with the project's own classes (`run` installs them)."""

import http.server
import os
import sys
import threading

from loopback import Server

sys.path.insert(0, os.environ.get("OTLP_CLASSES", ""))
try:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
        ExportMetricsServiceRequest,
    )
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
except ImportError:
    ExportTraceServiceRequest = None
finally:
    sys.path.pop(0)


def value_of(any_value):
    kind = any_value.WhichOneof("value")
    value = getattr(any_value, kind)
    return [value_of(each) for each in value.values] if kind == "array_value" else value


def attributes_of(holder):
    return {each.key: value_of(each.value) for each in holder.attributes}


class Collector:
    """Takes what comes, or says `failure`, a status. `spans` are all so far; `points` those of the
    last request for metrics, by their name, since each tells everything since the start."""

    def __init__(self, test):
        if ExportTraceServiceRequest is None:
            test.skipTest("skipped: there is no opentelemetry-proto")
        self.failure = None
        self.bodies = []
        self.requests = []  # path and headers, their names in lower case
        self.resources = []
        self.spans = []
        self.points = {}
        self.mistakes = []
        self.changed = threading.Condition()
        outer = self

        class Handler(_Handler):
            collector = outer

        self._server = Server(test, Handler)
        self._server.begin()

    @property
    def url(self):
        return f"http://{self._server.address}"

    def wait_for(self, condition):
        """Until that is true of this collector."""
        with self.changed:
            while not condition(self):
                self.changed.wait()

    def take(self, path, headers, body):
        with self.changed:
            self.bodies.append(body)
            self.requests.append((path, headers))
            if not self.failure:
                try:
                    self._read(path, body)
                except Exception as mistake:
                    self.mistakes.append(f"{path}: {mistake}")
            self.changed.notify_all()

    def _read(self, path, body):
        if path == "/v1/traces":
            for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append(attributes_of(of_resource.resource))
                for of_scope in of_resource.scope_spans:
                    self.spans += of_scope.spans
        elif path == "/v1/metrics":
            self.points = {}
            for of_resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                self.resources.append(attributes_of(of_resource.resource))
                for of_scope in of_resource.scope_metrics:
                    for metric in of_scope.metrics:
                        self.points[metric.name] = list(metric.histogram.data_points)
        else:
            self.mistakes.append(path)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    collector = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.collector.take(self.path, named, body)
        self.send_response(self.collector.failure or 200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass
