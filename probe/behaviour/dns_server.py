#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""dns_server.py PROGRAM [ARGUMENT...] - run PROGRAM where every DNS answer is ours.

Started by dns_run inside fresh network, mount and host name namespaces, as root. It mounts an empty
/etc and /var/run of its own (seen by nobody else, gone with the last process), brings up loopback,
answers DNS on all of 127.0.0.0/8 port 53, and runs PROGRAM, which writes /etc/resolv.conf and the
others as it needs them (dns_lookup.h).

What a name gets is written in the name: the first label that is a directive for this server, this
record type and this action decides.

    [sN-][a-|aaaa-]ACTION        s1-servfail   aaaa-drop   s2-a-slow   ok

    ok        A 192.0.2.N, AAAA 2001:db8::N, N being the server (127.0.0.5N)
    nx, nodata, servfail, refused, formerr, notimp, drop (no answer at all)
    slow      the right answer after 300 ms; slownx the same with NXDOMAIN
    fitN      N addresses; over UDP only as many as fit in 512 bytes or what EDNS allows, and TC
    bigN      N addresses in one UDP packet, however long, no TC
    tcnone    over UDP TC and no answer, over TCP one address
    tcfail    over UDP TC and three addresses; over TCP the connection is reset
    tchang    over UDP TC and three addresses; over TCP never an answer
    cnameN    N CNAMEs, then an address
    cnameout  a CNAME to a name in another zone, nothing else; that name has an address
    cnamenx   a CNAME to a name, with NXDOMAIN
    cnamebad  a CNAME whose target has a space and a slash
    upper     the right answer with all names in upper case
    badid     a wrong answer with another id, the right one 100 ms later
    badname   a wrong answer to another question, the right one 100 ms later
    badsrc    a wrong answer from another address, the right one 100 ms later
    mixed     a set of addresses of all kinds, for the order
    txtN      a TXT of N bytes in all

Names without a directive do not exist, but for those in NAMES; of cluster.local exist only
those in NAMES. 127.0.0.59 has no TCP. Nothing listens on ::1, so a packet there comes
back as "refused".

A datagram that begins with "CTL " is from PROGRAM: "log" (what was asked since the last time),
"ports" (the same with a letter for each source port, and whether AD was set), "log background",
"net WHAT", "host NAME".
It comes through the same socket as the queries, so that all sent before it have been seen.
"""

import ctypes
import fcntl
import heapq
import itertools
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

A, CNAME, PTR, TXT, AAAA, OPT = 1, 5, 12, 16, 28, 41
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA",
         33: "SRV", 255: "ANY"}
CODES = {"formerr": 1, "servfail": 2, "nx": 3, "notimp": 4, "refused": 5}
DIRECTIVE = re.compile(r"(?:s(\d)-)?(?:(a|aaaa)-)?"
                       r"(ok|nodata|formerr|servfail|nx|notimp|refused|drop|slow|slownx|"
                       r"fit\d+|big\d+|tcnone|tcfail|tchang|cname\d+|cnameout|cnamenx|cnamebad|"
                       r"upper|badid|badname|badsrc|mixed|txt\d+)")
NAMES = {"db.default.svc.cluster.local", "db.other.svc.cluster.local", "target.elsewhere.example",
         "single", "under_score.example", "two words.example", "xn--bcher-kva.example",
         "b\u00c3\u00bccher.example", "host.example", "localhost"}
MIXED = {A: ["203.0.113.30", "10.1.2.3", "198.51.100.77", "192.168.1.1", "127.0.0.9", "192.0.2.10",
             "198.51.100.3"],
         AAAA: ["2001:db8:ffff::30", "fd00::1", "2002:c000:204::1", "2001:db8:1::77", "::1",
                "2001:db8:2::10"]}
POINTERS = {"1.2.0.192.in-addr.arpa": "host-1.ok.test", "2.2.0.192.in-addr.arpa": None}


def name_bytes(name):
    out = b""
    for label in name.rstrip(".").split("."):
        raw = label.encode("latin-1")
        out += bytes([len(raw)]) + raw
    return out + b"\0"


def record(name, kind, data):
    return name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def address(kind, text):
    return socket.inet_pton(socket.AF_INET if kind == A else socket.AF_INET6, text)


class Query:
    def __init__(self, data, tcp, server):
        self.data, self.tcp, self.server = data, tcp, server
        self.ident, self.flags, questions, _, _, extra = struct.unpack(">6H", data[:12])
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
            at += 1 + data[at]
        self.name = ".".join(labels)
        self.kind = struct.unpack(">H", data[at + 1:at + 3])[0]
        self.question = data[12:at + 5]
        self.size, rest = 512, data[at + 5:]
        self.edns = extra > 0 and len(rest) >= 11 and rest[0] == 0 and rest[1:3] == b"\0\x29"
        if self.edns:
            self.size = struct.unpack(">H", rest[3:5])[0]

    def reply(self, answers=(), code=0, tc=False, ident=None, question=None):
        head = struct.pack(">6H", self.ident if ident is None else ident,
                           0x8180 | (0x200 if tc else 0) | code, 1, len(answers), 0, 0)
        return head + (question or self.question) + b"".join(answers)

    def own(self, last=None):
        """The address this server has for a name."""
        last = self.server if last is None else last
        if self.kind not in (A, AAAA):
            return []
        text = f"192.0.2.{last}" if self.kind == A else f"2001:db8::{last}"
        return [record(b"\xc0\x0c", self.kind, address(self.kind, text))]

    def many(self, count):
        if self.kind == AAAA:
            return []
        return [record(b"\xc0\x0c", A, bytes([10, 9, i // 200, i % 200 + 1])) for i in range(count)]

    def action(self):
        name = self.name.encode("latin-1").lower().decode("latin-1")  # ASCII letters only
        for label in name.split(".") if not name.endswith(".cluster.local") else ():
            found = DIRECTIVE.fullmatch(label)
            if found and (not found[1] or int(found[1]) == self.server) and \
               (not found[2] or found[2] == TYPES.get(self.kind, "").lower()):
                return found[3]
        if name in POINTERS:
            return "pointer"
        return "ok" if name in NAMES else "nx"

    def answers(self):
        """What to send: (seconds later, packet or None for a reset, server address) each."""
        action, own = self.action(), self.own()
        number = int(re.sub(r"\D", "", action) or 0)
        first = b"\xc0\x0c"
        if action == "pointer":
            target = POINTERS[self.name.lower()]
            return [(0, self.reply([record(first, PTR, name_bytes(target))] if target else []), 0)]
        if action in CODES:
            return [(0, self.reply(code=CODES[action]), 0)]
        if action == "drop":
            return []
        if action == "nodata":
            return [(0, self.reply(), 0)]
        if action in ("slow", "slownx"):
            return [(0.3, self.reply(own) if action == "slow" else self.reply(code=3), 0)]
        if action.startswith("fit"):
            many = self.many(number)
            room = (self.size - 12 - len(self.question)) // 16
            if self.tcp or len(many) <= room:
                return [(0, self.reply(many), 0)]
            return [(0, self.reply(many[:room], tc=True), 0)]
        if action.startswith("big"):
            return [(0, self.reply(self.many(number)), 0)]
        if action == "tcnone":
            return [(0, self.reply(own) if self.tcp else self.reply(tc=True), 0)]
        if action in ("tcfail", "tchang"):
            if self.tcp:
                return [(0, None, 0)] if action == "tcfail" else []
            return [(0, self.reply(self.many(3), tc=True), 0)]
        if action.startswith("txt"):
            text = b""
            while number > 0:
                text += bytes([min(number, 255)]) + b"x" * min(number, 255)
                number -= 255
            full = self.reply([record(first, TXT, text)])
            if not self.tcp and len(full) > self.size:
                full = self.reply(tc=True)
            return [(0, full, 0)]
        if action in ("cnameout", "cnamenx", "cnamebad") or action.startswith("cname"):
            target = {"cnameout": "target.elsewhere.example", "cnamenx": "gone.elsewhere.example",
                      "cnamebad": "bad name/x.example"}.get(action)
            if action == "cnamenx":
                return [(0, self.reply([record(first, CNAME, name_bytes(target))], code=3), 0)]
            owner, chain = first, []
            for i in range(1 if target else number):
                to = name_bytes(target or f"link-{i + 1}-of-a-long-chain.example")
                chain.append(record(owner, CNAME, to))
                owner = to
            if self.kind in (A, AAAA):
                text = "192.0.2.1" if self.kind == A else "2001:db8::1"
                chain.append(record(owner, self.kind, address(self.kind, text)))
            return [(0, self.reply(chain if action != "cnameout" else chain[:1]), 0)]
        if action == "upper":
            name = name_bytes(self.name.upper())
            return [(0, self.reply([name + own[0][2:]] if own else [],
                                   question=name + self.question[-4:]), 0)]
        if action in ("badid", "badname", "badsrc"):
            wrong, right = self.own(66), self.reply(own)
            if action == "badid":
                return [(0, self.reply(wrong, ident=self.ident ^ 1), 0), (0.1, right, 0)]
            if action == "badname":
                other = name_bytes("another.example") + self.question[-4:]
                return [(0, self.reply(wrong, question=other), 0), (0.1, right, 0)]
            return [(0, self.reply(wrong), 8), (0.1, right, 0)]
        if action == "mixed":
            return [(0, self.reply([record(first, self.kind, address(self.kind, text))
                                    for text in MIXED.get(self.kind, [])]), 0)]
        return [(0, self.reply(own), 0)]


def server_number(raw):
    """127.0.0.5N is server N; 127.0.0.1 is 0."""
    return raw[3] - 50 if raw[3] > 50 else 0


class Server:
    def __init__(self):
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind(("0.0.0.0", 53))
        self.listeners, self.streams = [], {}
        for host in ["127.0.0.1"] + [f"127.0.0.5{i}" for i in range(1, 9)]:
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, 53))
            sock.listen(16)
            self.listeners.append(sock)
        self.later, self.count = [], 0
        self.seen, self.background, self.ports = [], [], {}

    def note(self, query, port):
        text = f"s{query.server}" + ("/tcp" if query.tcp else "")
        text += f" {TYPES.get(query.kind, query.kind)} {query.name or '.'}"
        if query.edns:
            text += f" (EDNS {query.size})"
        if not query.flags & 0x100:
            text += " (no recursion wanted)"
        if "background" in query.name.lower():
            self.background.append((text, "?"))
            return
        if query.flags & 0x20:
            text += "|AD"
        letter = self.ports.setdefault((query.tcp, port), chr(ord("a") + len(self.ports) % 26))
        self.seen.append((text, letter))

    def control(self, words):
        if words[0] in ("log", "ports"):
            if words[1:] == ["background"]:
                seen, self.background = self.background, []
            else:
                seen, self.seen, self.ports = self.seen, [], {}
            lines = []
            for text, letter in seen:
                text, _, flag = text.partition("|")
                if words[0] == "ports":
                    text += f" (port {letter}{', AD' if flag else ''})"
                lines.append(text)
            counts = [(text, len(list(group))) for text, group in itertools.groupby(lines)]
            return ", ".join(text + (f" ({count} times)" if count > 1 else "")
                             for text, count in counts) or "none"
        if words[0] == "net":
            network(words[1])
        if words[0] == "host":
            socket.sethostname(words[1])
        return "ok"

    def send_udp(self, packet, source, peer):
        info = struct.pack("i4s4s", 0, source, b"\0" * 4)
        try:
            self.udp.sendmsg([packet], [(socket.IPPROTO_IP, 8, info)], 0, peer)
        except OSError:
            pass

    def from_udp(self):
        data, extra, _, peer = self.udp.recvmsg(65535, 256)
        if data.startswith(b"CTL "):
            answer = self.control(data[4:].decode().split())
            self.send_udp(answer.encode("latin-1"), extra[0][2][8:12], peer)
            return
        source = extra[0][2][8:12]
        try:
            query = Query(data, False, server_number(source))
        except (IndexError, struct.error):
            self.seen.append(("a malformed query", "?"))
            return
        self.note(query, peer[1])
        for seconds, packet, other in query.answers():
            server = bytes([127, 0, 0, 50 + other]) if other else source
            self.plan(seconds, lambda p=packet, s=server: self.send_udp(p, s, peer))

    def from_stream(self, sock):
        try:
            data = sock.recv(65535)
        except OSError:
            data = b""
        if not data:
            del self.streams[sock]
            sock.close()
            return
        self.streams[sock] += data
        while len(self.streams[sock]) >= 2:
            size = struct.unpack(">H", self.streams[sock][:2])[0]
            if len(self.streams[sock]) < 2 + size:
                return
            data, self.streams[sock] = self.streams[sock][2:2 + size], self.streams[sock][2 + size:]
            host, port = sock.getsockname()[0], sock.getpeername()[1]
            query = Query(data, True, server_number(socket.inet_aton(host)))
            self.note(query, port)
            for _, packet, _ in query.answers():
                if packet is None:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    del self.streams[sock]
                    sock.close()
                    return
                sock.sendall(struct.pack(">H", len(packet)) + packet)

    def plan(self, seconds, call):
        if not seconds:
            call()
            return
        self.count += 1
        heapq.heappush(self.later, (time.monotonic() + seconds, self.count, call))

    def serve(self):
        while True:
            wait = max(0, self.later[0][0] - time.monotonic()) if self.later else None
            ready = select.select([self.udp, *self.listeners, *self.streams], [], [], wait)[0]
            while self.later and self.later[0][0] <= time.monotonic():
                heapq.heappop(self.later)[2]()
            for sock in ready:
                if sock is self.udp:
                    self.from_udp()
                elif sock in self.listeners:
                    self.streams[sock.accept()[0]] = b""
                elif sock in self.streams:
                    self.from_stream(sock)


def netlink(kind, body, flags=0x605):  # request, acknowledge, create, replace
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.bind((0, 0))
        sock.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        error = struct.unpack_from("=i", sock.recv(4096), 16)[0]
    if error and -error not in (17, 19, 99, 3):  # there already, or nothing to remove
        raise OSError(-error, os.strerror(-error))


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def network(what):
    """lo: the loopback addresses only; v4: and 198.51.100.1; v6: and 2001:db8:1::1; both;
    none6: as v4, and no IPv6 at all, as in a container without it. The real addresses come with a
    default route, so that all of the world counts as reachable."""
    family = {"lo": "", "v4": "4", "v6": "6", "both": "46", "none6": "4"}[what]
    with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w", encoding="ascii") as file:
        file.write("1" if what == "none6" else "0")
    for digit, af, text, bits in (("4", socket.AF_INET, "198.51.100.1", 24),
                                  ("6", socket.AF_INET6, "2001:db8:1::1", 64)):
        raw = socket.inet_pton(af, text)
        body = struct.pack("=BBBBI", af, bits, 2, 0, 1) + attribute(2, raw) + attribute(1, raw)
        route = struct.pack("=BBBBBBBBI", af, 0, 0, 0, 254, 3, 253 if digit == "4" else 0, 1, 0)
        route += attribute(4, struct.pack("=I", 1))
        if digit in family:
            netlink(20, body)   # RTM_NEWADDR, IFA_F_NODAD
            netlink(24, route)  # RTM_NEWROUTE
        elif what != "none6":
            netlink(25, route, 5)
            netlink(21, body, 5)
    for _ in range(100):  # a new IPv6 address is not usable at once
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind(("2001:db8:1::1" if "6" in family else "::1", 0))
                break
            except OSError:
                if what == "none6":
                    break
        time.sleep(0.02)
    time.sleep(0.05)


def world():
    """/etc and /var/run of our own, loopback up."""
    libc = ctypes.CDLL(None, use_errno=True)
    keep = {}
    for path in ("ld.so.cache", "localtime"):
        try:
            with open("/etc/" + path, "rb") as file:
                keep[path] = file.read()
        except OSError:
            pass
    for place in ("/etc", "/var/run"):
        if libc.mount(b"tmpfs", place.encode(), b"tmpfs", 0, b"mode=755"):
            raise OSError(ctypes.get_errno(), "mount " + place)
    for path, data in keep.items():
        with open("/etc/" + path, "wb") as file:
            file.write(data)
    for path, text in (("measured", "an /etc that programs may write into\n"),
                       ("host.conf", "multi on\n"),  # these two as in Debian's images
                       ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"
                                         "services: files\nprotocols: files\n")):
        with open("/etc/" + path, "w", encoding="ascii") as file:
            file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, 0x8914, struct.pack("16sh22x", b"lo", 0x49))  # SIOCSIFFLAGS: up, running
    socket.sethostname("measure")
    return libc


def main():
    if os.environ.get("DNS_NAMESPACES") != "own":
        sys.exit("dns_server.py is started by dns_run: it mounts over /etc")
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # end with dns_run, and PROGRAM with this
    try:
        libc = world()
        server = Server()
    except OSError as error:
        print(f"dns_server.py: {error}", file=sys.stderr)
        return 77
    threading.Thread(target=server.serve, daemon=True).start()
    environment = {"PATH": "/usr/bin:/bin", "MEASURE_DNS": "1", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(sys.argv[1:], env=environment, cwd="/", stdin=subprocess.DEVNULL,
                          preexec_fn=lambda: libc.prctl(1, signal.SIGKILL)) as program:
        try:
            return program.wait(90)
        except subprocess.TimeoutExpired:
            program.kill()
            print("dns_server.py: the program did not end in 90 s", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
