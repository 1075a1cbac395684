# SPDX-License-Identifier: MIT
"""Files that are right, and made to cost time or memory out of all proportion."""
import gzip
import io
import itertools
import json
import os
import struct
import tarfile
import zipfile

from case import SCAN, TAG, TARGET, WHEEL, Case


def elf(needed=(), runpath=None, undefined=(), shared_name=None, loop=False):
    """A shared object of one segment; 'shared_name': what all symbols are called."""
    strings, known, dynamic = bytearray(b"\0"), {}, []

    def string(text):
        if text not in known:
            known[text] = len(strings)
            strings.extend(text.encode() + b"\0")
        return known[text]

    def put(data):
        at = len(image)
        image.extend(data + b"\0" * (-len(data) % 8))
        return at

    for name in needed:
        dynamic.append((1, string(name)))
    if runpath:
        dynamic.append((29, string(runpath)))
    symbols = bytes(24) + b"".join(
        struct.pack("<IBBHQQ", string(shared_name or name), 0x12, 0, 0, 0, 0) for name in undefined)
    count = len(undefined) + 1
    chain = [(i + 1) % count or 1 for i in range(count)] if loop else [0] * count
    image = bytearray(64 + 2 * 56)
    dynamic += [(6, put(symbols)),
                (4, put(struct.pack(f"<III{count}I", 1, count, 1 if loop else 0, *chain))),
                (7, put(b"".join(struct.pack("<QQq", 0x10, i << 32 | 6, 0) for i in range(1, count)))),
                (8, 24 * (count - 1)), (9, 24), (5, put(bytes(strings))), (10, len(strings)), (0, 0)]
    entries = b"".join(struct.pack("<QQ", *entry) for entry in dynamic)
    at = put(entries)
    image[:64] = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    image[64:176] = struct.pack("<IIQQQQQQ", 1, 7, 0, 0, 0, len(image), len(image), 4096) + \
        struct.pack("<IIQQQQQQ", 2, 6, at, at, at, len(entries), len(entries), 8)
    return bytes(image)


def wheel(folder, members):
    path = os.path.join(folder, WHEEL)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("x-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n")
        z.writestr("x-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nTag: {TAG}\n")
        for name, data in members.items():
            with z.open("x/" + name, "w") as member:
                for part in [data] if isinstance(data, bytes) else data:
                    member.write(part)
    return path


def zeros(nbytes):
    """In parts: what this process holds counts for those that it starts."""
    for _ in range(nbytes >> 20):
        yield bytes(1 << 20)


def packed_zeros(nbytes):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as f:
        for part in zeros(nbytes):
            f.write(part)
    return out.getvalue()


def alone(folder, data):
    path = os.path.join(folder, "x.so")
    with open(path, "wb") as f:
        f.write(data)
    return path


def far(folder, nbytes=2 << 30):
    """A relocation that names the last symbol that two gigabytes of nothing have room for."""
    image = bytearray(elf(undefined=["a"]))
    image[64 + 32:64 + 48] = struct.pack("<QQ", nbytes, nbytes)
    at = image.index(struct.pack("<QQq", 0x10, 1 << 32 | 6, 0))
    struct.pack_into("<I", image, at + 12, nbytes // 16 - 1)
    os.truncate(alone(folder, image), nbytes)


def mesh(n, undefined=0):
    return {f"lib{i}.so": elf([f"lib{j}.so" for j in range(n)], "$ORIGIN",
                              [f"u{i}_{k}" for k in range(undefined)]) for i in range(n)}


def tar(members):
    """Files, and links, which are texts."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, str):
                info.type, info.linkname, data = tarfile.SYMTYPE, data, b""
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


ROOT = {"etc/os-release": b"ID=alpine\nVERSION_ID=3.22\n",
        "usr/local/lib/python3.12/site-packages/x-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: x\nVersion: 1.0\n"}
ZEROS = {"zeros": bytes(64 << 20)}


def image(folder, layer, count, **more):
    """One layer that the manifest names so many times."""
    manifest = json.dumps([{"Layers": ["l/layer.tar"] * count}]).encode()
    return tar({**more, "l/layer.tar": layer, "manifest.json": manifest})


def saved(make):
    """The image is what that makes."""
    def put(folder):
        with open(os.path.join(folder, "image.tar"), "wb") as f:
            f.write(make(folder))
    return put


IMAGES = {
    "a-layer-40-times-in-what-is-compressed": (lambda d: gzip.compress(image(d, tar(ROOT), 40, **ZEROS)), 0, ""),
    "a-compressed-layer-once": (lambda d: image(d, gzip.compress(tar({**ROOT, **ZEROS})), 1), 0, ""),
    "a-compressed-layer-40-times": (lambda d: image(d, gzip.compress(tar({**ROOT, **ZEROS})), 40), 1, "proportion"),
    "a-compressed-layer-2000-times": (lambda d: image(d, gzip.compress(tar({**ROOT, **ZEROS})), 2000), 1, "proportion"),
    "an-image-of-zeros": (lambda d: packed_zeros(600 << 20), 1, "proportion"),
    "an-image-that-is-cut": (lambda d: gzip.compress(tar(ROOT))[:-20], 1, "ends too soon|neither a tar"),
}

# name: what makes the file, and the command that takes it
SHAPES = {
    "all-need-each-other": (lambda d: wheel(d, mesh(200)), []),
    "all-need-each-other-and-lack-names": (lambda d: wheel(d, mesh(150, 150)), []),
    "each-needs-the-next": (lambda d: wheel(d, {
        f"lib{i}.so": elf([f"lib{i + 1}.so"], "$ORIGIN") for i in range(2000)}), []),
    "names-of-100-KB-each": (lambda d: wheel(d, {
        "a.so": elf(undefined=[str(i) for i in range(100000)], shared_name="n" * 100000)}), []),
    "a-million-names": (lambda d: wheel(d, {
        "a.so": elf(undefined=[f"u{i}" for i in range(1000000)])}), []),
    "hash-chain-is-a-loop": (lambda d: alone(d, elf(
        undefined=[f"f{i}" for i in range(40000)], loop=True)), ["ldd"]),
    "needed-times-runpath": (lambda d: alone(d, elf(
        [f"lib{i}.so" for i in range(100000)], ":".join(f"$ORIGIN/{i}" for i in range(2000)))), ["ldd"]),
    "many-need-what-nobody-has": (lambda d: wheel(d, dict.fromkeys(
        (f"m{i}.so" for i in range(12000)), elf([f"l{k}" for k in range(50)]))), []),
    "many-say-much": (lambda d: wheel(d, dict.fromkeys(
        (f"m{i}.so" for i in range(60)), elf(undefined=[f"u{k}" for k in range(20000)]))), []),
    "so-many": (lambda d: wheel(d, dict.fromkeys((f"m{i}.so" for i in range(100000)), elf(["libnone.so"]))), []),
    "a-symbol-far-away": (far, ["ldd"]),
    "a-member-of-a-gigabyte": (lambda d: wheel(d, {"a.so": itertools.chain([b"\x7fELF"], zeros(1 << 30))}), []),
}


def cases():
    for name, (make, command) in SHAPES.items():
        if command:
            yield Case("bomb-" + name, make, [*command, "--target", TARGET, "x.so"])
        else:
            yield Case("bomb-" + name, make, [*SCAN, WHEEL])
    for aside in "proc/b", "var/lib/dpkg/b", "usr/local/lib/python3.12/lib-dynload/b.so", "dev/b":
        module = "usr/local/lib/python3.12/site-packages/x/_b.so"
        yield Case("bomb-an-image-with-code-in-" + aside.split("/")[0],
                   saved(lambda d, aside=aside, module=module: tar({**ROOT, aside: elf(["libnone.so"]), module: "/" + aside})),
                   [*SCAN, "--copy", "image.tar"], 1, "MC102")
    for name, (make, code, says) in IMAGES.items():
        yield Case("bomb-" + name, saved(make), [*SCAN, "--copy", "image.tar"], code, "MC100" if code else "", says)
