# SPDX-License-Identifier: MIT
"""The Python layer, as it was installed by pip: run by test_layer and test_wheel with that environment's Python."""
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import typing
import unittest
import zipfile

import muslcheck

PURE, BREAKS = "pure-1.0-py3-none-any.whl", "breaks-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
TARGET = "python:3.12-alpine3.21"


def make_wheel(path, members):
    name, version, tag = os.path.basename(path)[:-4].split("-", 2)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        z.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        for member, data in members.items():
            z.writestr(member, data)
        z.writestr(f"{info}/RECORD", "".join(f"{n},,\n" for n in [*members, f"{info}/RECORD"]))


def elf_file(folder):
    """An x86_64 library that asks for what musl does not have."""
    source, made = os.path.join(folder, "x.c"), os.path.join(folder, "x.so")
    with open(source, "w", encoding="utf-8") as f:
        f.write("int __printf_chk(int, const char *, ...);\nint f(void) { return __printf_chk(1, \"\"); }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", made, source], check=True)
    with open(made, "rb") as f:
        return f.read()


class Tests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        os.chdir(cls.folder.name)
        make_wheel(PURE, {"pure.py": "x = 1\n"})
        make_wheel(BREAKS, {"breaks/_x.cpython-312-x86_64-linux-gnu.so": elf_file(cls.folder.name)})
        with open("Dockerfile", "w", encoding="utf-8") as f:
            f.write("FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n")
        with open("requirements.txt", "w", encoding="utf-8") as f:
            f.write("pure==1.0\n")

    def test_advice(self):
        report = muslcheck.scan(PURE, target=TARGET)
        self.assertEqual(report.advice, "alpine")
        self.assertEqual([d.verdict for d in report.dists], ["pure"])
        report = muslcheck.scan([PURE, BREAKS], target=TARGET)
        self.assertEqual(report.advice, "slim")
        self.assertEqual(report.target.image, TARGET)
        self.assertEqual({d.name: d.verdict for d in report.dists}, {"pure": "pure", "breaks": "breaks"})
        missing = [f for f in report.findings if f.rule == "MC101" and f.subject == "__printf_chk"]
        self.assertEqual([(f.severity, f.class_) for f in missing], [("error", "artefact")])
        self.assertEqual((report.summary.dists, report.summary.breaks, report.summary.needs_packages), (2, 1, 0))

    def test_options(self):
        report = muslcheck.scan(BREAKS, target=TARGET, copy=True, jobs=1, machine="x86_64", python="3.12",
                                against="python:3.12-slim-bookworm")
        self.assertEqual(report.against.image, "python:3.12-slim-bookworm")
        report = muslcheck.scan("requirements.txt", target=TARGET, find_links=[".", "."])
        self.assertEqual((report.question, [d.choice for d in report.dists]), ("reinstall", [PURE]))

    def check(self, value, given, hint, where):
        """An object says what the JSON says, all of it, and its types are those that are promised."""
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Union:
            if given is None:
                self.assertIsNone(value, where)
                return
            hint, = [a for a in args if a is not type(None)]
            self.check(value, given, hint, where)
        elif origin is tuple:
            self.assertIs(type(value), tuple, where)
            self.assertEqual(len(value), len(given), where)
            for i, (one, its) in enumerate(zip(value, given)):
                self.check(one, its, args[0], f"{where}[{i}]")
        elif origin is typing.Literal:
            self.assertIn(value, args, where)
            self.assertEqual(value, given, where)
        elif dataclasses.is_dataclass(hint):
            hints = typing.get_type_hints(hint)
            names = {name.rstrip("_").replace("_", "-"): name for name in hints}
            keys = {key.replace("_", "-"): key for key in given}
            self.assertEqual(set(names), set(keys), where)
            for plain, name in names.items():
                self.check(getattr(value, name), given[keys[plain]], hints[name], f"{where}.{name}")
        else:
            self.assertIs(type(value), hint, where)
            self.assertEqual(value, given, where)

    def test_all_of_the_json(self):
        with open("muslcheck.toml", "w", encoding="utf-8") as f:
            f.write('[[waiver]]\nrule = "MC101"\nreason = "tried"\nexpires = 2999-01-01\n')
        self.addCleanup(os.remove, "muslcheck.toml")
        options = ["--waivers", "muslcheck.toml"]
        for paths in [[PURE], [PURE, BREAKS], ["Dockerfile"]]:
            report = muslcheck.scan(paths, target=TARGET, find_links=".", options=options)
            done = subprocess.run([muslcheck.program(), "--find-links=.", "--format=json", "--target", TARGET, *options,
                                   *paths], stdout=subprocess.PIPE, check=False)
            self.check(report, json.loads(done.stdout), muslcheck.Report, "report")
        self.assertTrue(report.dockerfiles[0].changes)
        self.assertIsNotNone(report.excuses)

    def test_what_cannot_be_done(self):
        with self.assertRaises(muslcheck.Error) as caught:
            muslcheck.scan([PURE, "nowhere"], target=TARGET)
        self.assertIn("nowhere", str(caught.exception))
        self.assertEqual({d.name: d.verdict for d in caught.exception.report.dists},
                         {"nowhere": "unknown", "pure": "pure"})
        with self.assertRaises(muslcheck.Error) as caught:
            muslcheck.scan(PURE, target="python:1.0-alpine")
        self.assertIn("python:1.0-alpine", str(caught.exception))
        self.assertIsNone(caught.exception.report)

    def test_a_name_is_no_option(self):
        with self.assertRaises(muslcheck.Error) as caught:
            muslcheck.scan("--version")
        self.assertIn("--version: there is no such file or folder", str(caught.exception))

    def test_module(self):
        plain = subprocess.run([muslcheck.program(), "--copy", BREAKS, "--target", TARGET], stdout=subprocess.PIPE,
                               check=False)
        module = subprocess.run([sys.executable, "-m", "muslcheck", "--copy", BREAKS, "--target", TARGET],
                                stdout=subprocess.PIPE, check=False)
        self.assertEqual((plain.returncode, plain.stdout), (module.returncode, module.stdout))
        self.assertEqual(plain.returncode, 1)

    def test_version(self):
        said = subprocess.run([muslcheck.program(), "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout
        self.assertEqual(said, f"muslcheck {muslcheck.__version__}\n")


if __name__ == "__main__":
    unittest.main()
