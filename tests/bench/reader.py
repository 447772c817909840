"""Reads all events of requests over the management's Unix socket, as reader.py SOCKET live, or stops
when it has begun, as reader.py SOCKET stopped. Says `reading` then, and when its standard input
ends, in one line of JSON, of how many requests it was told the end and how many events it missed."""

import json
import re
import select
import socket
import sys

path, kind = sys.argv[1:]
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
connection.sendall(b"GET /api/v1/requests:watch?include_existing=true HTTP/1.1\r\nHost: relay\r\n\r\n")
seen = b""
while b'"synced"' not in seen:
    piece = connection.recv(65536)
    if not piece:
        sys.exit(f"the relay said {seen.decode()}")
    seen += piece
print("reading", flush=True)

told = {"ended": 0, "lost": 0}
rest = b""
while True:
    watched = [sys.stdin] if kind == "stopped" else [sys.stdin, connection]
    ready, _, _ = select.select(watched, [], [])
    if connection in ready:
        # A chunk's head may stand in the middle of a word; what is counted is short.
        rest += connection.recv(1 << 20)
        whole = rest.rfind(b"\n\n") + 1
        told["ended"] += rest.count(b'"ended":{', 0, whole)
        for lost in re.finditer(rb'"lost":\{"events":(\d+)', rest[:whole]):
            told["lost"] += int(lost[1])
        rest = rest[whole:]
    if sys.stdin in ready:
        break
print(json.dumps(told), flush=True)
