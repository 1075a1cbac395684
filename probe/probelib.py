# SPDX-License-Identifier: MIT
"""What the probe scripts share: ELF exports, table files, packages.

Python 3 standard library only.  Packages come through the host's own apt-get
and pip; no address is written here.
"""
import fnmatch
import functools
import glob
import hashlib
import io
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.environ.get("PROBE_CACHE", os.path.join(HERE, "cache"))
PART_NBYTES = 250_000  # a table longer than this goes on in NAME.part2.txt

# Debian's architecture name -> (our machine name, e_machine, word bits)
MACHINES = {
    "amd64": ("x86_64", 62, 64),
    "arm64": ("aarch64", 183, 64),
    "armhf": ("armv7l", 40, 32),
    "i386": ("i686", 3, 32),
    "ppc64el": ("ppc64le", 21, 64),
    "s390x": ("s390x", 22, 64),
    "riscv64": ("riscv64", 243, 64),
}
EM = {name: (em, bits) for name, em, bits in MACHINES.values()}


def die(text):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {text}")


# ---- ELF ----------------------------------------------------------------

class NotElf(Exception):
    pass


class Elf:
    """The dynamic facts of a shared object, found through program headers."""

    KINDS = {0: "N", 1: "O", 2: "F", 5: "C", 6: "T", 10: "I"}

    def __init__(self, data):
        if data[:4] != b"\x7fELF" or data[4] not in (1, 2) or data[5] not in (1, 2):
            raise NotElf
        self.data, self.bits = data, 64 if data[4] == 2 else 32
        self.end = "<" if data[5] == 1 else ">"
        self.machine = self.unpack("H", 18)[0]
        if self.bits == 64:
            phoff, = self.unpack("Q", 32)
            phentsize, phnum = self.unpack("HH", 54)
        else:
            phoff, = self.unpack("I", 28)
            phentsize, phnum = self.unpack("HH", 42)
        self.loads, dynamic = [], None
        for i in range(phnum):
            at = phoff + i * phentsize
            if self.bits == 64:
                ptype, _, off, vaddr, _, filesz = self.unpack("IIQQQQ", at)
            else:
                ptype, off, vaddr, _, filesz = self.unpack("IIIII", at)
            if ptype == 1:
                self.loads.append((vaddr, off, filesz))
            elif ptype == 2:
                dynamic = (off, filesz)
        if not dynamic:
            raise NotElf
        self.read_dynamic(*dynamic)

    def unpack(self, fmt, at):
        return struct.unpack_from(self.end + fmt, self.data, at)

    def offset(self, vaddr):
        for start, off, filesz in self.loads:
            if start <= vaddr < start + filesz:
                return off + vaddr - start
        raise ValueError(f"address {vaddr:#x} is in no segment")

    def text(self, at):
        at += self.strtab
        return self.data[at:self.data.index(b"\0", at)].decode()

    def read_dynamic(self, off, filesz):
        fmt, step = ("qQ", 16) if self.bits == 64 else ("iI", 8)
        tags, needed = {}, []
        for at in range(off, off + filesz, step):
            tag, value = self.unpack(fmt, at)
            if tag == 0:
                break
            if tag == 1:
                needed.append(value)
            else:
                tags.setdefault(tag, value)
        self.tags = tags
        self.strtab = self.offset(tags[5])
        self.needed = [self.text(n) for n in needed]
        self.soname = self.text(tags[14]) if 14 in tags else None

    def symbol_count(self):
        if 0x6FFFFEF5 in self.tags:  # DT_GNU_HASH
            at = self.offset(self.tags[0x6FFFFEF5])
            nbuckets, symoffset, bloom, _ = self.unpack("IIII", at)
            buckets = at + 16 + bloom * self.bits // 8
            chains = buckets + 4 * nbuckets
            last = max(self.unpack(f"{nbuckets}I", buckets), default=0)
            if last < symoffset:
                return symoffset
            while not self.unpack("I", chains + 4 * (last - symoffset))[0] & 1:
                last += 1
            return last + 1
        at = self.offset(self.tags[4])  # DT_HASH; 64-bit words on s390x
        return self.unpack("QQ" if self.machine == 22 and self.bits == 64 else "II", at)[1]

    def version_names(self):
        """index -> name of every version the file defines (not its own name)"""
        names = {}
        if 0x6FFFFFFC not in self.tags:
            return names
        at = self.offset(self.tags[0x6FFFFFFC])
        while True:
            _, flags, index, _, _, aux, step = self.unpack("HHHHIII", at)
            if not flags & 1:
                names[index] = self.text(self.unpack("I", at + aux)[0])
            if not step:
                return names
            at += step

    def exports(self):
        """sorted list of (name, version or '', is_hidden, kind)"""
        versions = self.version_names()
        symtab = self.offset(self.tags[6])
        versym = self.offset(self.tags[0x6FFFFFF0]) if 0x6FFFFFF0 in self.tags else None
        found = set()
        for i in range(1, self.symbol_count()):
            if self.bits == 64:
                name, info, other, shndx, value, _ = self.unpack("IBBHQQ", symtab + 24 * i)
            else:
                name, value, _, info, other, shndx = self.unpack("IIIBBH", symtab + 16 * i)
            bind, kind = info >> 4, info & 15
            if not shndx or bind not in (1, 2, 10) or kind not in self.KINDS or other & 3 in (1, 2):
                continue
            name, version, hidden = self.text(name), "", False
            if versym is not None:
                index, = self.unpack("H", versym + 2 * i)
                version, hidden = versions.get(index & 0x7FFF, ""), bool(index & 0x8000)
            if shndx == 0xFFF1 and name == version:
                continue  # an old linker's symbol for the version node itself
            found.add((name, version, hidden, self.KINDS[kind]))
        return sorted(found, key=lambda e: (e[0].encode(), e[1], e[2]))

    def comment(self):
        """Compiler releases in .comment, e.g. 'GCC: (Alpine 12.2.1_git...) 12.2.1 ...'"""
        return sorted({m.decode() for m in re.findall(rb"GCC: \([^\0)]*\)[^\0]*", self.data)})


# ---- table files --------------------------------------------------------

def table_text(head, exports):
    """Lines of one table, cut into parts that stay readable."""
    lines = []
    for name, version, hidden, kind in exports:
        mark = ("@" if hidden else "@@") + version if version else ("@" if hidden else "")
        lines.append(f"{name}{mark} {kind}\n")
    parts, size = [[]], 0
    for line in lines:
        if size + len(line) > PART_NBYTES:
            parts.append([])
            size = 0
        parts[-1].append(line)
        size += len(line)
    top = "# muslcheck exports 1\n" + "".join(f"# {h}\n" for h in head)
    if len(parts) == 1:
        return [top + "".join(parts[0])]
    return [top + f"# part {i} of {len(parts)}\n" + "".join(p) for i, p in enumerate(parts, 1)]


def write_table(path, head, exports):
    """'path' ends in .txt; parts after the first are path.part2.txt and so on."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    for i, text in enumerate(table_text(head, exports), 1):
        with open(path if i == 1 else f"{path[:-4]}.part{i}.txt", "w") as f:
            f.write(text)


class Table:
    """One library file's exports as read back from its text."""

    def __init__(self, path):
        self.path, self.head, self.exports = path, {}, []
        part = 1
        while True:
            with open(path if part == 1 else f"{path[:-4]}.part{part}.txt") as f:
                self.read(f, part)
            total = int(self.head.get("part", ["1 of 1"])[0].split()[2])
            if part == total:
                break
            part += 1
        self.soname = self.head["soname"][0]
        self.machine = self.head["machine"][0]
        self.needed = " ".join(self.head.get("needed", [])).split()
        self.defines = " ".join(self.head.get("defines", [])).split()
        self.origin = self.head["package"][0]

    def read(self, f, part):
        if f.readline() != "# muslcheck exports 1\n":
            die(f"{self.path}: not a table of exports")
        for line in f:
            if line.startswith("# "):
                if part == 1:
                    key, _, value = line[2:].rstrip("\n").partition(" ")
                    self.head.setdefault(key, []).append(value)
                continue
            symbol, kind = line.split()
            name, _, version = symbol.partition("@")
            default = version.startswith("@")
            hidden = "@" in symbol and not default
            self.exports.append((name, version.lstrip("@"), hidden, kind))

    def names(self):
        return {e[0] for e in self.exports}


def tables_in(folder):
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.txt"), recursive=True)):
        if not re.search(r"\.part\d+\.txt$", path):
            yield Table(path)


def read_tsv(path):
    """Rows as dicts; the first line that starts with '#:' names the columns."""
    columns, rows = None, []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("#:"):
                columns = line[2:].strip().split("\t")
            elif line and not line.startswith("#"):
                fields = line.split("\t")
                if columns is None or len(fields) != len(columns):
                    die(f"{path}:{number}: {len(fields)} fields, not {columns and len(columns)}")
                rows.append(dict(zip(columns, fields)))
    return rows


# ---- packages -----------------------------------------------------------

@functools.lru_cache(None)
def sha256_of(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            h.update(block)
    return h.hexdigest()


def debian_stanza():
    """(URI, keyring) of the host's own Debian archive."""
    codename = ""
    with open("/etc/os-release") as f:
        for line in f:
            if line.startswith("VERSION_CODENAME="):
                codename = line.split("=")[1].strip().strip('"')
    for path in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        with open(path) as f:
            for stanza in f.read().split("\n\n"):
                fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", stanza, re.M))
                if codename in fields.get("Suites", "").split():
                    return fields["URIs"].split()[0], fields.get("Signed-By", "")
    for path in ["/etc/apt/sources.list"] + sorted(glob.glob("/etc/apt/sources.list.d/*.list")):
        if os.path.exists(path):
            with open(path) as f:
                m = re.search(rf"^deb\s+(?:\[[^]]*\]\s*)?(\S+)\s+{codename}\s", f.read(), re.M)
                if m:
                    return m.group(1), ""
    die("no Debian archive among the host's apt sources")


class Apt:
    """A private apt configuration for one suite and architecture, from the host's sources."""

    def __init__(self, suite, arch, types="deb"):
        self.name, self.root = f"{suite}/{arch}", os.path.join(CACHE, "apt", suite, arch)
        for folder in ("state/lists/partial", "cache/archives/partial", "etc"):
            os.makedirs(os.path.join(self.root, folder), exist_ok=True)
        uri, keyring = debian_stanza()
        sources = os.path.join(self.root, "etc", "suite.sources")
        with open(sources, "w") as f:
            f.write(f"Types: {types}\nURIs: {uri}\nSuites: {suite}\nComponents: main\n"
                    f"Architectures: {arch}\n" + (f"Signed-By: {keyring}\n" if keyring else ""))
        status = os.path.join(self.root, "state", "status")
        open(status, "a").close()
        self.options = []
        for option in (f"Dir::Etc::sourcelist={sources}", "Dir::Etc::sourceparts=/dev/null",
                       "Dir::Etc::preferencesparts=/dev/null", "Dir::Etc::preferences=/dev/null",
                       f"Dir::State={self.root}/state", f"Dir::State::status={status}",
                       f"Dir::Cache={self.root}/cache", "APT::Sandbox::User=root",
                       f"APT::Architecture={arch}", f"APT::Architectures={arch}",
                       "Acquire::Languages=none", "Acquire::CompressionTypes::Order::=gz",
                       "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
                       "Acquire::Check-Valid-Until=false"):
            self.options += ["-o", option]

    def run(self, tool, *args, **kwargs):
        return subprocess.run([tool, *self.options, *args], check=True, text=True,
                              stdout=subprocess.PIPE, **kwargs).stdout

    def update(self):
        """Fetch the index, once.  A failure is reported; an older index serves."""
        if not getattr(self, "is_fresh", False):
            done = subprocess.run(["apt-get", *self.options, "-qq", "update"])
            if done.returncode:
                print(f"{self.name}: its index could not be fetched", file=sys.stderr)
            self.is_fresh = True

    def index(self, names):
        """package:arch -> the newest record that the suite has, as a dict"""
        records = {}
        shown = subprocess.run(["apt-cache", *self.options, "show", *names], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for stanza in shown.split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)$", stanza, re.M))
            if "Package" in fields:
                records.setdefault(f"{fields['Package']}:{fields['Architecture']}", fields)
        return records


_apt = {}


def apt_for(suite, arch):
    if (suite, arch) not in _apt:
        _apt[suite, arch] = Apt(suite, arch)
    return _apt[suite, arch]


def deb_path(package, version, arch):
    return os.path.join(CACHE, "debs", f"{package}_{version.replace(':', '%3a')}_{arch}.deb")


def fetch_debs(suite, arch, packages):
    """Bring (package, version) pairs into the cache with one apt-get; what fails is left out."""
    missing = [f"{p}:{arch}={v}" for p, v in packages
               if not os.path.exists(deb_path(p, v, arch))
               and not os.path.exists(deb_path(p, v, "all"))]
    if missing:
        apt = apt_for(suite, arch)
        apt.update()
        os.makedirs(os.path.join(CACHE, "debs"), exist_ok=True)
        subprocess.run(["apt-get", *apt.options, "-qq", "download", *missing],
                       cwd=os.path.join(CACHE, "debs"), stdout=subprocess.DEVNULL)


def fetch_deb(suite, arch, package, version, sha256):
    """Path of the .deb in the cache, or None when the archive no longer has it."""
    path = deb_path(package, version, arch)
    folder = os.path.dirname(path)
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        apt = apt_for(suite, arch)
        apt.update()
        try:
            apt.run("apt-get", "-qq", "download", f"{package}:{arch}={version}", cwd=folder,
                    stderr=subprocess.DEVNULL)
        except subprocess.CalledProcessError:
            return None
    if sha256_of(path) != sha256:
        die(f"{os.path.basename(path)}: sha256 differs from sources.tsv")
    return path


def wheel_arguments(package, version, filename):
    """What pip is told so that it takes this very file, on any host."""
    python, abi, platforms = filename[:-4].split("-")[-3:]
    args = ["download", "--no-deps", "--only-binary=:all:"]
    for platform in platforms.split("."):
        args += ["--platform", platform]
    if python.startswith("cp"):
        args += ["--implementation", "cp", "--python-version", python[2:], "--abi", abi]
    return args + [f"{package}=={version}"]


def fetch_wheel(package, version, filename, sha256):
    """Path of the wheel in the cache, or None when the index no longer has it."""
    folder = os.path.join(CACHE, "wheels")
    path = os.path.join(folder, filename)
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        try:
            subprocess.run([sys.executable, "-m", "pip", "-q", "--disable-pip-version-check",
                            *wheel_arguments(package, version, filename), "-d", folder],
                           check=True, stderr=subprocess.DEVNULL)
        except subprocess.CalledProcessError:
            return None
        if not os.path.exists(path):
            return None
    if sha256 != "-" and sha256_of(path) != sha256:
        die(f"{filename}: sha256 differs from sources.tsv")
    return path


def deb_files(path):
    """(name, bytes) of every regular file in a .deb"""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], check=True,
                          stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            if member.isreg():
                yield member.name.lstrip("./"), tar.extractfile(member).read()


def wheel_files(path, patterns):
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            if any(fnmatch.fnmatchcase(name, p) for p in patterns):
                yield name, z.read(name)
