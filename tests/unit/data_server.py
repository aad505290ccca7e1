"""A server of data sets on this machine, which has faults where it is told to."""

import contextlib
import re
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<!doctype html><title>Log in to the Wi-Fi of this hotel</title>" * 40

#: Faults that stay, and what is said of them when a load has tried again and again.
LASTING = {
    "cut": "the connection broke",
    "503": "the server has a fault",
    "404": "the server answered 404",
    "page": "what the server sent is damaged or another file",
    "other": "what the server sent is damaged or another file",
    "hang up": "the connection broke",
}


class Server(ThreadingHTTPServer):
    """Give `files` by their paths.

    What `faults` holds happens to one request after the other, "503" or "cut" say;
    after them, `always`, and where that is empty all is well.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {}
        self.faults = deque()
        self.always = ""
        self.ranges = True
        self.asked = []  # (path, Range header)
        self.sent = 0  # bytes of files
        self.together = None  # a Barrier: requests wait for each other there
        self.closing = threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Say nothing: that a client hangs up is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers.get("Range")))
        fault = server.faults.popleft() if server.faults else server.always
        if server.together:
            server.together.wait()
        body = server.files.get(self.path.replace("%20", " ").lstrip("/"))
        if body is None:
            fault = fault or "404"
        with contextlib.suppress(ConnectionError):
            self._answer(fault, body)

    def _answer(self, fault, body):
        if fault.isdigit():
            self.send_error(int(fault))
        elif fault == "page":
            self._send(PAGE, kind="text/html")
        elif fault == "other":
            self._send(bytes(reversed(body)))
        elif fault == "hang up":
            self.close_connection = True
        elif fault == "silent":
            self.server.closing.wait(20)
        else:
            self._send_part(fault, body)

    def _send_part(self, fault, body):
        asked = re.fullmatch(r"bytes=0-(\d+)", self.headers.get("Range") or "")
        status = 200
        if asked and self.server.ranges:
            body, status = body[: int(asked[1]) + 1], 206
        self._send(body, status, fault=fault)

    def _send(self, body, status=200, *, kind="application/octet-stream", fault=""):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "cut":
            body = body[: len(body) // 2]
        step = 1 << 16
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.server.sent += len(body[start : start + step])
            if fault == "stall":
                self.server.closing.wait(20)


@contextlib.contextmanager
def serving():
    """Run a server for as long as the block takes."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
