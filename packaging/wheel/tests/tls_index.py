# SPDX-License-Identifier: MIT
"""tls_index.py CERT KEY VERSION - an index of one project, "pure", over TLS of one version; prints its port, ends
with its stdin."""
import hashlib
import http.server
import io
import ssl
import sys
import threading
import zipfile


def wheel():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        z.writestr("pure.py", "x = 1\n")
        z.writestr("pure-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pure\nVersion: 1.0\n")
        z.writestr("pure-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr("pure-1.0.dist-info/RECORD", "pure.py,,\n")
    return data.getvalue()


WHEEL = wheel()
NAME = "pure-1.0-py3-none-any.whl"
PAGE = f'<!DOCTYPE html><a href="/{NAME}#sha256={hashlib.sha256(WHEEL).hexdigest()}">{NAME}</a>'.encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        bodies = {"/simple/pure/": ("text/html", PAGE), "/" + NAME: ("application/octet-stream", WHEEL)}
        kind, body = bodies.get(self.path, (None, b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def main():
    cert, key, version = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
