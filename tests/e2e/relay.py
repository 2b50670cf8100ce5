"""A relay in front of the reference implementation: over TLS, or with habits of its own."""

import socket
import ssl
import threading
from urllib.parse import urlsplit

import bundles


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Relay:
    """Takes connections on a free loopback port and serves each in a thread, by serve()."""

    def __init__(self, base_url):
        self.target = (urlsplit(base_url).hostname, urlsplit(base_url).port)

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._safely, args=(client,), daemon=True).start()

    def _safely(self, client):
        try:
            self.serve(client)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            client.close()

    def serve(self, client):
        with socket.create_connection(self.target) as server:
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join()


class Tls(Relay):
    """HTTPS for "localhost" with a certificate of its own authority; ca is the file to trust. It
    also sends the certificate of a famous one, which vouches for nothing here."""

    def __init__(self, base_url, folder):
        super().__init__(base_url)
        self.ca = folder / "ca.pem"
        key, famous, chain = (folder / name for name in ("tls-key.pem", "famous.pem", "chain.pem"))
        for file, private, name in ((famous, folder / "famous-key.pem", "Famous Root"),
                                    (self.ca, key, "localhost")):
            bundles.openssl(
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", private, "-out", file,
                "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost",
            )
        chain.write_bytes(self.ca.read_bytes() + famous.read_bytes())
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, key)

    def serve(self, client):
        with self.context.wrap_socket(client, server_side=True) as secure:
            super().serve(secure)


def read_head(stream):
    """Start line and headers of a message, None at its end."""
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line.rstrip(b"\r\n"))
    if not lines:
        return None
    headers = [tuple(part.strip() for part in line.split(b":", 1)) for line in lines[1:]]
    return lines[0], headers


def read_body(stream, headers):
    length = next((int(v) for k, v in headers if k.lower() == b"content-length"), 0)
    return stream.read(length)
