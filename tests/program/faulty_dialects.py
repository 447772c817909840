"""What the faulty gateway knows of OpenAI's and Gemini's words, written against their references."""

import json
import re

# Errors of a gateway's own: status to OpenAI's type and code, and to Google's word.
WORDS = {
    400: ("invalid_request_error", None, "INVALID_ARGUMENT"),
    401: ("invalid_request_error", "invalid_api_key", "UNAUTHENTICATED"),
    403: ("invalid_request_error", "invalid_api_key", "UNAUTHENTICATED"),
    404: ("invalid_request_error", "unknown_url", "NOT_FOUND"),
    429: ("insufficient_quota", "insufficient_quota", "RESOURCE_EXHAUSTED"),
    426: ("invalid_request_error", None, "FAILED_PRECONDITION"),
}
# How a stream ends well.
ENDS = {
    "messages": b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    "chat": b"data: [DONE]\n\n",
    "responses": b'event: response.completed\ndata: {"type":"response.completed"}\n\n',
    "gemini": b'data: {"candidates":[{"finishReason":"STOP"}]}\n\n',
}
# What its clients take in a stream's silence, and what they don't.
FILLS = {
    "messages": (b": wait\n\n", b""),
    "chat": (b": wait\n\n", b"event: ping\ndata: {}\n\n"),
    "responses": (b": wait\n\n", b"event: ping\ndata: {}\n\n"),
    "gemini": (b"\n\n", b": wait\n\n"),
}


def dialect_of(path):
    if path.startswith("/v1beta/"):
        return "gemini"
    if path.startswith("/v1/chat/"):
        return "chat"
    return "responses" if path.startswith("/v1/responses") else "messages"


def envelope(dialect, status, kind, message, wait=None):
    """An error as that dialect's clients know it; `wait` in seconds, where they look for it."""
    openai, code, word = WORDS.get(status, ("server_error", None, "INTERNAL"))
    if dialect == "messages":
        said = {"type": "error", "error": {"type": kind, "message": message}}
    elif dialect == "gemini":
        said = {"error": {"code": status, "message": message, "status": word}}
        if wait:
            info = "type.googleapis.com/google.rpc.RetryInfo"
            said["error"]["details"] = [{"@type": info, "retryDelay": f"{wait}s"}]
    else:
        said = {"error": {"message": message, "type": openai, "param": None, "code": code}}
    return json.dumps(said).encode()


def without_key(target):
    """The target without the key in its query, and that key."""
    path, mark, query = target.partition("?")
    pairs = query.split("&") if mark else []
    keys = [pair[4:] for pair in pairs if pair.startswith("key=")]
    rest = "&".join(pair for pair in pairs if not pair.startswith("key="))
    return path + ("?" + rest if rest else ""), (keys or [""])[0]


def changed_target(fault, target):
    """What arrives is not what was asked for."""
    if fault == "path.methods":
        target = target.replace("/chat/completions", "/completions")
        target = target.replace("/responses/input_tokens", "/responses")
        return target.replace(":streamGenerateContent", ":generateContent")
    return target.replace("?alt=sse", "") if fault == "path.methods@alt" else target


def changed_body(fault, body):
    if fault == "body.reasoning":
        names = rb"reasoning_content|encrypted_content|thoughtSignature"
        return re.sub(rb',"(' + names + rb')":"[^"]*"', b"", body)
    return body


def changed_answer(fault, body):
    """Of one that is no stream."""
    if fault == "answer.bytes" and b"conformance_unknown" in body:
        return json.dumps(json.loads(body)).encode()
    return body


# Faults that change a stream event by event.
BY_EVENT = ("stream.form", "stream.usage")


class Events:
    """What a fault does to the events of a stream, one after the other."""

    def __init__(self, fault, dialect):
        self.fault, self.dialect = fault, dialect
        self.has_form = False  # it is the stream whose form is looked at
        self.is_odd = False  # that whose bytes are

    def event(self, event):
        self.has_form = self.has_form or b"form-" in event
        self.is_odd = self.is_odd or rb"\u0041\/" in event
        if self.is_odd:
            return event
        if self.fault == "stream.usage":
            return event.replace(b'"conformance_usage":7.0', b'"conformance_usage":7')
        if self.fault == "stream.usage@gone":
            return b"" if b'"choices":[]' in event else event
        return self.formed(event) if self.has_form else event

    def formed(self, event):
        if self.fault == "stream.form":
            if self.dialect == "gemini":
                return b": more\n\n" + event
            if self.dialect == "chat":
                return b"event: message\n" + event
            is_last = event.startswith(b"event: response.completed")
            return event + (b"data: [DONE]\n\n" if is_last else b"")
        if self.fault == "stream.form@done":
            return b"" if b"[DONE]" in event else event
        if self.fault == "stream.form@number":
            return re.sub(rb'"sequence_number":\d+', b'"sequence_number":0', event)
        if self.fault == "stream.form@name":
            return re.sub(rb"^event: .*\n", b"", event)
        return event
