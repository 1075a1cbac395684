# SPDX-License-Identifier: MIT
"""ELF files of which every field is known by name, and what becomes of them when one is spoiled.

honest() makes a module that musl loads, with one of each structure that a loader reads; pokes() sets each of
its fields to 0, 1, one less, one more, the file's size, the end of its addresses, the most and the sign bit.
"""
import subprocess
import tempfile

from case import SCAN, TARGET, Batch, Case, Table, put, putting

NAMES_OF_TAGS = {
    "NEEDED": 1, "PLTRELSZ": 2, "PLTGOT": 3, "HASH": 4, "STRTAB": 5, "SYMTAB": 6, "RELA": 7, "RELASZ": 8,
    "RELAENT": 9, "STRSZ": 10, "SYMENT": 11, "INIT": 12, "FINI": 13, "SONAME": 14, "RPATH": 15, "REL": 17,
    "PLTREL": 20, "JMPREL": 23, "INIT_ARRAY": 25, "FINI_ARRAY": 26, "INIT_ARRAYSZ": 27, "FINI_ARRAYSZ": 28,
    "RUNPATH": 29, "FLAGS": 30, "RELRSZ": 35, "RELR": 36, "RELRENT": 37, "GNU_HASH": 0x6ffffef5,
    "VERSYM": 0x6ffffff0, "RELACOUNT": 0x6ffffff9, "FLAGS_1": 0x6ffffffb, "VERDEF": 0x6ffffffc,
    "VERDEFNUM": 0x6ffffffd, "VERNEED": 0x6ffffffe, "VERNEEDNUM": 0x6fffffff, "NULL": 0,
}

X86_64, I386, AARCH64, S390, PPC = 62, 3, 183, 22, 20
# Of each machine: relative, address, GOT, TLS module, TLS offset, PLT.
RELOCS = {AARCH64: (1027, 257, 1025, 1028, 1029, 1026), S390: (12, 22, 10, 54, 55, 11), I386: (8, 1, 6, 35, 36, 7),
          PPC: (22, 1, 20, 68, 78, 21)}
SHIFT = 0x1000  # between a place in the file and its address, of the second segment


def sysv_hash(name):
    h = 0
    for c in name:
        h = (h << 4) + c
        h = (h ^ (h >> 24 & 0xf0)) & 0xfffffff
    return h


def gnu_hash(name):
    h = 5381
    for c in name:
        h = (h * 33 + c) & 0xffffffff
    return h


class Strings:
    def __init__(self):
        self.data, self.known = bytearray(b"\0"), {}

    def __getitem__(self, text):
        text = text if isinstance(text, bytes) else text.encode()
        if text not in self.known:
            self.known[text] = len(self.data)
            self.data += text + b"\0"
        return self.known[text]


class Image:
    """Bytes, and where which field is: (name, offset, width)."""

    def __init__(self, bits, big, labels):
        self.data, self.fields, self.marks = bytearray(), [], {}
        self.bits, self.order, self.labels = bits, "big" if big else "little", labels

    def mark(self, label, align=8):
        self.data += bytes(-len(self.data) % align)
        self.marks[label] = len(self.data)

    def at(self, label):
        """Its place, as far as it is known in this pass."""
        return self.labels.get(label, 0)

    def addr(self, label):
        return self.at(label) + (SHIFT if self.at(label) >= self.at("writable") else 0)

    def span(self, first, last):
        return self.at(last) - self.at(first)

    def put(self, name, width, value):
        width = width or self.bits // 8
        self.fields.append((name, len(self.data), width))
        self.data += (value & (1 << 8 * width) - 1).to_bytes(width, self.order)


def header(im, machine, kind, phdrs, shdrs):
    im.mark("ehdr")
    for i, value in enumerate(b"\x7fELF" + bytes([im.bits // 32, 2 if im.order == "big" else 1, 1, 0, 0])):
        im.put(f"ehdr.ident{i}", 1, value)
    im.data += bytes(7)
    for name, width, value in (
            ("type", 2, kind), ("machine", 2, machine), ("version", 4, 1), ("entry", 0, im.addr("text")),
            ("phoff", 0, im.at("phdrs")), ("shoff", 0, im.at("shdrs") if shdrs else 0), ("flags", 4, 0),
            ("ehsize", 2, 64 if im.bits == 64 else 52), ("phentsize", 2, 56 if im.bits == 64 else 32),
            ("phnum", 2, phdrs), ("shentsize", 2, 64 if im.bits == 64 else 40), ("shnum", 2, shdrs),
            ("shstrndx", 2, 1 if shdrs else 0)):
        im.put("ehdr.e_" + name, width, value)


def program_header(im, label, kind, flags, off, nbytes, align, addr=None, memory=None):
    rest = [("offset", 0, off), ("vaddr", 0, off if addr is None else addr), ("paddr", 0, off if addr is None else addr),
            ("filesz", 0, nbytes), ("memsz", 0, nbytes if memory is None else memory)]
    order = [("type", 4, kind), ("flags", 4, flags), *rest, ("align", 0, align)] if im.bits == 64 else \
        [("type", 4, kind), *rest, ("flags", 4, flags), ("align", 0, align)]
    for name, width, value in order:
        im.put(f"{label}.p_{name}", width, value)


def symbol(im, label, name, info, section, value, size):
    order = [("name", 4, name), ("info", 1, info), ("other", 1, 0), ("shndx", 2, section), ("value", 0, value),
             ("size", 0, size)]
    if im.bits == 32:
        order = [order[0], order[4], order[5], *order[1:4]]
    for field, width, amount in order:
        im.put(f"{label}.st_{field}", width, amount)


def relocation(im, label, place, kind, index, addend):
    im.put(f"{label}.r_offset", 0, place)
    low = ("type", 4, kind), ("sym", 4, index)
    if im.bits == 32:
        low = ("type", 1, kind), ("sym", 3, index)
    for field, width, value in low if im.order == "little" else low[::-1]:
        im.put(f"{label}.{field}", width, value)
    im.put(f"{label}.r_addend", 0, addend)


def lay(bits, big, machine, labels, interp, needed, sections, words):
    im, strings = Image(bits, big, labels), Strings()
    word = bits // 8
    imports = [(b"puts", 0x12, 2), (b"environ" + words, 0x11, 2), (b"nobody_has_this", 0x20, 1)]
    exports = sorted([(b"PyInit_x", 0x12, 1), (b"own_data", 0x11, 3), (b"own_tls", 0x16, 1), (b"own_too", 0x12, 1)],
                     key=lambda s: gnu_hash(s[0]) % 2)
    symbols = [(b"", 0, 0), *imports, *exports]
    count, first = len(symbols), 1 + len(imports)
    index = {name: i for i, (name, _, _) in enumerate(symbols)}
    version = strings[b"GLIBC_2.2.5" + words]

    header(im, machine, 3, 7 if interp else 6, 4 if sections else 0)
    im.mark("phdrs")
    program_header(im, "load0", 1, 5, 0, im.at("writable"), 0x1000)
    program_header(im, "load1", 1, 6, im.at("writable"), im.span("writable", "end"), 0x1000, im.addr("writable"),
                   im.span("writable", "end") + 32)
    program_header(im, "dynamic", 2, 6, im.at("dynamic"), im.span("dynamic", "got"), 8, im.addr("dynamic"))
    program_header(im, "tls", 7, 4, im.at("tdata"), 8, 8, im.addr("tdata"), 16)
    program_header(im, "stack", 0x6474e551, 6, 0, 0, 16)
    program_header(im, "relro", 0x6474e552, 4, im.at("dynamic"), im.span("dynamic", "got"), 1, im.addr("dynamic"))
    if interp:
        program_header(im, "interp", 3, 4, im.at("interp"), len(interp) + 1, 1)
        im.mark("interp")
        im.put("interp.first", 1, interp[0])
        im.data += interp[1:]
        im.put("interp.end", 1, 0)
    im.mark("gnu_hash")
    buckets = [0, 0]
    for i in range(count - 1, first - 1, -1):
        buckets[gnu_hash(symbols[i][0]) % 2] = i
    bloom = 0
    for name, _, _ in exports:
        bloom |= 1 << gnu_hash(name) % bits | 1 << (gnu_hash(name) >> 6) % bits
    for field, value in ("nbuckets", 2), ("symoffset", first), ("bloom_size", 1), ("bloom_shift", 6):
        im.put("gnu_hash." + field, 4, value)
    im.put("gnu_hash.bloom0", 0, bloom)
    for i, bucket in enumerate(buckets):
        im.put(f"gnu_hash.bucket{i}", 4, bucket)
    for i in range(first, count):
        is_last = i + 1 == count or gnu_hash(symbols[i + 1][0]) % 2 != gnu_hash(symbols[i][0]) % 2
        im.put(f"gnu_hash.chain{i}", 4, gnu_hash(symbols[i][0]) & ~1 | is_last)
    im.mark("hash")
    buckets, chain = [0, 0, 0], [0] * count
    for i in range(1, count):
        b = sysv_hash(symbols[i][0]) % 3
        chain[i], buckets[b] = buckets[b], i
    hash_word = 8 if machine == S390 and bits == 64 else 4
    for field, value in ("nbucket", 3), ("nchain", count):
        im.put("hash." + field, hash_word, value)
    for i, value in enumerate(buckets):
        im.put(f"hash.bucket{i}", hash_word, value)
    for i, value in enumerate(chain):
        im.put(f"hash.chain{i}", hash_word, value)
    im.mark("dynsym")
    for i, (name, info, _) in enumerate(symbols):
        value = {b"own_data": im.addr("data"), b"own_tls": 8}.get(name, im.addr("text"))
        symbol(im, f"sym{i}", strings[name] if name else 0, info, 1 if i >= first else 0,
               value if i >= first else 0, 8 if i >= first else 0)
    im.mark("versym")
    for i, (_, _, index_of_version) in enumerate(symbols):
        im.put(f"versym{i}", 2, index_of_version)
    im.mark("verneed")
    for field, width, value in (("version", 2, 1), ("cnt", 2, 1), ("file", 4, strings["libc.so.6"]), ("aux", 4, 16),
                                ("next", 4, 0)):
        im.put("verneed.vn_" + field, width, value)
    for field, width, value in (("hash", 4, sysv_hash(b"GLIBC_2.2.5")), ("flags", 2, 0), ("other", 2, 2),
                                ("name", 4, version), ("next", 4, 0)):
        im.put("vernaux.vna_" + field, width, value)
    im.mark("verdef")
    for n, (text, flags) in enumerate((("x.so", 1), ("V1", 0))):
        for field, width, value in (("version", 2, 1), ("flags", 2, flags), ("ndx", 2, 1 if flags else 3), ("cnt", 2, 1),
                                    ("hash", 4, sysv_hash(text.encode())), ("aux", 4, 20), ("next", 4, 28 if flags else 0)):
            im.put(f"verdef{n}.vd_{field}", width, value)
        im.put(f"verdaux{n}.vda_name", 4, strings[text])
        im.put(f"verdaux{n}.vda_next", 4, 0)
    im.mark("rela", word)
    got = im.addr("got")
    relative, address, slot, module, offset, jump = RELOCS.get(machine, (8, 1, 6, 16, 17, 7))
    for n, (place, kind, name, addend) in enumerate((
            (im.addr("init"), relative, None, im.addr("text")), (im.addr("fini"), relative, None, im.addr("text")),
            (got + word, address, b"own_data", 0), (got + 2 * word, slot, b"environ" + words, 0),
            (got + 3 * word, slot, b"nobody_has_this", 0), (got + 4 * word, module, b"own_tls", 0),
            (got + 5 * word, offset, b"own_tls", 0))):
        relocation(im, f"rela{n}", place, kind, index[name] if name else 0, addend)
    im.mark("plt", word)
    relocation(im, "plt0", got + 6 * word, jump, index[b"puts"], 0)
    im.mark("relr", word)
    im.put("relr0", 0, got + 7 * word)
    im.mark("dynstr", 1)
    entries = [("NEEDED", strings[name]) for name in needed]
    entries += [("SONAME", strings[words + b"x.so"]), ("RUNPATH", strings[b"$ORIGIN" + (b":" + words if words else b"")])]
    texts = bytes(strings.data)
    im.put("dynstr.first", 1, 0)
    im.data += texts[1:-1]
    im.put("dynstr.last", 1, 0)
    im.mark("text", 16)
    im.data += b"\xc3" * 16
    im.mark("writable")
    im.data += bytes(8)
    im.mark("tdata")
    im.data += bytes(8)
    im.mark("init")
    im.put("init_array0", 0, 0)
    im.mark("fini")
    im.put("fini_array0", 0, 0)
    im.mark("dynamic")
    entries += [
        ("INIT", im.addr("text")), ("FINI", im.addr("text")), ("INIT_ARRAY", im.addr("init")), ("INIT_ARRAYSZ", word),
        ("FINI_ARRAY", im.addr("fini")), ("FINI_ARRAYSZ", word), ("HASH", im.at("hash")), ("GNU_HASH", im.at("gnu_hash")),
        ("STRTAB", im.at("dynstr")), ("SYMTAB", im.at("dynsym")), ("STRSZ", len(texts)),
        ("SYMENT", 24 if bits == 64 else 16), ("PLTGOT", got), ("PLTRELSZ", im.span("plt", "relr")), ("PLTREL", 7),
        ("JMPREL", im.at("plt")), ("RELA", im.at("rela")), ("RELASZ", im.span("rela", "plt")), ("RELAENT", 3 * word),
        ("RELR", im.at("relr")), ("RELRSZ", word), ("RELRENT", word), ("VERDEF", im.at("verdef")), ("VERDEFNUM", 2),
        ("FLAGS", 8), ("FLAGS_1", 1), ("VERNEED", im.at("verneed")), ("VERNEEDNUM", 1), ("VERSYM", im.at("versym")),
        ("RELACOUNT", 2), ("NULL", 0)]
    seen = {}
    for name, value in entries:
        seen[name] = seen.get(name, -1) + 1
        label = f"dt.{name}{seen[name] or ''}"
        im.put(label + ".d_tag", 0, NAMES_OF_TAGS[name])
        im.put(label + ".d_val", 0, value)
    im.mark("got")
    im.data += bytes(7 * word)
    im.data += im.addr("text").to_bytes(word, im.order)
    im.mark("data")
    im.data += bytes(16)
    im.mark("end")
    if sections:
        names = b"\0.shstrtab\0.dynsym\0.dynstr\0"
        im.mark("shstrtab")
        im.data += names
        im.mark("shdrs")
        for n, (name, kind, off, nbytes, link, entry) in enumerate((
                (0, 0, 0, 0, 0, 0), (1, 3, im.at("shstrtab"), len(names), 0, 0),
                (11, 11, im.at("dynsym"), im.span("dynsym", "versym"), 3, 24 if bits == 64 else 16),
                (19, 3, im.at("dynstr"), len(texts), 0, 0))):
            for field, width, value in (("name", 4, name), ("type", 4, kind), ("flags", 0, 2 if n > 1 else 0),
                                        ("addr", 0, off if n > 1 else 0), ("offset", 0, off), ("size", 0, nbytes),
                                        ("link", 4, link), ("info", 4, 1 if n == 2 else 0), ("addralign", 0, 8),
                                        ("entsize", 0, entry)):
                im.put(f"shdr{n}.sh_{field}", width, value)
    return im


def honest(bits=64, big=False, machine=X86_64, interp=b"", needed=("libc.so.6", "libm.so.6"), sections=True, words=b""):
    """An Image; it is laid out twice, since it begins with the places of what follows.  'words' goes into its names."""
    labels = lay(bits, big, machine, {}, interp, needed, sections, words).marks
    return lay(bits, big, machine, labels, interp, needed, sections, words)


def spoilt(image, off, width, value):
    data = bytearray(image.data)
    data[off:off + width] = value.to_bytes(width, image.order)
    return bytes(data)


def pokes(image):
    """(field, kind of value, bytes): each field with each value that is not its own."""
    end, top = len(image.data), image.marks["end"] + SHIFT
    for name, off, width in image.fields:
        most = (1 << 8 * width) - 1
        old = int.from_bytes(image.data[off:off + width], image.order)
        done = {old}
        for kind, value in (("0", 0), ("1", 1), ("less", old - 1 & most), ("more", old + 1 & most), ("end", end & most),
                            ("top", top & most), ("max", most), ("sign", most // 2 + 1)):
            if value not in done:
                done.add(value)
                yield name, kind, spoilt(image, off, width, value)


def cuts(image):
    """(number of bytes that are left, bytes): each byte of the headers, and around the start of each structure."""
    places = set(range(0, image.marks["gnu_hash"] + 1))
    for place in [*image.marks.values(), *(off for _, off, _ in image.fields), len(image.data)]:
        places |= {place - 1, place, place + 1}
    for nbytes in sorted(p for p in places if 0 <= p < len(image.data)):
        yield nbytes, bytes(image.data[:nbytes])


# ---- the cases ----

TABLE = Table(__file__.rsplit("/", 1)[0] + "/pokes-elf.tsv")
HEAD = "# What becomes of an ELF file of which one field is wrong; tests/hostile/elfs.py.  make hostile UPDATE=1 writes it anew.\n"
ADDRESSES = ("HASH", "GNU_HASH", "STRTAB", "SYMTAB", "JMPREL", "RELA", "RELR", "VERDEF", "VERNEED", "VERSYM", "INIT_ARRAY", "PLTGOT")


def fields():
    """Of a module, of a program's headers, and of tables that share their bytes."""
    module = honest()
    for name, kind, data in pokes(module):
        yield f"{name}={kind}", data
    values = {name: off for name, off, _ in module.fields}
    for one in ADDRESSES:
        for other in ADDRESSES:
            if one != other:
                at, to = values[f"dt.{one}.d_val"], values[f"dt.{other}.d_val"]
                yield f"overlap.{one}={other}", spoilt(module, at, 8, int.from_bytes(module.data[to:to + 8], "little"))
    program = honest(interp=b"/lib/ld-musl-x86_64.so.1")
    for name, kind, data in pokes(program):
        if name.startswith(("ehdr", "interp", "dynamic", "load1")):
            yield f"program.{name}={kind}", data


def others():
    """The same fields in a file of another machine: whatever becomes of them, nothing breaks."""
    for bits, big, machine in (32, False, I386), (64, True, S390), (32, True, PPC):
        for name, kind, data in pokes(honest(bits, big, machine)):
            yield f"{bits}{'be' if big else 'le'}.{name}={kind}", data


def cut_short():
    for nbytes, data in cuts(honest()):
        yield f"cut={nbytes}", data


def wanted_of_cut(name):
    """What is mapped must be there; of section headers nobody asks."""
    return "alpine" if int(name.split("=")[1]) >= honest().marks["end"] else "MC100"


def batches():
    yield Batch("elf-fields", fields, TABLE)
    yield Batch("elf-cuts", cut_short, wanted_of_cut)
    yield Batch("elf-others", others, lambda _: "anything", is_long=True)


def case(name, data, exit=1, rule="MC100", says="", file="x.so", **how):
    def make(folder):
        put(folder, "t/" + file, data() if callable(data) else data)
    return Case("elf-" + name, make, [*SCAN, "t"], exit, "" if exit != 1 else rule, says, **how)


def lib(name, needed, **how):
    return name, bytes(honest(needed=needed, **how).data)


def endless():
    """A string that runs to the very end of the last page."""
    image = honest(sections=False)
    data = bytearray(image.data)
    values = {name: off for name, off, _ in image.fields}
    nbytes = 4096 - len(data)
    data += b"A" * nbytes
    for field in "load1.p_filesz", "load1.p_memsz":
        old = int.from_bytes(data[values[field]:values[field] + 8], "little")
        if field.endswith("memsz"):
            old -= 32
        data[values[field]:values[field] + 8] = (old + nbytes).to_bytes(8, "little")
    for field, value in ("dt.STRTAB.d_val", 4096 + SHIFT - 100), ("dt.STRSZ.d_val", 1 << 40), ("sym1.st_name", 50):
        width = 4 if field.startswith("sym") else 8
        data[values[field]:values[field] + width] = value.to_bytes(width, "little")
    return bytes(data)


def debug_file(as_eu_strip):
    """What a debugger has of a library beside its stripped half: sections without bytes."""
    with tempfile.TemporaryDirectory() as folder:
        whole, half = folder + "/x.so", folder + "/x.debug"
        subprocess.run(["cc", "-shared", "-fPIC", "-g", "-x", "c", "-o", whole, "-"], input=b"__thread int t; int f(void) { return t; }",
                       check=True)
        subprocess.run(["objcopy", "--only-keep-debug", whole, half], check=True)
        with open(whole, "rb") as f:
            program_headers = f.read(64 + 56 * 20)
        with open(half, "rb") as f:
            data = bytearray(f.read())
    if as_eu_strip:  # that leaves the program headers as they were
        count = int.from_bytes(data[56:58], "little")
        data[64:64 + 56 * count] = program_headers[64:64 + 56 * count]
    return bytes(data)


def cases():
    for name, as_eu_strip in ("objcopy", False), ("eu-strip", True):
        data = debug_file(as_eu_strip)
        for file in "x.so.debug", "libx.dbg", "0a1b.debug":
            yield case(f"debug-{name}-{file}", data, file=file, exit=0)
        yield case(f"debug-{name}-as-a-module", data, says="no loader takes")
        yield Case(f"elf-debug-{name}-that-is-needed", putting({"t/a.so": honest(needed=["libx.dbg"]).data, "t/libx.dbg": data}), [*SCAN, "t"],
                   1, "MC110")
    yield case("honest", bytes(honest().data), exit=0)
    yield case("no-sections", bytes(honest(sections=False).data), exit=0)
    yield case("program", bytes(honest(interp=b"/lib/ld-musl-x86_64.so.1").data), exit=0)
    yield case("empty", b"", says="not an ELF file")
    yield case("one-byte", b"\x7f", says="not an ELF file")
    yield case("magic-alone", b"\x7fELF", says="not an ELF file|cut short")
    yield case("ident-alone", b"\x7fELF\2\1\1" + bytes(9), says="cut short|not a readable")
    for name, first in (("pe", b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0"), ("mach-o", b"\xcf\xfa\xed\xfe\7\0\0\1"), ("mach-o-fat", b"\xca\xfe\xba\xbe\0\0\0\2"),
                        ("ar", b"!<arch>\n"), ("script", b"#!/bin/sh\nexit 0\n"), ("linker-script", b"GROUP ( libc.so.6 )\n"), ("zip", b"PK\3\4"),
                        ("text", b"version https://git-lfs.github.com/spec/v1\n"), ("zeros", bytes(4096))):
        yield case(name, first + bytes(200), says="not an ELF file")
    for name, how in (("i386", (32, False, I386)), ("s390x", (64, True, S390)), ("ppc", (32, True, PPC)), ("aarch64", (64, False, AARCH64)),
                      ("machine-0", (64, False, 0)), ("machine-max", (64, False, 0xffff)), ("big-endian-x86_64", (64, True, X86_64)), ("x32", (32, False, X86_64))):
        # An image for that machine may load it, where it is one that images are made for.
        yield case(name, bytes(honest(*how).data), exit=0 if name in ("i386", "s390x", "aarch64") else 1, rule="MC109")
    yield case("endless-string", endless, says="")
    for name, files in (("needs-itself", [lib("a.so", ["a.so"])]), ("cycle", [lib("a.so", ["b.so"]), lib("b.so", ["a.so", "libc.so.6"])]),
                        ("cycle-of-100", [lib(f"{i}.so", [f"{(i + 1) % 100}.so"]) for i in range(100)])):
        yield Case("elf-" + name, putting({"t/" + path: data for path, data in files}), [*SCAN, "t"], 0)
    yield case("needs-no-name", bytes(honest(needed=[""]).data), rule="MC102")
    yield case("needs-a-long-name", bytes(honest(needed=["n" * 5000]).data), rule="MC102")
    yield case("needs-a-path", bytes(honest(needed=["../../../../../../etc/passwd"]).data), rule="MC102")
    yield case("needs-a-device", bytes(honest(needed=["/dev/zero", "/dev/stdin"]).data), rule="")
    yield case("interp-hostile", bytes(honest(interp=b"/lib/\x1b[31m\xff\n::error::x").data), rule="MC104")
    for name in ("ldd", "explain"):
        args = ["ldd", "--target", TARGET, "t/x.so"] if name == "ldd" else ["explain", "MC100\x1b[31m\n::error::x"]
        yield Case(f"elf-{name}-hostile-names", putting({"t/x.so": honest(needed=["\x1b[31mred\n\u202e.so"]).data}), args, 1 if name == "ldd" else 2)
