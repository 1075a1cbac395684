# SPDX-License-Identifier: MIT
"""Folders that are no trees, files that are no files, and ones that change while they are read."""
import os
import random
import shutil
import socket
import stat

from case import SCAN, WHEEL, Case, put
from zips import CUT, INFO, MODULE, wheel


def tree(name, fill, exit=1, rule="MC100", says="", args=None, **how):
    """A folder t with a module that runs, and what 'fill' puts beside it."""
    def make(folder):
        put(folder, "t/x.so", MODULE)
        fill(os.path.join(folder, "t"))
    return Case("tree-" + name, make, args or [*SCAN, "t"], exit, "" if exit != 1 else rule, says, **how)


def path(name, make, says, exit=2, args=None, **how):
    """Something odd as the PATH itself, 'p'."""
    return Case("path-" + name, lambda folder: make(os.path.join(folder, "p")), args or [*SCAN, "p"], exit, "", says, **how)


def link(name, target):
    return lambda t: os.symlink(target, os.path.join(t, name))


def fifo(name):
    def fill(t):
        os.makedirs(os.path.dirname(os.path.join(t, name)), exist_ok=True)
        os.mkfifo(os.path.join(t, name))
    return fill


def bound_socket(where):
    with socket.socket(socket.AF_UNIX) as s:
        # A path of a temporary folder may be longer than the 108 bytes of a socket's.
        fd = os.open(os.path.dirname(where), os.O_RDONLY)
        s.bind(f"/proc/self/fd/{fd}/{os.path.basename(where)}")
        os.close(fd)


def device(major, minor, kind=stat.S_IFCHR):
    return lambda where: os.mknod(where, kind | 0o666, os.makedev(major, minor))


def dist(t, **files):
    """An installed x-1.0; files: METADATA="..." and so on, in its .dist-info."""
    info = {"METADATA": INFO["x-1.0.dist-info/METADATA"], "WHEEL": INFO["x-1.0.dist-info/WHEEL"],
            "RECORD": b"x.so,,\nx-1.0.dist-info/RECORD,,\n", **files}
    for name, data in info.items():
        if data is not None:
            put(t, "x-1.0.dist-info/" + name, data)


def loops(t):
    os.symlink("a", os.path.join(t, "a"))
    os.symlink("c", os.path.join(t, "b"))
    os.symlink("b", os.path.join(t, "c"))
    os.mkdir(os.path.join(t, "d"))
    os.symlink(".", os.path.join(t, "d/self"))
    os.symlink("..", os.path.join(t, "d/up"))


def deep(t, count=5000, name="d"):
    here = os.open(t, os.O_RDONLY)
    for _ in range(count):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    fd = os.open("deep.so", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(fd, MODULE[:100])
    os.close(fd)
    os.close(here)


def garbage(t):
    dice = random.Random(1)
    for suffix in (b".so", b".py", b"", b".dist-info", b".pth", b".whl.txt"):
        for _ in range(20):
            name = bytes(dice.choice([b for b in range(1, 256) if b != 0x2f]) for _ in range(255 - len(suffix))) + suffix
            with open(os.path.join(t.encode(), name), "wb") as f:
                f.write(MODULE[:150] if suffix == b".so" else b"x")


def closed(name, mode=0):
    def fill(t):
        where = put(t, name, MODULE)
        os.chmod(where, mode)
    return fill


def closed_folder(t):
    put(t, "shut/x.so", MODULE)
    os.chmod(os.path.join(t, "shut"), 0)


# ---- races: a file that changes while it is read ----

BIG = MODULE + bytes(3 << 20)  # read in many pieces


def shrink(folder, over):
    """Now long, now short: with a map of the file this is a SIGBUS."""
    where = os.path.join(folder, "t/race.so")
    while not over.is_set():
        fd = os.open(where, os.O_RDWR | os.O_CREAT)
        os.ftruncate(fd, 0)
        os.write(fd, BIG)
        os.ftruncate(fd, 700)
        os.close(fd)


def vanish(folder, over):
    where = os.path.join(folder, "t/race.so")
    while not over.is_set():
        put(folder, "t/race.so", MODULE)
        os.unlink(where)


def become(folder, over):
    """A file, a folder, a FIFO, a link and a link to nowhere, in turn."""
    where = os.path.join(folder, "t/race.so")
    turn = 0
    while not over.is_set():
        turn += 1
        if os.path.isdir(where) and not os.path.islink(where):
            os.rmdir(where)
        elif os.path.lexists(where):
            os.unlink(where)
        (lambda: put(folder, "t/race.so", MODULE), lambda: os.mkdir(where), lambda: os.mkfifo(where),
         lambda: os.symlink("/dev/zero", where), lambda: os.symlink("nowhere", where))[turn % 5]()


def shrink_wheel(folder, over):
    data = bytes(wheel().data)
    where = os.path.join(folder, WHEEL)
    while not over.is_set():
        fd = os.open(where, os.O_RDWR | os.O_CREAT)
        os.write(fd, data)
        os.ftruncate(fd, len(data) // 2)
        os.close(fd)


def come_and_go(folder, over):
    """Folders, while they are listed."""
    while not over.is_set():
        put(folder, "t/d/e/f/x.so", MODULE)
        shutil.rmtree(os.path.join(folder, "t/d"), ignore_errors=True)


def race(name, meanwhile, start=BIG, args=None, times=40):
    """Whatever it meets, it ends well; and a good file beside it does not make it alpine by what is gone."""
    def make(folder):
        put(folder, "t/x.so", MODULE)
        put(folder, "t/bad.so", b"\x7fELF")  # so that the answer is the same however it goes
        if start:
            put(folder, "t/race.so", start)
        put(folder, WHEEL, bytes(wheel().data))
    return Case("race-" + name, make, args or [*SCAN, "t"], meanwhile=meanwhile, times=times)


def race_of_wheel():
    """Whole or not, so the exit code may be any but a crash."""
    one = race("wheel-shrinks", shrink_wheel, args=["--format", "ndjson", "--target", SCAN[3], WHEEL, "t"])
    one.exit = None
    return one


def system(t, listed, hidden):
    """What an installed dist can bring to make a venv or a site-packages look like an image."""
    put(t, "etc/os-release", "ID=alpine\n")
    folder, name = os.path.split(listed)
    put(t, "lib/apk/db/installed", f"P:x\nF:{folder}\nR:{name}\n")
    put(t, "var/lib/dpkg/info/x.list", f"/{listed}\n")
    put(t, hidden, CUT)


def venv_as_image(t):
    put(t, "pyvenv.cfg", "version = 3.12.0\n")
    system(t, "lib/python3.12/site-packages/y.so", "lib/python3.12/site-packages/y.so")


def site_as_image(t):
    dist(t)
    system(t, "libx/y.so", "libx/y.so")


def in_pythons_place(t):
    """Of an image: a dist's files among those of the interpreter, which are not looked at."""
    site = "usr/local/lib/python3.12/site-packages"
    put(t, "etc/os-release", "ID=alpine\n")
    dist(os.path.join(t, site), RECORD=b"../lib-dynload/y.so,,\n")
    put(t, "usr/local/lib/python3.12/lib-dynload/y.so", CUT)


def elsewhere(pth, owned=False):
    """A folder beside the tree, which only a .pth leads to."""
    def fill(t):
        site = "lib/python3.12/site-packages"
        put(t, "../out/y.so", CUT)
        put(t, f"{site}/y.pth", pth)
        if owned:
            dist(os.path.join(t, site), RECORD=b"y.pth,,\n")
    return fill


def editable(t):
    """Python's own json takes any room between the words."""
    put(t, "../out/y.so", CUT)
    url = "file://" + os.path.join(os.path.dirname(t), "out")
    dist(t, **{"direct_url.json": b"{" + b" " * (1 << 20) + b'"url": "%s", "dir_info": {"editable": true}}' % url.encode()})


def recorded(path, **files):
    def fill(t):
        dist(t, RECORD=f"x.so,,\n{path},,\n".encode())
        put(t, path, CUT)
        for name, data in files.items():
            put(t, name, data)
    return fill


def cases():
    nothing = lambda t: None  # noqa: E731
    yield tree("honest", nothing, 0)
    yield tree("loops", loops, 0)
    yield tree("link-to-itself-native", link("y.so", "y.so"), says="link")
    yield tree("link-dead-native", link("y.so", "nowhere"), says="link|leads")
    yield tree("link-out-of-the-tree", link("out", "/usr/lib"), says="outside of the tree")
    yield tree("link-to-root", link("out", "/"), says="outside of the tree")
    yield tree("link-to-proc", link("out", "/proc"), says="outside of the tree")
    yield tree("link-to-a-file-outside", link("y.so", "/etc/passwd"), says="by the sandbox")
    yield tree("link-to-a-device", link("y.so", "/dev/zero"), says="")
    yield tree("link-to-a-tty", link("y.so", "/dev/tty"), says="")
    yield tree("link-to-stdin", link("y.so", "/proc/self/fd/0"), says="")
    yield tree("link-chain", lambda t: [os.symlink(f"l{i + 1}.so" if i < 60 else "x.so", os.path.join(t, f"l{i}.so")) for i in range(61)], says="")
    yield tree("fifo-native", fifo("y.so"), says="")
    yield tree("fifo-source", fifo("y.py"), 0)
    yield tree("socket-native", lambda t: bound_socket(os.path.join(t, "y.so")), says="")
    yield tree("device-native", lambda t: device(1, 5)(os.path.join(t, "y.so")), needs_root=True, says="")
    yield tree("device-of-blocks", lambda t: device(7, 250, stat.S_IFBLK)(os.path.join(t, "y.so")), needs_root=True, says="")
    for name in "METADATA", "RECORD", "WHEEL", "direct_url.json":
        def with_fifo(t, name=name):
            dist(t, **({name: None} if name != "direct_url.json" else {}))
            os.mkfifo(os.path.join(t, "x-1.0.dist-info", name))
        yield tree(f"fifo-{name}", with_fifo, says="")

        def with_folder(t, name=name):
            dist(t, **({name: None} if name != "direct_url.json" else {}))
            os.mkdir(os.path.join(t, "x-1.0.dist-info", name))
        yield tree(f"folder-{name}", with_folder, says="")
    yield tree("fifo-pyvenv", fifo("pyvenv.cfg"), 0)
    yield tree("fifo-pth", fifo("y.pth"), 0)
    # What only a .pth leads to: site.py reads all of it, and has lines end as str.splitlines() does.
    out = b"../../../../out\n"
    for name, pth in {
        "plain": out,
        "behind-a-megabyte": b"#" + b"x" * (1 << 20) + b"\n" + out,
        "behind-remarks": b"#\n" * 5000 + out,
        "behind-many": b"nowhere\n" * 5000 + out,
        **{f"behind-{ord(c):x}": f"# {c}".encode() + out for c in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"},
    }.items():
        for owned in False, True:
            yield tree(f"pth-{name}{'-owned' * owned}", elsewhere(pth, owned), says="")
    yield tree("pth-unreadable", lambda t: (elsewhere(out)(t), os.chmod(os.path.join(t, "lib/python3.12/site-packages/y.pth"), 0)),
               as_nobody=True, says="Permission denied")
    yield tree("editable-behind-a-megabyte", editable, says="direct_url.json cannot be read: File too large")
    yield tree("fifo-wheel", fifo(WHEEL), says="neither a file")
    yield tree("dead-link-wheel", link(WHEEL, "nowhere"), says="leads nowhere")
    yield tree("folder-native", lambda t: os.mkdir(os.path.join(t, "y.so")), 0)
    # Code where none is looked for, or where another's is.
    yield tree("venv-looks-like-an-image", venv_as_image, says="")
    yield tree("site-packages-looks-like-an-image", site_as_image, says="")
    yield tree("image-pythons-own-place", in_pythons_place, says="taken for another's")
    yield tree("code-in-git", recorded("y/.git/z"), says="taken for another's")
    yield tree("code-called-python", lambda t: (recorded("y/bin/python3")(t), put(t, "y/pyvenv.cfg")), says="taken for another's")
    yield tree("code-in-pycache", lambda t: put(t, "y/__pycache__/z.so", CUT), says="")
    for name in "y.egg-info", "y.pyo", "z/y.egg-info", "y-1.dist-info/INSTALLER", "y-1.dist-info/RECORD", "y-1.dist-info/METADATA", "y-1.dist-info/WHEEL":
        yield tree("code-called-" + name.replace("/", "-"), lambda t, name=name: put(t, name, CUT), says="")
    yield tree("unreadable-file", closed("y.so"), as_nobody=True, says="Permission denied")
    yield tree("unreadable-source", closed("y.py"), as_nobody=True, says="")
    yield tree("unreadable-folder", closed_folder, as_nobody=True, says="Permission denied")
    yield tree("unreadable-wheel", closed(WHEEL), as_nobody=True, says="Permission denied")
    for name in "METADATA", "RECORD", "WHEEL":
        def shut(t, name=name):
            dist(t)
            os.chmod(os.path.join(t, "x-1.0.dist-info", name), 0)
        yield tree(f"unreadable-{name}", shut, as_nobody=True, says="")
    yield tree("deep-5000", deep, says="deep")
    yield tree("names-of-255-bytes", garbage, says="")
    yield tree("100000-files", lambda t: [open(os.path.join(t, f"f{i}.so"), "wb").close() for i in range(100000)], says="", is_long=True)
    yield path("nowhere", lambda p: None, "no such file")
    yield path("fifo", os.mkfifo, "neither a folder nor a file", 1)
    yield path("socket", bound_socket, "")
    yield path("device", device(1, 5), "neither a folder nor a file", 1, needs_root=True)
    yield path("dev-zero", lambda p: os.symlink("/dev/zero", p), "neither a folder nor a file", 1)
    yield path("dev-null", lambda p: os.symlink("/dev/null", p), "neither a folder nor a file", 1)
    yield path("dead-link", lambda p: os.symlink("nowhere", p), "no such file")
    yield path("link-loop", lambda p: os.symlink("p", p), "")
    yield path("empty-name", lambda p: None, "", args=[*SCAN, ""])
    yield path("name-of-5000-bytes", lambda p: None, "", args=[*SCAN, "n" * 5000])
    yield path("name-odd", lambda p: None, "", args=[*SCAN, "\x1b[31m\n::error::x\u202e"])
    yield path("unreadable", lambda p: os.mkdir(p, 0), "Permission denied", as_nobody=True)
    for name in ("uv.lock", "poetry.lock", "requirements.txt", "pyproject.toml", "Dockerfile", "muslcheck.toml"):
        yield Case("path-fifo-" + name, lambda folder, name=name: os.mkfifo(os.path.join(folder, name)), [*SCAN, name], 1 if name == "pyproject.toml" else 2)
    yield Case("path-proc-self", lambda folder: None, [*SCAN, "/proc/self/task"], 1)
    yield Case("path-proc", lambda folder: None, [*SCAN, "/proc"], 1, is_long=True)
    # Some of its files answer with EIO, which is the machine's doing.
    yield Case("path-sys", lambda folder: None, [*SCAN, "/sys"], None, is_long=True,
               check=lambda run, folder: None if run.code in (1, 2) else f"exit code {run.code}")
    yield race("shrinks", shrink)
    yield race("vanishes", vanish)
    yield race("becomes-another", become)
    yield race("folders-come-and-go", come_and_go, start=None)
    yield race("ldd-shrinks", shrink, args=["ldd", "--target", SCAN[3], "t/race.so", "t/bad.so"])
    yield race_of_wheel()
