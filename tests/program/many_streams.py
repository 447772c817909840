"""Hundreds of streams at once, on one thread: a provider whose every stream says something of its
own, cut anywhere, and clients that keep no more of what comes than its SHA-256."""

import asyncio
import hashlib
import json
import random
import re
import threading

USAGE = {"input_tokens": 1000, "output_tokens": 1}
OUTPUT_TOKENS = 350


def _event(name, **fields):
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields}, ensure_ascii=False)}\n\n"


def text_of(number, pieces):
    """A whole stream, another for each number: a beginning, words of several alphabets, an end."""
    dice = random.Random(number)
    message = {"id": f"msg_{number}", "type": "message", "model": "m", "usage": USAGE}
    text = _event("message_start", message=message)
    for _ in range(pieces):
        words = "".join(dice.choice("abc äß€ 漢字 🎉\\\"\n") for _ in range(dice.randint(1, 40)))
        delta = {"type": "text_delta", "text": f"{number} {words}"}
        text += _event("content_block_delta", index=0, delta=delta)
    text += _event(
        "message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": OUTPUT_TOKENS}
    )
    return (text + _event("message_stop")).encode()


class ManyStreams:
    """`go_on()` lets each stream of the provider say one more of its `pieces` parts; after so many
    calls all of them end. `sent` and `received` tell by number what each end saw: its SHA-256 and
    length."""

    def __init__(self, test, pieces):
        self.pieces = pieces
        self.sent, self.received, self.statuses = {}, {}, {}
        self.heads = []  # of all requests that came to the provider
        self._step, self._clients, self._serving = 0, [], set()
        self._loop = asyncio.new_event_loop()
        self._moved = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        test.addCleanup(self._close)
        self.port = self._run(self._provide())

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def begin(self, port, count, headers):
        """So many clients; returns when the first event of each has come."""
        self._run(self._begin(port, count, headers))

    def go_on(self):
        self._run(self._go_on())

    def end(self):
        """Waits until all clients have read all."""
        self._run(self._end())

    def _close(self):
        self._run(self._cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    # ---- the provider

    async def _provide(self):
        self._moved = asyncio.Condition()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1000)
        return server.sockets[0].getsockname()[1]

    def _accept(self, reader, writer):
        """No coroutine: of one that is cancelled asyncio would print a traceback."""
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                body = json.loads(await reader.readexactly(int(length[1])))
                number = int(body["messages"][0]["content"])
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                    b"transfer-encoding: chunked\r\n\r\n"
                )
                await self._stream(writer, number)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _stream(self, writer, number):
        text = text_of(number, self.pieces)
        first = text.index(b"\n\n") + 2
        dice = random.Random(-number)
        cuts = sorted(dice.choices(range(first, len(text)), k=self.pieces - 1))
        digest = hashlib.sha256()
        for step, (begin, end) in enumerate(
            zip([0, first, *cuts], [first, *cuts, len(text)], strict=True)
        ):
            async with self._moved:
                await self._moved.wait_for(lambda step=step: self._step >= step)
            part = text[begin:end]
            if not part:
                continue
            digest.update(part)
            writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        self.sent[number] = (digest.hexdigest(), len(text))

    async def _go_on(self):
        async with self._moved:
            self._step += 1
            self._moved.notify_all()

    # ---- its clients

    async def _begin(self, port, count, headers):
        began = [asyncio.Event() for _ in range(count)]
        for number in range(count):
            task = self._read(port, number, headers, began[number])
            self._clients.append(asyncio.ensure_future(task))
        await asyncio.gather(*(each.wait() for each in began))

    async def _read(self, port, number, headers, began):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            body = json.dumps(
                {
                    "model": "m",
                    "max_tokens": 400,
                    "stream": True,
                    "messages": [{"role": "user", "content": str(number)}],
                }
            )
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(
                f"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n{lines}"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            self.statuses[number] = int(head.split()[1])
            digest, length = hashlib.sha256(), 0
            while size := int(await reader.readline(), 16):
                part = await reader.readexactly(size)
                await reader.readline()
                digest.update(part)
                length += size
                began.set()
            self.received[number] = (digest.hexdigest(), length)
            writer.close()
        except (OSError, EOFError, ValueError) as error:
            self.received[number] = repr(error)
        finally:
            began.set()

    async def _end(self):
        await asyncio.gather(*self._clients)
