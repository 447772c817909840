"""The messages of the management API as Google's own library reads them (`run` installs it)."""

import json
import os
import shutil
import subprocess
import sys

from pages import ROOT

sys.path.insert(0, os.environ.get("OTLP_CLASSES", ""))
try:
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
except ImportError:
    json_format = None
finally:
    sys.path.pop(0)

PACKAGE = "ccrelay.management.v1"
TIME = "google.protobuf.Timestamp"


class Contract:
    """What stands in proto/, compiled by protoc."""

    def __init__(self, test):
        if not json_format:
            test.skipTest("skipped: there is no protobuf of PyPI")
        if not shutil.which("protoc"):
            test.skipTest("skipped: there is no protoc")
        compiled = test.scratch / "management.pb"
        file = "ccrelay/management/v1/management.proto"
        command = ["protoc", "-I", ROOT / "proto", "--include_imports", "-o", compiled, file]
        subprocess.run(command, check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes())
        self._pool = descriptor_pool.DescriptorPool()
        for each in files.file:
            self._pool.Add(each)

    def services(self):
        found = self._pool.FindFileByName("ccrelay/management/v1/management.proto")
        return found.services_by_name.values()

    def read(self, name, text):
        """The message of that name in this JSON, where every field is there; and the JSON."""
        descriptor = self._pool.FindMessageTypeByName(f"{PACKAGE}.{name}")
        value = json.loads(text)
        missing(descriptor, value, name)
        message = message_factory.GetMessageClass(descriptor)()
        return json_format.Parse(text, message, descriptor_pool=self._pool), value


def missing(descriptor, value, where):
    """Raises when a field is not there, or of a `oneof` not just one."""
    for field in descriptor.fields:
        group = field.containing_oneof
        chosen = group and (len(group.fields) > 1 or not group.name.startswith("_"))
        if chosen:
            told = [each.name for each in group.fields if each.name in value]
            assert len(told) == 1, f"{where} has {told} of {group.name}"
            if field.name not in value:
                continue
        assert field.name in value, f"{where} has no {field.name}"
        inner = field.message_type
        if not inner or inner.full_name == TIME or inner.GetOptions().map_entry:
            continue
        for each in as_list(value[field.name]):
            missing(inner, each, f"{where}.{field.name}")
    unknown = set(value) - {field.name for field in descriptor.fields}
    assert not unknown, f"{where} has {unknown}"


def as_list(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
