#!/usr/bin/env python3
"""Real files of real exporters, each with seeded inputs and the outputs of its own runtime.

make.py --out FOLDER [--only EXPORTER,…] [--name PATTERN] [--again]: an exporter whose packages this Python lacks is
skipped by name; the requirements-*.txt are three environments that together have all of them (README.md).
"""
import argparse
import importlib
import importlib.util
import sys
import traceback

import store

EXPORTERS = ("torch_onnx", "ort_quantize", "keras_tflite", "litert_torch_tflite", "tf2onnx_onnx", "nncf_quantize",
             "ultralytics_export", "timm_onnx")


def lacking(module):
    """The packages that the exporter names in its first lines, NEEDS = (…), and that are not here."""
    text = importlib.util.find_spec(module).loader.get_source(module)
    line = next(line for line in text.splitlines() if line.startswith("NEEDS = "))
    needs = eval(line.split("=", 1)[1], {"__builtins__": {}})
    return [name for name in needs if importlib.util.find_spec(name) is None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", default=",".join(EXPORTERS))
    parser.add_argument("--name", default="*")
    parser.add_argument("--again", action="store_true")
    wish = parser.parse_args()
    cases = store.Store(wish.out, wish.name, wish.again)
    for exporter in wish.only.split(","):
        missing = lacking(exporter)
        if missing:
            print(f"skipped {exporter}: no {', '.join(missing)} here")
            continue
        try:
            importlib.import_module(exporter).make(cases)
        except Exception:
            traceback.print_exc()
            print(f"FAILED {exporter}")


if __name__ == "__main__":
    sys.exit(main())
