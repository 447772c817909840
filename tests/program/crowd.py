"""Many clients that mean no good, and a provider whose streams are long. A process of its own, so
that its descriptors and its work are not the test's: `python3 crowd.py` reads calls on standard
input, `[name, {arguments}]` a line, and answers each with a line of JSON."""

import asyncio
import collections
import itertools
import json
import os
import socket
import struct
import sys

CONNECTING_MAX = 200  # a server's backlog is not endless
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
STREAM_BYTES = 256 * 1024
# What a stream says when nobody takes it: begun, and longer than what lies between can hold.
EVENT = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":' + (
    b'{"type":"text_delta","text":"%s"}}\n\n' % (b"word " * 100)
)
START = b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","model":"m"}}\n\n'
LONG = START + EVENT * (STREAM_BYTES // len(EVENT))
ENDLESS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%s\r\n" % (len(LONG), LONG)
)


def post(size, body=b""):
    head = "POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {size}\r\n\r\n".encode() + body


def frame(kind, flags, stream, payload=b""):
    """RFC 9113 section 4.1."""
    size = len(payload)
    return struct.pack(">HBBBI", size >> 8, size & 255, kind, flags, stream) + payload


SETTINGS, SETTINGS_ACK = frame(4, 0, 0), frame(4, 1, 0)
# GET http://a/health, without the dynamic table (RFC 7541 section 6).
GET_HEALTH = b"\x82\x86\x04\x07/health\x41\x01a"


def get_health(stream):
    return frame(1, 5, stream, GET_HEALTH)


class Crowd:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.held = []
        self.trickle = None
        self.connecting = asyncio.Semaphore(CONNECTING_MAX)
        self.numbers = itertools.count()

    # ---- sockets

    async def connect(self, port, narrow=False):
        """`narrow`: the kernel on either side keeps little of what is not read."""
        one = socket.socket()
        one.setblocking(False)
        # Addresses in turn: the ports of a single one would run out.
        one.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        one.bind((f"127.0.0.{2 + next(self.numbers) % 100}", 0))
        if narrow:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        async with self.connecting:
            await self.loop.sock_connect(one, ("127.0.0.1", port))
        return one

    async def read_until(self, one, end):
        text = b""
        while end not in text:
            part = await self.loop.sock_recv(one, 4096)
            if not part:
                break
            text += part
        return text

    async def read_to_end(self, one):
        """How it was ended, after all that came."""
        try:
            while await self.loop.sock_recv(one, 65536):
                pass
        except OSError:
            pass

    async def all_of(self, makers):
        return await asyncio.gather(*makers)

    # ---- a provider

    async def provide(self):
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        listener.setblocking(False)
        self.provider = asyncio.create_task(self.accept(listener))
        return listener.getsockname()[1]

    async def accept(self, listener):
        serving = set()
        while True:
            one, _ = await self.loop.sock_accept(listener)
            task = asyncio.create_task(self.serve(one))
            serving.add(task)
            task.add_done_callback(serving.discard)

    async def serve(self, one):
        one.setblocking(False)
        with one:
            try:
                await self.read_until(one, b"\r\n\r\n")
                await self.loop.sock_sendall(one, ENDLESS)
                await self.read_to_end(one)
            except OSError:
                pass

    # ---- those that are slow, held until they are let go

    async def hold(self, port, count):
        """A third each is slow with its head, with its body and with reading its stream."""
        ways = (self.slow_head, self.slow_body, self.slow_reader)
        self.held = await self.all_of(ways[n % 3](port) for n in range(count))
        self.trickle = asyncio.create_task(self.go_on())
        return len(self.held)

    async def slow_head(self, port):
        one = await self.connect(port)
        await self.loop.sock_sendall(one, b"POST /v1/messages HTTP/1.1\r\nX-Slow: ")
        return one, b"x"

    async def slow_body(self, port):
        one = await self.connect(port)
        await self.loop.sock_sendall(one, post(100_000, b'{"model":"slow","stream":true,"x":"'))
        return one, b"x"

    async def slow_reader(self, port):
        one = await self.connect(port, narrow=True)
        body = b'{"model":"slow","stream":true,"max_tokens":9,"messages":[]}'
        await self.loop.sock_sendall(one, post(len(body), body))
        if b"message_start" not in await self.read_until(one, b"message_start"):
            raise RuntimeError("a stream did not begin")
        return one, None

    async def go_on(self):
        while True:
            for n, (one, more) in enumerate(self.held):
                try:
                    one.send(more) if more else one.recv(1)
                except BlockingIOError:
                    pass
                if n % 100 == 0:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.5)

    async def cut(self):
        """Of those that are still asking, how many the relay has answered or ended."""
        count = 0
        for one, more in self.held:
            try:
                one.recv(1)
                count += more is not None
            except BlockingIOError:
                pass
            except OSError:
                count += 1
        return count

    async def let_go(self):
        """They leave, every other one with a reset."""
        self.trickle.cancel()
        for n, (one, _) in enumerate(self.held):
            if n % 2:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        self.held = []

    # ---- those that come and go

    async def come_and_go(self, port, count, at_once):
        """What became of each kind: how many did what they wanted, of how many."""
        ways = [self.asks, self.asks_in_http_2, self.resets, self.half_head, self.half_body,
                self.garbage]  # fmt: skip
        room = asyncio.Semaphore(at_once)
        done, peak, open_now = collections.Counter(), 0, 0

        async def one_of(way):
            nonlocal peak, open_now
            async with room:
                with await self.connect(port) as one:
                    open_now += 1
                    peak = max(peak, open_now)
                    await asyncio.sleep(0.5)  # so that many are there at once
                    well = await way(one)
                    done[way.__name__] += well
                    open_now -= 1

        await self.all_of(one_of(ways[n % len(ways)]) for n in range(count))
        return {"done": done, "peak": peak}

    async def asks(self, one):
        await self.loop.sock_sendall(one, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        return (await self.read_until(one, b'"ok"}')).endswith(b'{"status":"ok"}')

    async def asks_in_http_2(self, one):
        await self.loop.sock_sendall(one, PREFACE + SETTINGS + get_health(1) + SETTINGS_ACK)
        return b'{"status":"ok"}' in await self.read_until(one, b'"ok"}')

    async def resets(self, one):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return True

    async def half_head(self, one):
        await self.loop.sock_sendall(one, b"POST /v1/messages HTT")
        return True

    async def half_body(self, one):
        await self.loop.sock_sendall(one, post(1000, b'{"model":'))
        return True

    async def garbage(self, one):
        await self.loop.sock_sendall(one, b"\x00\xff" + bytes(range(64, 128)) + b"\r\n\r\n")
        return b" 400 " in await self.read_until(one, b"\r\n")

    # ---- floods: `count` connections, each until the relay ends it

    async def flood(self, port, count, what):
        sent = getattr(self, "flood_" + what)()

        async def one_of():
            with await self.connect(port) as one:
                reading = asyncio.create_task(self.read_to_end(one))
                try:
                    await self.loop.sock_sendall(one, sent)
                except OSError:
                    pass  # ended while it was sent
                await reading

        await self.all_of(one_of() for _ in range(count))

    def flood_rapid_reset(self):
        """CVE-2023-44487."""
        cancel = struct.pack(">I", 8)
        streams = range(1, 10_000, 2)
        pairs = (get_health(number) + frame(3, 0, number, cancel) for number in streams)
        return PREFACE + SETTINGS + b"".join(pairs)

    def flood_settings(self):
        return PREFACE + SETTINGS * 5000

    def flood_ping(self):
        return PREFACE + SETTINGS + frame(6, 0, 0, bytes(8)) * 5000

    def flood_continuation(self):
        """A head that does not end, in small pieces."""
        return PREFACE + SETTINGS + frame(1, 0, 1, GET_HEALTH) + frame(9, 0, 1) * 5000

    def flood_garbage(self):
        return bytes(range(256)) * 16 + b"\r\n\r\n"

    def flood_tls(self):
        """The head of a handshake's record, and what is no handshake."""
        return b"\x16\x03\x01\x01\x00" + bytes(range(1, 256)) * 2

    def flood_plain_http(self):
        return b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


async def main():
    crowd = Crowd()
    while line := await asyncio.to_thread(sys.stdin.readline):
        name, arguments = json.loads(line)
        answer = await getattr(crowd, name)(**arguments)
        print(json.dumps(answer), flush=True)
    os._exit(0)  # whatever is still held


asyncio.run(main())
