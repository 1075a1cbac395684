# SPDX-License-Identifier: MIT
"""Can this Python application move from python:3.x-slim to python:3.x-alpine?

    report = muslcheck.scan("venv", target="python:3.12-alpine3.23")
    print(report.advice, report.reason)

The program does the work; scan() runs it and hands its JSON report as objects.  What each field means
stands in docs/json.md of muslcheck: names are the same, but for '_' in the place of '-', and behind Python's
own words ("class_", "is_").
"""
import json
import os
import subprocess
from typing import Iterable, List, Optional, Sequence, Union

from ._report import *  # noqa: F401,F403
from ._report import Report, __all__ as _report_names
from ._version import __version__

__all__ = ["Error", "program", "scan", "__version__", *_report_names]

Path = Union[str, "os.PathLike[str]"]


class Error(Exception):
    """The work could not be done.  'report' is about what could be judged all the same, if anything."""

    def __init__(self, message: str, report: Optional[Report] = None) -> None:
        super().__init__(message)
        self.report = report


def program() -> str:
    """The path of the program that was installed with this package."""
    here = os.path.dirname(os.path.abspath(__file__))
    site = os.path.dirname(here)
    # The RECORD says where the installer put it, whatever the scheme was.
    record = os.path.join(site, f"muslcheck-{__version__}.dist-info", "RECORD")
    places = [os.path.join(site, "bin", "muslcheck")]  # pip install --target: RECORD is not true there
    try:
        with open(record, encoding="utf-8") as f:
            names = [line.split(",")[0] for line in f]
    except OSError:
        names = []
    places += [os.path.normpath(os.path.join(site, name)) for name in names if name.endswith("bin/muslcheck")]
    for place in places:
        if os.access(place, os.X_OK) and os.path.isfile(place):
            return place
    raise FileNotFoundError(f"the program of muslcheck is in none of {places}")


def scan(
    paths: Union[Path, Iterable[Path]],
    *,
    target: Optional[Path] = None,
    against: Optional[str] = None,
    python: Optional[str] = None,
    machine: Optional[str] = None,
    copy: bool = False,
    index: Union[bool, str] = False,
    find_links: Union[Path, Iterable[Path]] = (),
    offline: bool = False,
    fail_on: Optional[str] = None,
    jobs: Optional[int] = None,
    options: Sequence[str] = (),
    timeout: Optional[float] = None,
) -> Report:
    """Judge paths, as 'muslcheck --format json' does.

    The keywords are the options of the program ('muslcheck --help'); 'index' may be True, "tags" or the URL
    of one, 'options' are any others.  Raises Error when the work could not be done, subprocess.TimeoutExpired
    after 'timeout' seconds.
    """
    words: List[str] = [program(), "--format", "json"]
    texts = {"target": target, "against": against, "python": python, "machine": machine, "fail-on": fail_on,
             "jobs": jobs}
    for name, value in texts.items():
        if value is not None:
            words.append(f"--{name}={os.fspath(value) if not isinstance(value, int) else value}")
    words += [f"--find-links={folder}" for folder in _several(find_links)]
    if isinstance(index, str):
        words.append("--index=tags" if index == "tags" else f"--index-url={index}")
    elif index:
        words.append("--index")
    words += [word for word, is_given in (("--copy", copy), ("--offline", offline)) if is_given]
    words += [*options, "--", *_several(paths)]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, check=False)
    report = Report.from_json(json.loads(done.stdout)) if done.stdout else None
    if report is None or done.returncode not in (0, 1):
        why = done.stderr.decode("utf-8", "backslashreplace").strip()
        raise Error(why or f"muslcheck ended with {done.returncode}", report)
    return report


def _several(paths: Union[Path, Iterable[Path]]) -> List[str]:
    if isinstance(paths, (str, os.PathLike)):
        return [os.fspath(paths)]
    return [os.fspath(path) for path in paths]
