"""The folder of cases: one folder a model, and INDEX.json, which always says what is there already."""
import fcntl
import fnmatch
import json
import os
import pathlib
import shutil
import traceback
import zlib

import numpy

import reference


class Store:
    def __init__(self, out, pattern="*", again=False):
        self.out, self.pattern, self.again = pathlib.Path(out), pattern, again
        self.out.mkdir(parents=True, exist_ok=True)

    def case(self, name, exporter, form, make):
        """Let make(folder) write a model and say {"model": file, "inputs": {name: array}}; keep it as case `name`."""
        if not fnmatch.fnmatch(name, self.pattern) or (not self.again and self.has(name)):
            return
        folder = self.out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            entry = {"name": name, "exporter": exporter, "form": form, **finish(folder, make(folder), form)}
        except Exception as error:
            traceback.print_exc()
            shutil.rmtree(folder, ignore_errors=True)
            self.change("FAILED.json", name, {"name": name, "exporter": exporter, "reason": brief(error)})
            print(f"FAILED {name}: {brief(error)}", flush=True)
            return
        self.change("INDEX.json", name, entry)
        self.change("FAILED.json", name, None)
        print(f"{name}: {' '.join(o['tolerance'] for o in entry['outputs'])} {entry.get('note', '')}", flush=True)

    def has(self, name):
        return any(entry["name"] == name for entry in self.read("INDEX.json"))

    def read(self, file):
        path = self.out / file
        return json.loads(path.read_text()) if path.exists() else []

    def change(self, file, name, entry):
        """Several programs may fill one folder: a lock, and a new file put in the place of the old one."""
        with open(self.out / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            entries = [e for e in self.read(file) if e["name"] != name] + ([entry] if entry else [])
            entries.sort(key=lambda e: e["name"])
            new = self.out / (file + ".new")
            new.write_text(json.dumps(entries, indent=1) + "\n")
            os.replace(new, self.out / file)


def brief(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    return f"{type(error).__name__}: {lines[0][:300]}"


def seed_of(name):
    return zlib.crc32(name.encode())


def finish(folder, made, form):
    """Run the reference, write the tensors, and describe them."""
    inputs = made["inputs"]
    outputs, note = reference.run(folder / made["model"], inputs, form not in ("float32", "float16"))
    entry = {"model": f"{folder.name}/{made['model']}"}
    for key in ("dynamic", "signature"):
        if made.get(key):
            entry[key] = made[key]
    entry["inputs"] = [tensor(folder, f"in{i}.bin", name, v) for i, (name, v) in enumerate(inputs.items())]
    entry["outputs"] = [{**tensor(folder, f"out{i}.bin", name, v), "tolerance": tolerance}
                        for i, (name, v, tolerance) in enumerate(outputs)]
    if any(v.size > 1 and v.dtype.kind == "f" and float(numpy.ptp(v)) < 1e-6 for _, v, _ in outputs):
        note = (note + "; " if note else "") + "an output is constant"
    if note:
        entry["note"] = note
    return entry


def tensor(folder, file, name, value):
    value = numpy.asarray(value)
    little = value.astype(value.dtype.newbyteorder("<"), copy=False)
    (folder / file).write_bytes(little.tobytes(order="C"))
    return {"file": f"{folder.name}/{file}", "name": name, "dtype": str(value.dtype), "shape": list(value.shape)}
