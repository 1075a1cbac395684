#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""index_server.py LOG - package indexes that misbehave, for test_index.c.

Listens on two ports of the loopback interface (two origins), prints them, and ends with its
stdin.  Each request becomes a line of LOG: PORT PATH and the headers that matter.  What is
done depends on the project asked for.
"""
import base64
import gzip
import hashlib
import http.server
import io
import json
import random
import sys
import threading
import time
import zipfile

WHEEL = b"PK\5\6" + bytes(range(256)) * 40
SHA256 = hashlib.sha256(WHEEL).hexdigest()
JSON = "application/vnd.pypi.simple.v1+json"
hits, lock = {}, threading.Lock()


def wheel(name, *members, count=0):
    """A wheel of half a megabyte, METADATA at its end as wheels have it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pkg/data.json", random.Random(1).randbytes(500000))
        for member in members:
            archive.writestr(member, "x = 1\n" * 500)
        for i in range(count):
            archive.writestr(f"pkg/{'folder' * 8}/{i}.py", "")
        archive.writestr(f"{name}-1.0.dist-info/METADATA",
                         f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: other\n")
        archive.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{name}-1.0.dist-info/licenses/LICENSE", "none")
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return data.getvalue()


LOOKS = {"lpure": wheel("lpure", "pkg/x.py"), "lnative": wheel("lnative", "pkg/x.so"),
         "lopen": wheel("lopen", "pkg/program"), "llong": wheel("llong", count=2000),
         "lnoranges": wheel("lnoranges", "pkg/x.py"), "lshift": wheel("lshift", "pkg/x.py"),
         "lnozip": b"x" * 500000, "lother": wheel("another", "pkg/x.py"),
         "lscript": wheel("lscript", "lscript-1.0.data/scripts/run.sh"),
         "lhidden": wheel("lhidden", "lhidden-1.0.dist-info/x.so"),
         "lleads": wheel("lleads", "lleads-1.0.dist-info/../x"),
         "lchange": wheel("lchange", count=2000),
         "lcut": wheel("lcut", "pkg/x.py")[:-3]}


def page(project, versions=("1.0",), **more):
    files = [dict({"filename": f"{project}-{v}-py3-none-any.whl", "size": len(WHEEL),
                   "url": f"../../files/{project}-{v}-py3-none-any.whl",
                   "hashes": {"sha256": SHA256}}, **more) for v in versions]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": files}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, body=b"", content_type=JSON, length=None, **headers):
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, where):
        self.answer(302, b"", Location=where)

    def stream(self, piece, pause, count=1 << 40):
        self.send_response(200)
        self.send_header("Content-Type", JSON)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for _ in range(count):
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(pause)

    def do_GET(self):
        me = self.server.server_address[1]
        other = next(p for p in self.server.ports if p != me)
        headers = {k.lower(): v for k, v in self.headers.items()}
        noted = " ".join(f"{k}={headers[k]}" for k in
                         ("authorization", "if-none-match", "if-modified-since", "range")
                         if k in headers)
        with lock:
            hits[self.path] = hits.get(self.path, 0) + 1
            n = hits[self.path]
            with open(sys.argv[1], "a") as log:
                log.write(f"{me} {self.path} {noted}\n")
        try:
            self.act(headers, n, me, other)
        except ConnectionError:
            self.close_connection = True

    def act(self, headers, n, me, other):
        parts = self.path.strip("/").split("/")
        project = parts[-1]
        if "files" in parts:
            return self.send_file(project, headers)
        if parts[0] == "second":
            if project == "both":
                return self.answer(200, page(project, ("1.0", "2.0"), yanked="old"))
            if project == "same":
                return self.answer(200, page(project).replace(b"../../", b"../"))
            return self.answer(404, b"none", "text/plain")
        if parts[0] == "private":
            wanted = "Basic " + base64.b64encode(b"me:se/cret").decode()
            if headers.get("authorization") != wanted:
                return self.answer(401, b"no")
            if project == "moved":
                return self.redirect("http:" + f"//127.0.0.1:{other}/simple/plain/")
            return self.answer(200, page(project))
        act = getattr(self, "do_" + project.replace("-", "_"), None)
        if act:
            return act(headers, n, me)
        return self.answer(404, b"no such project", "text/plain")

    def send_file(self, name, headers):
        if name.startswith("lie-"):
            return self.answer(200, WHEEL + b"!", "application/zip")
        if name.startswith("endless-"):
            return self.stream(b"x" * 65536, 0)
        if not name.endswith(".whl"):
            return self.answer(404)
        content = LOOKS.get(name.split("-")[0], WHEEL)
        asked = headers.get("range", "")
        etag = '"changed"' if name.startswith(("change-", "lchange-")) and "if-range" in headers else '"whl"'
        if "if-range" in headers and headers["if-range"] != etag:
            asked = ""
        if not asked or name.startswith(("noranges-", "lnoranges-")):
            return self.answer(200, content, "application/zip", ETag=etag)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(content) - int(last))
        stop = min(len(content), int(last) + 1) if first and last else len(content)
        shift = 1 if name.startswith(("shift-", "lshift-")) else 0
        return self.answer(206, content[start + shift:stop + shift], "application/zip", ETag=etag,
                           Content_Range=f"bytes {start + shift}-{stop + shift - 1}/{len(content)}")

    # ---- projects ----

    def do_plain(self, headers, n, me):
        self.answer(200, page("plain", ("1.0", "1.1")))

    def do_both(self, headers, n, me):
        self.answer(200, page("both"))

    def do_same(self, headers, n, me):
        self.answer(200, page("same", ("1.0", "2.0")))

    def do_html(self, headers, n, me):
        self.answer(200, b'<!DOCTYPE html><a href="/files/html-1.0.tar.gz#sha256=' +
                    SHA256.encode() + b'" data-requires-python="&gt;=3.8">x</a>', "text/html")

    def do_fresh(self, headers, n, me):
        self.answer(200, page("fresh"), Cache_Control="public, max-age=600")

    def do_etag(self, headers, n, me):
        if headers.get("if-none-match") == '"one"':
            return self.answer(304, ETag='"one"')
        self.answer(200, page("etag"), ETag='"one"', Cache_Control="max-age=0")

    def do_gzip(self, headers, n, me):
        assert headers.get("accept-encoding") == "gzip"
        self.answer(200, gzip.compress(page("gzip")), Content_Encoding="gzip")

    def do_bomb(self, headers, n, me):
        self.answer(200, gzip.compress(b'{"files":[' + b" " * (50 << 20)), Content_Encoding="gzip")

    def do_slow(self, headers, n, me):
        self.stream(b" ", 1, 60)

    def do_silent(self, headers, n, me):
        time.sleep(60)

    def do_cut(self, headers, n, me):
        body = page("cut")
        self.answer(200, body, length=len(body) + 1000)
        self.close_connection = True

    def do_garbage(self, headers, n, me):
        self.answer(200, bytes(range(256)) * 64)

    def do_nonsense(self, headers, n, me):
        self.wfile.write(b"\x7fELF\0\1\2\3" * 100)
        self.close_connection = True

    def do_circle(self, headers, n, me):
        self.redirect("/simple/circle/")

    def do_to_file(self, headers, n, me):
        self.redirect("file:///etc/passwd")

    def do_moved(self, headers, n, me):
        self.redirect("../../elsewhere/plain/?token=hush")

    def do_endless(self, headers, n, me):
        self.stream(b" " * 65536, 0)

    def do_huge(self, headers, n, me):
        self.answer(200, b"{", length=10 << 30)

    def do_heads(self, headers, n, me):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-More: " + b"x" * 8000 + b"\r\n")

    def do_busy(self, headers, n, me):
        if n < 3:
            return self.answer(429, b"later")
        self.answer(200, page("busy"))

    def do_later(self, headers, n, me):
        self.answer(503, b"in an hour", Retry_After="3600")

    def do_broken(self, headers, n, me):
        self.answer(500, b"<h1>oops</h1>")

    def do_nested(self, headers, n, me):
        self.answer(200, b'{"files":[' + b"[" * 500000)

    def do_odd(self, headers, n, me):
        self.answer(200, page("odd"), "application/octet-stream")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


servers = [Server(("127.0.0.1", 0), Handler) for _ in range(2)]
for server in servers:
    server.ports = [s.server_address[1] for s in servers]
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(*servers[0].ports, flush=True)
sys.stdin.read()
