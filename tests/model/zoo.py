#!/usr/bin/env python3
"""Reference tensors of the model zoo and of single operators, through `edgectl model run`.

zoo.py MODEL_TOOL ZOO: every case must lie within the tolerance of its line.
"""
import array
import collections
import csv
import math
import pathlib
import re
import subprocess
import sys
import tempfile

CODES = {"float32": "f", "int8": "b", "uint8": "B", "int16": "h", "int32": "i", "uint32": "I", "int64": "q", "bool": "B",
         "complex64": "f"}
SHAPES = {"ppocr_": "1x3x48x192"}  # of models that leave height and width open


def values(path, kind):
    data = array.array(CODES[kind])
    data.frombytes(path.read_bytes())
    return data


def difference(found, wanted, tolerance):
    """"exact", "within", or a sentence that says how far off it is."""
    if len(found) != len(wanted):
        return f"{len(found)} values instead of {len(wanted)}"
    if found == wanted:
        return "exact"
    pairs = [(a, b) for a, b in zip(found, wanted) if not (a == b or (a != a and b != b))]
    worst = max((abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf) for a, b in pairs) if pairs else 0
    finite = [v for v in wanted if math.isfinite(v)]
    allowed = 0.0
    for part in tolerance.split(","):
        words = part.split()
        if words[:1] == ["abs"]:
            spread = max(finite) - min(finite) if "range" in part else 1.0
            allowed = max(allowed, float(words[1]) * spread)
        elif words[:1] == ["rel"]:
            allowed = max(allowed, float(words[1]) * max(abs(v) for v in finite))
    if worst <= allowed:
        return "within"
    return f"{len(pairs)} of {len(wanted)} values differ, by up to {worst:g} ({tolerance})"


def run(tool, model, inputs, folder, shape):
    command = [tool, "run", str(model), "--output-dir", str(folder)]
    if shape:
        command += ["--shape", shape]
    for file in inputs:
        command += ["--input", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def check(tool, base, model, inputs, outputs, tolerance, shape=None):
    with tempfile.TemporaryDirectory() as folder:
        done = run(tool, base / model, [base / i for i in inputs], folder, shape)
        if done.returncode:
            return f"refused, exit {done.returncode}: {done.stderr.strip()}"
        results = set()
        for number, output in enumerate(outputs):
            name, shape = output.split()[:2]
            kind = shape.split("[")[0]
            path = pathlib.Path(folder, f"out{number}.bin")
            results.add(difference(values(path, kind), values(base / name, kind), tolerance))
        bad = [r for r in results if r not in ("exact", "within")]
        return bad[0] if bad else "within" if "within" in results else "exact"


def parts(text):
    return [part for part in re.split(r"\s*[|;]\s*", text.strip()) if part]


def cases(zoo):
    for row in csv.DictReader(open(zoo / "CASES.tsv"), delimiter="\t"):
        shape = next((s for start, s in SHAPES.items() if row["id"].startswith(start)), None)
        yield row["id"], zoo, row["model"], parts(row["inputs"]), parts(row["outputs"]), row["tolerance"], shape


def vectors(zoo):
    base = zoo / "opvectors"
    for row in csv.DictReader(open(base / "INDEX.tsv"), delimiter="\t"):
        yield row["case"], base, row["model"], parts(row["inputs"]), parts(row["outputs"]), row["tolerance"], None


def main():
    tool, zoo = sys.argv[1], pathlib.Path(sys.argv[2])
    failed = 0
    for title, source in (("models", cases(zoo)), ("operators", vectors(zoo))):
        counts = collections.Counter()
        for name, base, model, inputs, outputs, tolerance, shape in source:
            result = check(tool, base, model, inputs, outputs, tolerance, shape)
            good = result in ("exact", "within")
            counts[result if good else "failed"] += 1
            if not good:
                print(f"FAILED {name}: {result}")
        print(f"{title}: " + ", ".join(f"{n} {k}" for k, n in sorted(counts.items())))
        failed += counts["failed"]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
