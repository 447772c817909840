"""A client of HTTP/2 (RFC 9113) that is just enough to ask one request after the other. Of an
answer's head it reads whether it is 200, for which there is a byte of its own (RFC 7541, 0x88)."""

import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM = ACK = 0x1
END_HEADERS = 0x4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """Not indexed, not compressed."""
    assert len(name) < 127 and len(value) < 127
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


class H2Peer:
    def __init__(self, sock):
        self._sock = sock
        self._next = 1
        self.last_allowed = None  # of the last GOAWAY
        sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))

    def post(self, path, body):
        """The status as far as it is read, 200 or 0, and the body."""
        stream, self._next = self._next, self._next + 2
        fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost"}
        block = b"".join(literal(*field) for field in fields.items())
        block += literal("content-type", "application/json")
        self._sock.sendall(
            frame(HEADERS, END_HEADERS, stream, block)
            + frame(DATA, END_STREAM, stream, body.encode())
        )
        status, text = None, b""
        while True:
            kind, flags, of, payload = self._read()
            if kind == PING and not flags & ACK:
                self._sock.sendall(frame(PING, ACK, 0, payload))
            elif kind == SETTINGS and not flags & ACK:
                self._sock.sendall(frame(SETTINGS, ACK, 0))
            elif kind == GOAWAY:
                self.last_allowed = struct.unpack(">I", payload[:4])[0] & 0x7FFFFFFF
                if self.last_allowed < stream:
                    raise AssertionError(f"stream {stream} is above {self.last_allowed} of GOAWAY")
            elif of == stream and kind == HEADERS:
                status = 200 if b"\x88" in payload[:2] else 0
            elif of == stream and kind == DATA:
                text += payload
                if payload:
                    size = struct.pack(">I", len(payload))
                    self._sock.sendall(frame(WINDOW_UPDATE, 0, 0, size))
            elif of == stream and kind == RST_STREAM:
                raise AssertionError(f"stream {stream} was reset")
            if of == stream and kind in (DATA, HEADERS) and flags & END_STREAM:
                return status, text.decode()

    @property
    def goes_away(self):
        return self.last_allowed is not None

    def _read(self):
        head = self._exactly(9)
        length = struct.unpack(">I", b"\0" + head[:3])[0]
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        return kind, flags, stream & 0x7FFFFFFF, self._exactly(length)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            part = self._sock.recv(count - len(data))
            if not part:
                raise AssertionError("the connection ended inside or before an answer")
            data += part
        return data
