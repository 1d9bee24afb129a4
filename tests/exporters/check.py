#!/usr/bin/env python3
"""Run every case of a folder that make.py filled, and print a Markdown table of how far each result is off.

check.py TOOL FOLDER [--name PATTERN] [--form PATTERN] [--only-bad]: TOOL is the program behind `edgectl model`
(src/process/model-tool in a build). A refusal is no failure; a wrong number or a crash is, and the exit code says so.
"""
import argparse
import array
import collections
import fnmatch
import json
import math
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

CODES = {"float32": "f", "float64": "d", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i",
         "uint32": "I", "int64": "q", "uint64": "Q", "bool": "B"}


def values(path, kind):
    data = path.read_bytes()
    if kind == "float16":
        return list(struct.unpack(f"<{len(data) // 2}e", data))
    numbers = array.array(CODES[kind])
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return list(numbers)


def same(a, b):
    return a == b or (a != a and b != b)


def verdict(found, wanted, tolerance):
    """(right | within | WRONG, how far off)"""
    if len(found) != len(wanted):
        return "WRONG", f"{len(found)} values instead of {len(wanted)}"
    pairs = [(a, b) for a, b in zip(found, wanted) if not same(a, b)]
    if not pairs:
        return "right", ""
    worst = max(abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf for a, b in pairs)
    finite = [v for v in wanted if math.isfinite(v)] or [0.0]
    words, allowed, unit = tolerance.split(), 0.0, max(finite) - min(finite) or 1.0
    if words[0] == "abs":
        allowed = float(words[1]) * unit
        text = f"{worst / unit:.2g} of the range"
    else:
        allowed = float(words[1]) if words[0] == "steps" else 0.0
        text = f"{worst:g} steps in {len(pairs)} of {len(wanted)}"
    if worst <= allowed:
        return "within", text
    return "WRONG", f"{text}, {tolerance} allowed, {len(pairs)} of {len(wanted)} differ"


def run(tool, folder, case, out):
    command = [tool, "run", str(folder / case["model"]), "--output-dir", out]
    for item in case["inputs"]:
        command += ["--input", str(folder / item["file"])]
        if case.get("dynamic"):
            command += ["--shape", "x".join(map(str, item["shape"]))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "WRONG", "no answer within two minutes"
    if done.returncode < 0 or done.returncode >= 128 or "Sanitizer" in done.stderr:
        return "WRONG", f"ended with {done.returncode}: {last_line(done.stderr)}"
    if done.returncode:
        return "refused", last_line(done.stderr)
    return None


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "(no message)"


def check(tool, folder, case):
    with tempfile.TemporaryDirectory() as out:
        ended = run(tool, folder, case, out)
        if ended:
            return ended
        results = []
        for number, output in enumerate(case["outputs"]):
            path = pathlib.Path(out, f"out{number}.bin")
            if not path.exists():
                return "WRONG", f"no output {number}"
            results.append(verdict(values(path, output["dtype"]), values(folder / output["file"], output["dtype"]),
                                   output["tolerance"]))
        order = ("right", "within", "WRONG")
        return max(results, key=lambda r: order.index(r[0]))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--name", default="*")
    parser.add_argument("--form", default="*")
    parser.add_argument("--only-bad", action="store_true", help="leave out what is right or within")
    return parser.parse_args()


def main():
    wish = arguments()
    counts, reasons = collections.Counter(), collections.Counter()
    print("| exporter | model | form | result |\n|---|---|---|---|")
    for case in json.loads((wish.folder / "INDEX.json").read_text()):
        if not (fnmatch.fnmatch(case["name"], wish.name) and fnmatch.fnmatch(case["form"], wish.form)):
            continue
        result, detail = check(wish.tool, wish.folder, case)
        detail = detail.replace(str(wish.folder) + "/", "").replace("|", "\\|")
        counts[result] += 1
        if result == "refused":
            reasons[re.sub(r"node \d+ ", "", detail.split(": ", 2)[-1])] += 1
        if not wish.only_bad or result not in ("right", "within"):
            text = f"{result}: {detail}" if detail else result
            print(f"| {case['exporter']} | {case['name']} | {case['form']} | {text} |", flush=True)
    print("\n" + (", ".join(f"{n} {k}" for k, n in sorted(counts.items())) or "no case"))
    for reason, count in reasons.most_common():
        print(f"- refused {count}: {reason}")
    return 1 if counts["WRONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
