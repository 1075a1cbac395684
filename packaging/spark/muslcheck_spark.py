#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judge very many wheels with Apache Spark, results to Parquet.

    spark-submit muslcheck_spark.py --inputs paths.txt --output verdicts.parquet
        [--program muslcheck] [--partitions N] [-- --target python:3.12-alpine3.24]

Each task runs one 'muslcheck -', hands it the paths of its partition and takes a line of JSON for
each (docs/json.md).  The paths must mean the same on all executors: a network file system, or a
folder that each has.  What stands behind -- goes to muslcheck.

A task whose muslcheck dies, or leaves an input without a line, fails as a whole, and Spark runs it
again elsewhere: with 'local[N]' as master give the number of tries too, 'local[4,3]'.  An input
that cannot be judged is no failure: its row has the error.

Columns: input, error, advice (alpine, slim), dist, version, verdict, against (of an input with one
dist), findings, rules, missing_symbols, missing_libraries, and report, the whole JSON report.
"""
import argparse
import json
import subprocess
import sys
import threading

SCHEMA = ("input string, error string, advice string, dist string, version string, verdict string, "
          "against string, findings int, rules array<string>, missing_symbols array<string>, "
          "missing_libraries array<string>, report string")


def row_of(line):
    """A line of muslcheck's as a row of SCHEMA."""
    parsed = json.loads(line)
    report = parsed["report"] or {}
    dists = report.get("dists", [])
    only = dists[0] if len(dists) == 1 else {}
    findings = [f for f in report.get("findings", []) if f["image"] == report["target"]["image"]]
    subjects = lambda *rules: sorted({f["subject"] for f in findings if f["rule"] in rules and f["subject"]})
    return {
        "input": parsed["input"], "error": parsed["error"], "advice": report.get("advice"),
        "dist": only.get("name"), "version": only.get("version"), "verdict": only.get("verdict"),
        "against": only.get("against"), "findings": len(findings),
        "rules": sorted({f["rule"] for f in findings}), "missing_symbols": subjects("MC101"),
        "missing_libraries": subjects("MC102", "MC103"),
        "report": json.dumps(report) if report else None,
    }


def judge(command, paths):
    """The rows of some paths, in their order; RuntimeError when muslcheck did not answer for all."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        def feed():
            try:
                child.stdin.write(b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths))
                child.stdin.close()
            except BrokenPipeError:
                pass  # it died: told below

        feeder = threading.Thread(target=feed)
        feeder.start()
        count = 0
        for line in child.stdout:
            yield row_of(line)
            count += 1
        feeder.join()
    if child.returncode not in (0, 1, 2) or count != len(paths):
        raise RuntimeError(f"{command[0]} ended with {child.returncode} after {count} of {len(paths)} inputs")


def judging(command):
    """For mapInPandas(): frames of inputs to frames of rows."""
    def run(frames):
        import pandas

        for frame in frames:
            paths = list(frame["input"])
            if paths:
                yield pandas.DataFrame(list(judge(command, paths)))

    return run


def main():
    argv = sys.argv[1:]
    more = argv[argv.index("--") + 1:] if "--" in argv else []
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", required=True, help="a text file with a path a line")
    parser.add_argument("--output", required=True, help="the Parquet folder to write")
    parser.add_argument("--program", default="muslcheck")
    parser.add_argument("--partitions", type=int, default=0, help="tasks; default: as Spark splits the list")
    args = parser.parse_args(argv[:argv.index("--")] if "--" in argv else argv)

    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("muslcheck").getOrCreate()
    # A task holds a batch in memory before it is written: few inputs a batch, as Spark's tasks are many.
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
    inputs = spark.read.text(args.inputs).withColumnRenamed("value", "input").where("input != ''")
    if args.partitions:
        inputs = inputs.repartition(args.partitions)
    # One thread a process: Spark has the processors.
    command = [args.program, "-j1", "--copy", *more, "-"]
    # gzip, for Spark's default codec is native code that takes a host with musl's loader for a musl one.
    (inputs.mapInPandas(judging(command), SCHEMA)
     .write.mode("overwrite").option("compression", "gzip").parquet(args.output))
    spark.stop()


if __name__ == "__main__":
    main()
