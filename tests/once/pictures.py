#!/usr/bin/env python3
"""Each picture model of the zoo in a configuration of its own, through `edged --once`, on the pictures of CASES.tsv: the
best label must be that of the reference runtime, float scores near its own, integer ones in its order.

pictures.py EDGED ZOO

A model that edged refuses is skipped by name, with its reason.
"""
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

AS_THEY_ARE = "mean: 128, std: 128"        # uint8 inputs of TensorFlow 1: scale 1/128, zero point 128
HALF = "mean: 127.5, std: 127.5"
TORCH = "mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375]"
CAFFE = "colour: bgr, mean: [104, 117, 123]"

# model, size, what its card's `picture` says beside it, labels
MODELS = [
    ("coral/mobilenet_v1_0.25_128_quant.tflite", "128x128", AS_THEY_ARE, "imagenet_1001.txt"),
    ("coral/mobilenet_v2_1.0_224_quant.tflite", "224x224", AS_THEY_ARE, "imagenet_1001.txt"),
    ("coral/tf2_mobilenet_v2_1.0_224_ptq.tflite", "224x224", "mean: 127, std: 127.5", "imagenet_1001.txt"),
    ("coral/mobilenet_v2_1.0_224_inat_bird_quant.tflite", "224x224", AS_THEY_ARE, "inat_bird_965.txt"),
    ("tflite_support/mobilenet_v1_0.25_224_quant.tflite", "224x224", AS_THEY_ARE, "imagenet_1001.txt"),
    ("tflite_support/mobilenet_v1_0.25_224_1_default_1.tflite", "224x224", HALF, "imagenet_1001.txt"),
    ("tflm/mobilenet_v2_quantized_1x3x224x224.tflite", "224x224", TORCH, "imagenet_1000"),
    ("tflm/person_detect.tflite", "96x96", "colour: grey, mean: 127, std: 127.5", "person_detect.txt"),
    ("squeezenet/squeezenet1.1_fp32.onnx", "227x227", CAFFE, "imagenet_1000"),
    ("squeezenet/squeezenet1.1_int8_qdq.onnx", "227x227", CAFFE, "imagenet_1000"),
    ("effnet/efficientnet_lite0_food_dynamic.tflite", "224x224", "std: 255", "food_10.txt"),
    ("mlperf_tiny/vww_96_float.tflite", "96x96", "std: 255", "vww.txt"),
    ("mlperf_tiny/vww_96_int8.tflite", "96x96", "std: 255", "vww.txt"),
    ("mlperf_tiny/pretrainedResnet.tflite", "32x32", "std: 1", "cifar10.txt"),
    ("mlperf_tiny/pretrainedResnet_quant.tflite", "32x32", "std: 1", "cifar10.txt"),
    ("andes/ResNet8_fp32.onnx", "32x32", "std: 1", "cifar10.txt"),
    ("st/mobilenet_v2_0.35_128_tfs_channel_first.onnx", "128x128", HALF, 5),
    ("st/mobilenet_v2_128_0.5.onnx", "128x128", HALF, 2),
    ("ppocr/ch_ppocr_mobile_v2.0_cls_infer.onnx", "192x48", HALF, "text_dir.txt"),
]
# Detectors and masks have outputs of another kind than a score a label.
OTHER_KINDS = ["coco_ssd", "face_detection", "selfie_segmentation", "deeplabv3", "st_ssd"]


def labels_of(zoo, name):
    if isinstance(name, int):
        return [str(i) for i in range(name)]
    if name == "imagenet_1000":        # without the background in front
        return labels_of(zoo, "imagenet_1001.txt")[1:]
    return (zoo / "labels" / name).read_text().splitlines()


def write(folder, zoo, model, size, picture, labels):
    (folder / "labels.txt").write_text("\n".join(labels_of(zoo, labels)) + "\n")
    (folder / "card.yaml").write_text(
        f"model: zoo\nlabels_file: labels.txt\npicture: {{size: {size}, {picture}}}\n")
    (folder / "edged.yaml").write_text(
        f"gateway: test\ninputs: {{file: {{file: x.jpg}}}}\n"
        f"models: {{zoo: {{file: {zoo / 'models' / model}, card: card.yaml}}}}\n"
        f"pipelines: {{zoo: {{from: file, stages: [{{model: zoo}}, {{decide: {{threshold: 0.3}}}}]}}}}\n")


def unwrapped(folder, path):
    """The two pictures of person_detect hold pixel - 128 in a byte: here the pixels themselves."""
    data = path.read_bytes()
    start, width, height = struct.unpack("<I", data[10:14])[0], *struct.unpack("<ii", data[18:26])
    rows = [data[start + y * width:start + (y + 1) * width] for y in range(height)]
    out = folder / (path.stem + ".pgm")
    pixels = bytes((p + 128) % 256 for row in reversed(rows) for p in row)
    out.write_bytes(b"P5 %d %d 255\n" % (width, height) + pixels)
    return out


def judge(edged, folder, picture):
    command = [edged, "--once", str(picture), "--config", str(folder / "edged.yaml"), "--trace", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        return None, done.stderr.strip()
    return json.loads(done.stdout), None


def reference(zoo, case):
    """Scores as the reference gave them, as real numbers only where the output is float."""
    path, kind = re.match(r"(\S+) (\w+)\[", case["outputs"]).groups()
    data = (zoo / path).read_bytes()
    if kind == "float32":
        return list(struct.unpack(f"<{len(data) // 4}f", data))
    return list(struct.unpack(f"<{len(data)}{'b' if kind == 'int8' else 'B'}", data))


def check(edged, zoo, folder, case, labels):
    picture = zoo / case["input"]
    if "person_detect" in case["model"]:
        picture = unwrapped(folder, picture)
    found, error = judge(edged, folder, picture)
    if error:
        return error, None
    wanted = reference(zoo, case)
    best = max(range(len(wanted)), key=lambda i: wanted[i])
    names = labels_of(zoo, labels)
    line = f"{found['label']} {found['score']:.4f}"
    good = found["label"].startswith(names[best])
    if "float" in case["outputs"]:
        tolerance = max(0.01, float(re.match(r"abs (\S+)", case["tolerance"]).group(1)))
        good = good and abs(found["score"] - wanted[best]) < tolerance
        return None, (good, f"{line} ({names[best]} {wanted[best]:.4f})")
    # Scores of an integer output are its integers but for scale and zero point: the order must be the same.
    scores = list(found["raw"].values())
    # Not where values are no multiples of the input's scale: there a float may round to the other side.
    same = sum(order(scores, a) == order(wanted, a) for a in range(len(wanted))) if len(scores) == len(wanted) else 0
    if "torch" not in case["id"]:
        good = good and same == len(wanted)
    return None, (good, f"{line} ({names[best]} raw {wanted[best]}; {same} of {len(wanted)} in the same place)")


def order(values, i):
    """How many are greater: equal for all where two lists are the same but for scale and zero point."""
    return sum(v > values[i] for v in values)


def main():
    edged, zoo = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    lines = (zoo / "CASES.tsv").read_text().splitlines()
    cases = [dict(zip(lines[0].split("\t"), line.split("\t"))) for line in lines[1:]]
    cases = [c for c in cases if c["input"].startswith("inputs/image/")]
    passed = failed = skipped = 0
    for model, size, picture, labels in MODELS:
        own = [c for c in cases if c["model"] == f"models/{model}"]
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write(folder, zoo, model, size, picture, labels)
            for case in own:
                error, result = check(edged, zoo, folder, case, labels)
                if error and re.search(r"not known to edged|no TensorFlow Lite model", error):
                    print(f"skipped: {case['id']}: {error.split(': ', 4)[-1]}")
                    skipped += 1
                    continue
                good, text = result or (False, error)
                passed, failed = passed + good, failed + (not good)
                print(f"{'ok' if good else 'FAILED'}: {case['id']}: {text}")
        if not own:
            print(f"FAILED: {model}: no case")
            failed += 1
    left = {c["model"] for c in cases} - {f"models/{m[0]}" for m in MODELS}
    for model in sorted(left):
        if not any(kind in model for kind in OTHER_KINDS):
            print(f"FAILED: {model} has no card here")
            failed += 1
        else:
            print(f"skipped: {model}: its outputs are no scores of labels")
    print(f"pictures of the zoo through --once: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
