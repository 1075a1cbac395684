# SPDX-License-Identifier: MIT
"""Wheels that lie: zip archives of which every field is known by name."""
import dataclasses
import io
import lzma
import random
import struct
import zipfile
import zlib

import elfs
from case import SCAN, TAG, WHEEL, Batch, Case, Table, put

NATIVE = "x/_x.cpython-312-x86_64-linux-musl.so"
METADATA = b"Metadata-Version: 2.1\nName: x\nVersion: 1.0\n"
INFO = {
    "x-1.0.dist-info/METADATA": METADATA,
    "x-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode(),
    "x-1.0.dist-info/RECORD": b"",
    "x/__init__.py": b"from ._x import *\n",
}
MODULE = bytes(elfs.honest().data)
CUT = MODULE[:300]  # what must be seen, wherever it hides
STORED, DEFLATED = 0, 8


@dataclasses.dataclass
class Member:
    name: bytes
    data: bytes = b""
    method: int = DEFLATED
    packed: bytes = None      # what stands there, instead of data by that method
    local: dict = dataclasses.field(default_factory=dict)    # fields that the local header has otherwise
    central: dict = dataclasses.field(default_factory=dict)  # and the central directory
    both: dict = dataclasses.field(default_factory=dict)
    is_listed: bool = True
    is_there: bool = True     # its local header and data
    at: bytes = None          # named in the directory, with the place of that member's header


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


LOCAL = ("version", 2), ("flags", 2), ("method", 2), ("time", 2), ("date", 2), ("crc", 4), ("csize", 4), ("usize", 4), \
    ("name_nbytes", 2), ("extra_nbytes", 2)
CENTRAL = ("made_by", 2), *LOCAL, ("comment_nbytes", 2), ("disk", 2), ("internal", 2), ("external", 4), ("offset", 4)
END = ("disk", 2), ("directory_disk", 2), ("entries_here", 2), ("entries", 2), ("nbytes", 4), ("offset", 4), ("comment_nbytes", 2)


class Archive:
    """Bytes of a zip file, and where which field of it is."""

    def __init__(self):
        self.data, self.fields = bytearray(), []

    def put(self, label, signature, layout, values):
        self.fields.append((f"{label}.signature", len(self.data), 4))
        self.data += signature
        for name, width in layout:
            self.fields.append((f"{label}.{name}", len(self.data), width))
            self.data += values.get(name, 0).to_bytes(width, "little")

    def texts(self, label, values, names):
        for name in names:
            if values.get(name):
                self.fields.append((f"{label}.{name}", len(self.data), 1))
                self.data += values[name]


def archive(members, end=None, lead=b"", before_end=b"", behind=b""):
    """An Archive; 'end': fields of the end record that lie."""
    out, offsets = Archive(), {}
    out.data += lead
    values = []
    for member in members:
        packed = member.packed
        if packed is None:
            packed = deflated(member.data) if member.method == DEFLATED else member.data
        value = {"version": 20, "made_by": 0x0314, "method": member.method, "crc": zlib.crc32(member.data), "date": 0x21,
                 "csize": len(packed), "usize": len(member.data), "name": member.name, "extra": b"", "comment": b"",
                 "external": 0o100644 << 16, "flags": 0 if member.name.isascii() else 0x800, **member.both}
        label = "local" + str(len(values))
        local = {**value, **member.local}
        local.setdefault("name_nbytes", len(local["name"]))
        local.setdefault("extra_nbytes", len(local["extra"]))
        offsets.setdefault(member.name, len(out.data) - len(lead))
        if member.is_there:
            out.put(label, b"PK\3\4", LOCAL, local)
            out.texts(label, local, ("name", "extra"))
            out.data += packed
        values.append({"offset": offsets.get(member.at, offsets[member.name]), **value, **member.central})
    start = len(out.data)
    count = 0
    for n, (member, central) in enumerate(zip(members, values)):
        if not member.is_listed:
            continue
        count += 1
        for text in "name", "extra", "comment":
            central.setdefault(text + "_nbytes", len(central[text]))
        out.put(f"central{n}", b"PK\1\2", CENTRAL, central)
        out.texts(f"central{n}", central, ("name", "extra", "comment"))
    nbytes = len(out.data) - start
    out.data += before_end
    out.put("end", b"PK\5\6", END, {"entries_here": count & 0xffff, "entries": count & 0xffff, "nbytes": nbytes,
                                    "offset": start - len(lead), **(end or {})})
    out.data += (end or {}).get("comment", b"") + behind
    return out


def wheel_members(*more, native=None):
    members = [Member(NATIVE.encode(), MODULE)] if native is None else native
    return [*members, *(Member(name.encode(), data) for name, data in INFO.items()), *more]


def wheel(*more, native=None, **tweaks):
    return archive(wheel_members(*more, native=native), **tweaks)


def native(**how):
    """A wheel whose native member is like that."""
    return wheel(native=[Member(**{"name": NATIVE.encode(), "data": MODULE, **how})])


def extra64(*numbers):
    return struct.pack("<HH", 1, 8 * len(numbers)) + b"".join(struct.pack("<Q", n) for n in numbers)


def end64(count, nbytes, offset, locator_offset=0, disks=1, signature=b"PK\6\6"):
    return signature + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, nbytes, offset) + \
        b"PK\6\7" + struct.pack("<IQI", 0, locator_offset, disks)


def wheel64(**lies):
    """A wheel whose end record hands on to the zip64 one."""
    plain = wheel()
    at = bytes(plain.data).rindex(b"PK\5\6")
    count, nbytes, offset = struct.unpack_from("<HII", plain.data, at + 10)
    values = {"count": count, "nbytes": nbytes, "offset": offset, "locator_offset": at, **lies}
    return bytes(plain.data[:at]) + end64(**values) + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)


# ---- bombs ----

def zeros(nbytes):
    """That many bytes, deflated, with an ELF file's first four; whole MiBs, which are all packed alike."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(b"\x7fELF" + bytes((1 << 20) - 4)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * ((nbytes >> 20) - 2) + packer.compress(bytes(1 << 20)) + packer.flush()


def bomb(name, nbytes=1 << 30):
    return Member(name, b"", packed=zeros(nbytes), both={"usize": nbytes})


def windowed(window, nbytes=80 << 20):
    """LZMA that asks for a window of that size; too much noise for a bomb."""
    packer = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "mode": lzma.MODE_FAST}])
    packed, crc = b"", 0
    for part in (MODULE, random.Random(1).randbytes((1 << 20) - len(MODULE)), *([bytes(1 << 20)] * ((nbytes >> 20) - 1))):
        packed += packer.compress(part)
        crc = zlib.crc32(part, crc)
    return Member(NATIVE.encode(), packed=struct.pack("<BBHBI", 9, 4, 5, 93, window) + packed + packer.flush(), method=14,
                  both={"usize": nbytes, "crc": crc})


def quoted(names, kernel_nbytes=1 << 26):
    """As Fifield's zip bomb: each file's deflate stream quotes the next one's local header as a stored block."""
    packed = zeros(kernel_nbytes)
    crc = zlib.crc32(b"\x7fELF" + bytes(kernel_nbytes - 4))
    content = b"\x7fELF" + bytes(kernel_nbytes - 4)
    tail, tail_nbytes, entries = packed, kernel_nbytes, []
    for name in reversed(names):
        fields = {"version": 20, "method": DEFLATED, "crc": crc, "csize": len(tail), "usize": tail_nbytes,
                  "name_nbytes": len(name)}
        head = b"PK\3\4" + b"".join(fields.get(f, 0).to_bytes(w, "little") for f, w in LOCAL) + name
        entries.append((name, fields, len(head) + len(tail)))
        quote = b"\0" + struct.pack("<HH", len(head), len(head) ^ 0xffff)
        crc = zlib.crc32(content, zlib.crc32(head)) if len(entries) < 3 else 0
        tail = quote + head + tail
        tail_nbytes += len(head)
    whole = tail[5:]
    members = [Member(name, b"", is_there=False, both={k: v for k, v in fields.items() if k != "name_nbytes"},
                      central={"offset": len(whole) - from_end}) for name, fields, from_end in reversed(entries)]
    # The quoted part stands in front; what is made behind it moves by as much.
    moved = archive([*members, *wheel_members(native=[])])
    shift = len(whole)
    data = bytearray(whole + moved.data)
    directory = bytes(data).index(b"PK\1\2", shift)
    at = directory
    while data[at:at + 4] == b"PK\1\2":
        sizes = struct.unpack_from("<HHH", data, at + 28)
        name = bytes(data[at + 46:at + 46 + sizes[0]])
        if name not in names:
            off, = struct.unpack_from("<I", data, at + 42)
            struct.pack_into("<I", data, at + 42, off + shift)
        at += 46 + sum(sizes)
    struct.pack_into("<I", data, at + 16, directory)
    return bytes(data)


def nested(depth=6, width=8):
    """A zip of zips of zips, of bombs in the end."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("0.bin", bytes(1 << 24))
    for _ in range(depth):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as z:
            for i in range(width):
                z.writestr(f"{i}.zip", inner.getvalue())
        inner = outer
    return inner.getvalue()


def many(count):
    """That many empty members; only their directory, since none is opened."""
    record = struct.Struct("<4sHHHHHHIIIHHHHHII")
    parts = [record.pack(b"PK\1\2", 0x0314, 20, 0, 0, 0, 0x21, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0) + b"x/%07d.so" % i
             for i in range(count)]
    parts = [p[:28] + struct.pack("<H", len(p) - 46) + p[30:] for p in parts]
    directory = b"".join(parts)
    head = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, 0, 0, 0, 12, 0) + b"x/0000000.so"
    return head + directory + end64(count, len(directory), len(head), len(head) + len(directory)) + b"PK\5\6" + \
        struct.pack("<HHHHIIH", 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)


# ---- the cases ----

def case(name, data, exit=1, rule="MC100", says="", **how):
    """A wheel of these bytes, or of what is called to make them."""
    def make(folder):
        made = data() if callable(data) else data
        put(folder, WHEEL, bytes(made.data if isinstance(made, Archive) else made))
    if exit != 1:
        rule = ""
    return Case("zip-" + name, make, [*SCAN, WHEEL], exit, rule, says, **how)


def fine(name, data, **how):
    """Odd, but zipfile and pip take it, and it is what it seems."""
    one = case(name, data, exit=0, **how)

    def make(folder, fill=one.make):
        fill(folder)
        problem = by_zipfile(name, "alpine", f"{folder}/{WHEEL}")
        assert not problem, problem
    one.make = make
    return one


def unicode_path(name, told):
    """Info-ZIP's extra field with another name for a member."""
    body = struct.pack("<BL", 1, zlib.crc32(name)) + told
    return struct.pack("<HH", 0x7075, len(body)) + body


def same_names(count, name=b"x/0000000.so"):
    """That many entries of one name; only their directory, since none is opened."""
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 0x0314, 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    head = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0) + name
    return head + entry * count + end64(count, len(entry) * count, len(head), len(head) + len(entry) * count) + b"PK\5\6" + \
        struct.pack("<HHHHIIH", 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)


def renamed(old, new):
    """A wheel whose .dist-info is called otherwise."""
    return archive([Member(NATIVE.encode(), MODULE), *(Member(n.replace(old, new).encode(), d) for n, d in INFO.items())])


def texted(name, text):
    """A wheel with that METADATA or WHEEL."""
    info = {**INFO, "x-1.0.dist-info/" + name: text}
    return archive([Member(NATIVE.encode(), MODULE), *(Member(n.encode(), d) for n, d in info.items())])


NAMES = {  # what is wrong with the name of a native member, and what is said
    b"../x.so": r"leads out of it", b"x/../../x.so": "leads out of it", b"x/..": "leads out of it",
    b"/etc/x.so": "absolute", b"//x.so": "absolute", b"x/a.so\0.txt": "NUL", b"\0.so": "NUL", b"x/a\nb.so": "line break",
    b"x/a\rb.so": "line break", b"x\\a.so": "backslash", b"C:\\x.so": "backslash",
}
SHOWN = [  # odd, and what pip installs
    b"x/\x1b[31mred.so", b"x/\x1b]0;title\x07.so", "x/\u202egpj.so".encode(), "x/\u2066a\u2069.so".encode(),
    "x/\u200b.so".encode(), "x/\u0085.so".encode(), b"x/\x7f.so", b"x/%0a::error::x.so", b"x/::set-output name=a::b.so",
    b"x/<script>alert(1)<script>.so", b"x/]]>.so", b"x/|`[a](b)`.so", b"x/=1+1.so", b"x/ .so", b"x/" + b"n" * 250 + b".so",
    "x/\U000e0041.so".encode(), "x/\ufeff.so".encode(),
]


def cases():
    module = Member(NATIVE.encode(), MODULE)
    yield fine("honest", wheel)
    # Bombs: bounded time and memory, whatever the name is.
    yield case("bomb-native", lambda: wheel(bomb(b"x/bomb.so")), says="taken for a bomb")
    yield case("bomb-source", lambda: wheel(bomb(b"x/bomb.py")), says="bomb")
    yield case("bomb-without-suffix", lambda: wheel(bomb(b"x/bomb")), says="bomb")
    yield case("bomb-metadata", lambda: archive([module, bomb(b"x-1.0.dist-info/METADATA"), Member(b"x-1.0.dist-info/WHEEL", b"")]),
               says="METADATA")
    yield case("bomb-ratio-impossible", native(central={"usize": 1 << 30}, local={"usize": 1 << 30}), says="cannot become")
    yield case("bomb-lzma-window", lambda: wheel(native=[windowed(0xffffffff)]), says="LZMA window")
    yield case("lzma-window-of-xz-9", lambda: wheel(native=[windowed(64 << 20)]), exit=0)
    yield case("bomb-quoted-overlap", lambda: quoted([b"x/%d.so" % i for i in range(100)]), says="overlaps")
    yield case("bomb-quoted-overlap-source", lambda: quoted([b"x/%d.py" % i for i in range(100)]), says="overlaps")
    yield fine("nested", lambda: wheel(Member(b"x/inner.zip", nested(), STORED)))
    yield fine("nested-wheel", lambda: wheel(Member(b"x/inner.whl", bytes(wheel().data), STORED)))
    yield case("million-members", lambda: many(1000000), says="more than 250000 members")
    yield case("members-at-the-limit", lambda: many(250000), says="", is_long=True)
    # Bytes that belong to two.
    yield case("overlap-same-place", wheel(Member(b"x/b.so", MODULE, is_there=False, at=NATIVE.encode())), says="names another file")
    yield case("overlap-next", native(both={"csize": len(deflated(MODULE)) + 40}), says="overlaps")
    yield case("duplicate", wheel(module), says="another file of this name")
    yield case("duplicate-metadata", wheel(Member(b"x-1.0.dist-info/METADATA", METADATA.replace(b": x", b": y"))), says="")
    # No pip can unpack that, on whatever image; what is in it would load.
    yield fine("file-and-folder", wheel(Member(NATIVE.encode() + b"/a.so", MODULE)))
    # Sizes and sums.
    for name, lies, says in (
            ("usize-less", {"usize": len(MODULE) - 1}, "not of the declared"), ("usize-more", {"usize": len(MODULE) + 1}, "not of the declared"),
            ("usize-0", {"usize": 0}, ""), ("csize-less", {"csize": len(deflated(MODULE)) - 1}, "damaged"),
            ("csize-0", {"csize": 0}, ""), ("csize-past-the-end", {"csize": 1 << 30}, "past the end|overlaps"),
            ("usize-max", {"usize": 0xffffffff}, ""), ("crc", {"crc": 1}, "CRC-32"), ("crc-0", {"crc": 0}, "CRC-32")):
        yield case("lies-" + name, native(both=lies), says=says)
    yield case("stored-sizes-differ", native(method=STORED, both={"usize": len(MODULE) - 1}), says="stored")
    yield case("stored-crc", native(method=STORED, both={"crc": 5}), says="CRC-32")
    yield case("damaged", native(packed=bytes(b ^ 0x55 for b in deflated(MODULE))), says="damaged|cannot be decompressed")
    yield case("source-crc", wheel(Member(b"x/a.py", b"import os\n", both={"crc": 1})), says="CRC-32")
    yield case("metadata-crc", archive([module, Member(b"x-1.0.dist-info/METADATA", METADATA, both={"crc": 1}),
                                        Member(b"x-1.0.dist-info/WHEEL", INFO["x-1.0.dist-info/WHEEL"])]), says="CRC-32")
    # The directory says one thing and the local header another; zipfile goes by the first, but for the name.
    yield case("local-other-name", native(local={"name": b"x/pure.py"}), says="names another file")
    yield case("local-no-name", native(local={"name": b""}), says="names another file")
    yield case("local-none", native(is_there=False), says="")
    for name, lies in (("method", {"method": STORED}), ("sizes", {"csize": 1, "usize": 1}), ("crc", {"crc": 1}), ("extra", {"extra": b"\xfe\xca\0\0"}),
                       ("flags", {"flags": 8, "crc": 0, "csize": 0, "usize": 0})):
        yield fine("local-other-" + name, native(local=lies))
    yield fine("local-encrypted", native(local={"flags": 1}))
    yield fine("not-listed", wheel(Member(b"x/hidden.so", b"\x7fELF", is_listed=False)))
    # zip64.
    most = 0xffffffff
    plain = {"csize": most, "usize": most}
    sizes = extra64(len(MODULE), len(deflated(MODULE)))
    yield fine("zip64-entry", native(both={**plain, "extra": sizes}))
    yield fine("zip64-end", wheel64)
    yield case("zip64-no-extra", native(central=plain), says="zip64 sizes")
    yield case("zip64-short-extra", native(central={**plain, "extra": extra64(len(MODULE))}), says="zip64 sizes")
    yield case("zip64-cut-extra", native(central={**plain, "extra": sizes[:-3]}), says="zip64 sizes")
    yield case("zip64-long-extra", native(central={**plain, "extra": struct.pack("<HH", 1, 0xffff)}), says="zip64 sizes")
    yield case("zip64-huge", native(central={**plain, "extra": extra64((1 << 64) - 1, (1 << 64) - 1)}), says="")
    yield case("zip64-huge-usize", native(central={**plain, "extra": extra64(1 << 62, len(deflated(MODULE)))}), says="")
    yield case("zip64-offset", native(central={"offset": most, "extra": extra64((1 << 64) - 4)}), says="past the end")
    for name, lies in (("nbytes", {"nbytes": 1 << 63}), ("offset", {"offset": (1 << 64) - 1}), ("signature", {"signature": b"PK\6\5"}),
                       ("disks", {"disks": 7}), ("nbytes-0", {"nbytes": 0})):
        yield case("zip64-end-" + name, lambda lies=lies: wheel64(**lies), says="")
    # Methods.
    yield case("encrypted", native(both={"flags": 1}), says="encrypted")
    yield case("encrypted-strongly", native(both={"flags": 0x41}), says="encrypted")
    yield case("encrypted-directory", native(both={"flags": 0x2001}), says="encrypted")
    for method in 1, 2, 6, 9, 10, 13, 97, 99, 0xffff:
        yield case(f"method-{method}", native(both={"method": method}), says=f"method {method} is not supported")
    for method in 12, 14, 93:
        yield case(f"method-{method}-garbage", native(packed=b"\xff" * 100, both={"method": method}), says="")
    # Around the archive.
    yield fine("prepended", wheel(lead=b"#!/bin/sh\nexit\n" * 100))
    yield fine("appended", wheel(behind=b"x" * 100))
    yield case("appended-too-much", wheel(behind=b"x" * 70000), says="no end record")
    yield case("appended-end-record", wheel(behind=b"PK\5\6" + bytes(18)), says="")
    yield case("second-archive", wheel(behind=bytes(archive([Member(b"y/a.so", MODULE)]).data)), says="METADATA")
    yield case("comment-is-an-archive", wheel(end={"comment": bytes(archive([Member(b"y/a.so", MODULE)]).data), "comment_nbytes": 5000}), says="")
    for name, lies in (("offset", {"offset": 1 << 31}), ("nbytes", {"nbytes": 1 << 31}), ("nbytes-less", {"nbytes": 100})):
        yield case("end-" + name, wheel(end=lies), says="")
    yield case("end-alone", b"PK\5\6" + bytes(18), says="METADATA")
    yield case("empty", b"", says="too short")
    yield case("one-byte", b"P", says="too short")
    yield case("not-a-zip", b"\x7fELF" * 1000, says="no end record")
    # Names.
    for n, (name, says) in enumerate(NAMES.items()):
        yield case(f"name-bad-{n}", wheel(Member(name, MODULE)), says=says)
    for n, name in enumerate(SHOWN):
        yield fine(f"name-odd-{n}", wheel(Member(name, MODULE)))
        yield case(f"name-odd-cut-{n}", wheel(Member(name, MODULE[:200])), says="")
    yield case("name-no-utf8", wheel(Member(b"x/\xff\xfe.so", MODULE[:99], both={"flags": 0})), says="")
    yield case("name-utf8-by-flag-alone", wheel(Member(b"x/\xff\xfe.so", MODULE, both={"flags": 0x800})), says="UTF-8")
    yield case("name-utf8-by-one-header", wheel(Member("x/ü.so".encode(), MODULE, local={"flags": 0})), says="names another file")
    yield case("name-64k", wheel(Member(b"x/" + b"n" * 65520 + b".so", MODULE)), says="too long")
    yield case("name-64k-folders", wheel(Member(b"d/" * 32760 + b"x.so", MODULE)), says="too long")
    # Names that Pythons, or pip, see otherwise.
    other = NATIVE.replace("_x", "_y").encode()
    for name in b"x/y.pyc", b"x/y.txt", b"x/y/":
        yield case(f"name-unicode-path-{name.decode()[1:].replace('/', '_')}", wheel(Member(name, CUT, both={"extra": unicode_path(name, other)})), says="two names")
    yield fine("name-unicode-path-alike", wheel(Member(b"x/y.txt", b"", both={"extra": unicode_path(b"x/y.txt", b"x/y.txt")})))
    yield case("name-unicode-path-cut", wheel(Member(b"x/y.txt", b"", both={"extra": b"\x75\x70\2\0\1\0"})), says="two names")
    needs = bytes(elfs.honest(needed=[b"lib\x81.so"]).data)
    # Code page 437 makes it another one, in UTF-8.
    yield case("name-of-a-library-is-decoded", wheel(Member(b"x/lib\x81.so", MODULE, both={"flags": 0}),
                                                     native=[Member(NATIVE.encode(), needs)]), rule="MC102")
    yield case("name-decoded-twice", wheel(Member(b"x/\x81.so", MODULE, both={"flags": 0}), Member("x/ü.so".encode(), MODULE)),
               says="another file of this name")
    for n, hidden in enumerate(("x/a.sh", "x/a.pl", "x/a.whl", "x/a.pyo", "x-1.0.dist-info/INSTALLER", "y.dist-info.d/RECORD")):
        yield case(f"code-in-disguise-{n}", wheel(Member(hidden.encode(), CUT)), says="")
    # Where pip puts it.
    yield case("data-unknown-scheme", wheel(Member(b"x-1.0.data/odd/a.txt", b"")), says="pip has no place for it")
    yield case("data-no-scheme", wheel(Member(b"x-1.0.data/a.txt", b"")), says="pip has no place for it")
    for n, moved in enumerate((b"x-1.0.data/platlib/" + NATIVE.encode(), b"x-1.0.data//purelib/./" + NATIVE.encode(), b"./" + NATIVE.encode(),
                               b".data/platlib/" + NATIVE.encode())):
        yield case(f"data-one-place-{n}", wheel(Member(moved, MODULE)), says="puts another member")
    yield case("data-one-place-moved-twice", wheel(Member(b"a.data/purelib/y", MODULE), Member(b"b.data/platlib/y", b"none")), says="puts another member")
    yield case("dist-info-second", wheel(Member(b"y-1.0.dist-info/a.txt", b"")), says="several .dist-info")
    yield case("dist-info-second-is-a-file", wheel(Member(b"y.dist-info", b"")), says="several .dist-info")
    yield case("dist-info-of-another", renamed("x-1.0", "y-1.0"), says="its .dist-info folder is y-1.0.dist-info")
    yield case("dist-info-of-another-version", renamed("x-1.0", "x-1"), exit=0)
    for name, text in (("garbage-before", b"garbage\n" + METADATA), ("bom", b"\xef\xbb\xbf" + METADATA), ("name-is-none-first", b"Name: a b\n" + METADATA),
                       ("empty-line-first", b"\n" + METADATA)):
        yield case("metadata-" + name, texted("METADATA", text), says="no name or no version")
    yield case("metadata-folded", texted("METADATA", METADATA.replace(b"Name: ", b"Name:\n ")), exit=0)
    for name, text in ("cr", b"Generator: x\rWheel-Version: 2.0\nWheel-Version: 1.0\n"), ("garbage-before", b"garbage\nWheel-Version: 1.0\n"):
        yield case("wheel-text-" + name, texted("WHEEL", text), says="none of version 1")
    for n, name in enumerate((f"x-1.0-a-{TAG}.whl", f"x-1.0-{TAG}.WHL", f"x-1.0 -{TAG}.whl", f"x-1.0-{TAG.replace('_1_2_', '_01_2_')}.whl",
                              f"x-1.0-{TAG.replace('cp312-cp312', 'cp3012-cp3012')}.whl")):
        yield Case(f"zip-file-name-{n}", lambda folder, name=name: put(folder, name, bytes(wheel().data)), [*SCAN, name], 1, "MC100" if n < 3 else "MC204")
    yield case("same-names-250000", lambda: same_names(250000), says="another file of this name", is_long=True)
    yield case("same-names-50000", lambda: same_names(50000), says="another file of this name")
    yield fine("name-empty", wheel(Member(b"", MODULE)))
    yield fine("name-dot", wheel(Member(b"./x/b.so", MODULE)))
    yield fine("name-without-folder", wheel(Member(b"x//b.so", MODULE)))


# ---- fields and cuts ----

TABLE = Table(__file__.rsplit("/", 1)[0] + "/pokes-zip.tsv")
HEAD = "# What becomes of a wheel of which one field is wrong; tests/hostile/zips.py.  make hostile UPDATE=1 writes it anew.\n"


def poked():
    image = wheel()
    end = len(image.data)
    for name, off, width in image.fields:
        most = (1 << 8 * width) - 1
        old = int.from_bytes(image.data[off:off + width], "little")
        done = {old}
        for kind, value in (("0", 0), ("1", 1), ("less", old - 1 & most), ("more", old + 1 & most), ("end", end & most),
                            ("max", most), ("sign", most // 2 + 1)):
            if value not in done:
                done.add(value)
                data = bytearray(image.data)
                data[off:off + width] = value.to_bytes(width, "little")
                yield f"{name}={kind}", bytes(data)


def by_zipfile(_name, what, path):
    """A wheel that is alpine in our eyes has the same module and texts in zipfile's; nobody needs its RECORD."""
    if what != "alpine":
        return None
    try:
        with zipfile.ZipFile(path) as z:
            same = all(z.read(member) == data for member, data in {NATIVE: MODULE, **INFO}.items() if not member.endswith("RECORD"))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error, ValueError,
            struct.error) as why:
        return f"alpine, and zipfile refuses it: {why}"
    return None if same else "alpine, and zipfile reads something else"


def cut():
    data = bytes(wheel().data)
    for nbytes in range(len(data)):
        if nbytes < 200 or len(data) - nbytes < 700 or nbytes % 16 == 0:
            yield f"cut={nbytes}", data[:nbytes]


def batches():
    yield Batch("zip-fields", poked, TABLE, WHEEL, by_zipfile)
    # The end record is gone, or cut short, with the last byte.
    yield Batch("zip-cuts", cut, lambda _: "MC100", WHEEL, by_zipfile)
