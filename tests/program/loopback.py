"""An HTTP server on a loopback port, each connection on a thread of its own, until its test ends."""

import http.server
import sys
import threading


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # A crowd may come while the machine is busy: nobody is to be turned away, or to knock again a
    # second later, for want of room.
    request_queue_size = 1024

    def __init__(self, test, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self._test = test

    def begin(self):
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        self._test.addCleanup(self.server_close)
        self._test.addCleanup(self.shutdown)

    @property
    def address(self):
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """That a client has left, or doesn't trust a certificate, is for the test to judge."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
