"""A server between the program and the reference implementation, to give that one other manners."""

import contextlib
import http.client
import http.server
import json
import socket
import struct
import sys
import threading
from urllib.parse import urlsplit

import house

UNWANTED = ("connection", "content-length", "host", "transfer-encoding")
DROP = object()  # instead of an answer: the connection ends without one


class Cut(bytes):
    """A body that ends before its Content-Length does."""


class Stream:
    """A body in pieces, of no length that is told."""

    def __init__(self, pieces):
        self.pieces = pieces


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def relay(self):
        if self.server.between.cuts_off(self.headers):
            self.cut_off()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = [(k, v) for k, v in self.headers.items() if k.lower() not in UNWANTED]
        answer = self.server.between.request(self.command, self.path, headers, body)
        if answer is None:
            answer = self.server.between.answer(
                self.command, self.path, body,
                *self.server.between.send(self.command, self.path, headers, body),
            )
        if answer is DROP:
            self.end_connection()
            return
        status, headers, body = answer
        self.send_response_only(status, "As Is")
        for name, value in headers:
            self.send_header(name, value)
        if isinstance(body, Stream):
            self.stream(body)
            return
        self.send_header("Content-Length", str(len(body) + 10 * isinstance(body, Cut)))
        self.end_headers()
        self.wfile.write(body)
        if isinstance(body, Cut) or self.server.between.closes:
            self.end_connection()

    def stream(self, body):
        self.end_headers()
        with contextlib.suppress(OSError):
            for piece in body.pieces:
                self.wfile.write(piece)
        self.end_connection()

    def cut_off(self):
        """As who refuses a request by its head, and closes before the rest of it has come."""
        self.close_connection = True
        now = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        self.wfile.write(b"HTTP/1.1 431 Too Large\r\nConnection: close\r\n\r\n")
        self.connection.close()

    def end_connection(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_PATCH = do_POST = relay

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 100

    def handle_error(self, request, client_address):
        """A client that was killed is nothing to report."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Between:
    """Hands everything on. A test overrides request(), answer() or both, which may give DROP."""

    closes = False  # every connection after one answer, without saying so
    preflight = 2  # its updates still to come: one of nonsense, and one that is taken

    def __init__(self, reference):
        self.reference = reference
        self.behind = urlsplit(reference.base_url).netloc
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.between = self
        self.base_url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def cuts_off(self, headers):
        """Whether a request with these headers is refused before its body is read, and lost."""
        return False

    def request(self, method, path, headers, body):
        """An answer (status, headers, body) instead of the one from behind; None: hand it on."""

    def answer(self, method, path, sent, status, headers, body):
        """What is made of the answer from behind."""
        return status, headers, body

    def is_update_of_a_case(self, method):
        """Whether this is an update after the preflight's; ask once for each request."""
        if method != "PATCH":
            return False
        self.preflight -= 1
        return self.preflight < 0

    def send(self, method, path, headers, body):
        there = http.client.HTTPConnection(self.behind, timeout=30)
        try:
            there.request(method, path, body or None, dict(headers))
            answer = there.getresponse()
            content = answer.read()
            kept = [(k, v) for k, v in answer.getheaders() if k.lower() not in UNWANTED]
            return answer.status, kept, content
        finally:
            there.close()


def as_json(status, value, *headers):
    return status, [("Content-Type", "application/json"), *headers], json.dumps(value).encode()


class Case(house.Case):
    def run_behind(self, between_class, *args, expect, change=None, serve=(), **given):
        """Certify the reference implementation behind between_class; given are its attributes."""
        reference = self.enter(house.Reference(*serve))
        between = between_class(reference)
        self.addCleanup(between.close)
        for name, value in given.items():
            setattr(between, name, value)

        def adjust(profile):
            profile["iut"]["base_url"] = between.base_url
            if change:
                change(profile)

        profile = reference.write(self.folder, adjust)
        return self.run_suite("--profile", profile, *args, expect=expect)

    def case(self, name):
        return {case["id"]: case for case in self.results()["cases"]}[name]
