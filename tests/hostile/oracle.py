# SPDX-License-Identifier: MIT
"""Real musl loaders as judges: a spoilt module that is alpine here is one that they load.

--list of this host's loader is compared line by line by 'muslcheck --copy --confirm'; dlopen(), which runs
constructors too, is asked of every loader that probe/loaders has fetched (probe/loader_probe.c).
"""
import glob
import json
import os
import shutil
import subprocess
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOADERS = os.path.join(TOP, "probe", "cache", "loaders")
STUBS = "dlopen dlerror fork waitpid alarm read write close _exit __libc_start_main".split()

# Constructors that lead into the file's own headers, which are mapped as code: what they do there nobody
# knows but a processor.  Symbol versions that a relocation writes over depend on the address.
WRITTEN_OVER = "overlap.VERSYM=INIT_ARRAY"
NOT_SEEN = {"rela0.r_addend=0", "rela0.r_addend=1", "dt.INIT.d_val=1", "dt.SYMENT.d_tag=more", WRITTEN_OVER}


def probe(folder):
    """The program that asks; linked with an empty library that has libc's name and these symbols."""
    os.mkdir(os.path.join(folder, "libc"))
    with open(os.path.join(folder, "stub.c"), "w", encoding="utf-8") as f:
        f.writelines(f"void {name}(void) {{}}\n" for name in STUBS)
    subprocess.run(["cc", "-w", "-fno-builtin", "-shared", "-nostdlib", "-Wl,-soname,libc.so", "stub.c", "-o", "libc/libc.so"], cwd=folder, check=True)
    subprocess.run(["cc", "-std=c17", "-O1", "-ffreestanding", "-fno-stack-protector", "-nostdlib", "-nostartfiles", "-fPIE", "-pie",
                    "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1", os.path.join(TOP, "probe", "loader_probe.c"), "-Llibc", "-lc", "-o", "probe"],
                   cwd=folder, check=True)
    return os.path.join(folder, "probe")


def asked(loader, program, paths, folder):
    """path: whether dlopen() of it went well; each in a process of its own, without a network."""
    got = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'exec "$0" "$1" 3>&1 2>/dev/null', loader, program],
                         input="".join(p + "\n" for p in paths).encode(), stdout=subprocess.PIPE, cwd=folder, check=True)
    said, current = {}, None
    for line in got.stdout.decode(errors="replace").splitlines():
        if line.startswith("begin "):
            current = said.setdefault(line[len("begin "):], [])
        else:
            current.append(line)
    return {path: lines == ["ok", "exit 0"] for path, lines in said.items()}


def versions():
    found = {os.path.basename(os.path.dirname(os.path.dirname(path))).split("-")[1]: path
             for path in glob.glob(LOADERS + "/musl-*-x86_64/lib/ld-musl-x86_64.so.1")}
    return found or {"of this host": "/lib/ld-musl-x86_64.so.1"}


def hold(runner, batch, folder, outcomes):
    """Its files are in 'folder', as name/x.so."""
    paths = {f"{folder}/{name}/{batch.file}": name for name in outcomes}
    # A program is no library, and --list is asked of it below.
    libraries = [path for path, name in paths.items() if not name.startswith("program.")]
    with tempfile.TemporaryDirectory() as work:
        program = probe(work)
        for version, loader in versions().items():
            loads = asked(loader, program, libraries, folder)
            strict = sum(loads[p] and outcomes[paths[p]] != "alpine" for p in libraries)
            for path in libraries:
                name = paths[path]
                if name in NOT_SEEN:
                    continue
                # DT_RELR means nothing to 1.2.3: the target is a newer one.
                wrong = outcomes[name] == "alpine" and not loads[path] and version != "1.2.3"
                runner.report(f"{batch.name} {name} dlopen() of musl {version}", "alpine, and it does not load it" if wrong else None)
            print(f"{batch.name}: musl {version}: dlopen() loads {sum(loads.values())} of {len(libraries)}; alpine here and not loaded: "
                  f"{sum(outcomes[paths[p]] == 'alpine' and not loads[p] for p in libraries)}; loaded there and not alpine here: {strict}")
    confirm(runner, batch, folder)


def confirm(runner, batch, folder):
    shutil.rmtree(f"{folder}/{WRITTEN_OVER}", ignore_errors=True)
    got = subprocess.run([runner.options.program, "--copy", "--confirm", "--format", "json", folder], capture_output=True, check=False)
    proof = json.loads(got.stdout)["proof"] if got.stdout else None
    lines = [line for line in got.stderr.decode(errors="replace").splitlines() if "--confirm" in line]
    print(f"{batch.name}: --confirm: {proof and {k: proof[k] for k in ('loader', 'files', 'differ')}}")
    runner.report(f"{batch.name} --confirm", "\n".join(lines[:20]) if not proof or proof["differ"] else None)
