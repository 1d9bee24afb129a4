"""Ultralytics' own export of detectors (and of their kin) built from its yaml files, with random weights."""
NEEDS = ("ultralytics", "onnx", "onnxruntime", "torch")
import os
import pathlib
import shutil
import tempfile

os.environ.update(YOLO_AUTOINSTALL="false", YOLO_OFFLINE="true")

import onnx
import torch
import ultralytics
from PIL import Image
from torch import nn

import seeded
import store

NETS = ("yolov8n", "yolo11n", "yolov5n", "yolov10n", "yolov8n-cls", "yolov8n-seg", "yolov8n-pose", "yolo11n-cls",
        "yolo11n-obb", "yolo12n", "yolo26n")
MORE = {  # what the export is asked beyond the network
    "onnx": {}, "onnx_opset11": {"opset": 11}, "onnx_simple": {"simplify": True}, "onnx_dynamic": {"dynamic": True},
    "onnx_half": {"quantize": 16}, "onnx_nms": {"nms": True, "conf": 0.4}, "onnx_int8": {"quantize": 8},
}
EVERY = ("yolov8n", "yolo11n")


def network(name, size):
    torch.manual_seed(store.seed_of(name))
    yolo = ultralytics.YOLO(f"{name}.yaml")
    net = yolo.model.eval()
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    with torch.no_grad():
        for norm in norms:
            norm.weight.uniform_(0.4, 0.8)
            norm.bias.uniform_(0.3, 1.2)
            norm.momentum = None
            norm.reset_running_stats()
            norm.train()
        for i in range(3):
            net(torch.from_numpy(seeded.array(f"{name} calibration {i}", (4, 3, size, size), 0.0, 1.0)))
        for norm in norms:
            norm.eval()
            norm.momentum = 0.03
        speak_up(yolo.model.model[-1])
    return yolo


def speak_up(head):
    """A new detector is sure that there is nothing: give its classes biases that make scores of every size."""
    for branches in (getattr(head, "cv3", ()), getattr(head, "one2one_cv3", ())):
        for branch in branches or ():
            branch[-1].bias.uniform_(-3, 1)


def pictures(folder, size):
    """A data set of twelve pictures, which quantization wants."""
    (folder / "images").mkdir()
    for i in range(12):
        pixels = seeded.array(f"picture {i}", (size, size, 3), 0, 255).astype("uint8")
        Image.fromarray(pixels).save(folder / "images" / f"{i}.png")
    names = "".join(f"  {i}: class{i}\n" for i in range(80))
    (folder / "data.yaml").write_text(f"path: {folder}\ntrain: images\nval: images\nnames:\n{names}")
    return str(folder / "data.yaml")


def export(name, size, form, **more):
    def make(folder):
        yolo = network(name, size)
        with tempfile.TemporaryDirectory() as work:
            yolo.model.yaml_file = yolo.model.pt_path = yolo.ckpt_path = str(pathlib.Path(work, f"{name}.pt"))
            if more.get("quantize") in (8, "w8a16"):
                more["data"] = pictures(pathlib.Path(work), size)
            made = pathlib.Path(yolo.export(format=form, imgsz=size, device="cpu", verbose=False, **more))
            files = sorted(made.rglob("*.tflite")) if made.is_dir() else [made]
            path = folder / f"model{files[0].suffix}"
            shutil.move(files[0], path)
        value = seeded.array(f"{name} image", (1, 3, size, size), 0.0, 1.0)
        return describe(path, value)
    return make


def describe(path, value):
    if path.suffix == ".tflite":
        import tflite_inputs
        from ai_edge_litert.interpreter import Interpreter
        if Interpreter(str(path)).get_input_details()[0]["shape"][-1] == 3:
            value = value.transpose(0, 2, 3, 1).copy()
        return {"model": path.name, "inputs": tflite_inputs.as_model_wants(path, {"image": value})}
    graph = onnx.load(path).graph
    kind = onnx.helper.tensor_dtype_to_np_dtype(graph.input[0].type.tensor_type.elem_type)
    dims = graph.input[0].type.tensor_type.shape.dim
    dynamic = {d.dim_param: s for d, s in zip(dims, value.shape) if d.dim_param} or None
    return {"model": path.name, "inputs": {graph.input[0].name: value.astype(kind)}, "dynamic": dynamic}


def make(cases):
    version = f"ultralytics {ultralytics.__version__}"
    for kind, more in MORE.items():
        for name in NETS:
            if kind == "onnx" or name in EVERY:
                form = {"onnx_half": "half", "onnx_int8": "int8"}.get(kind, "float32")
                wish = {"simplify": False, **more}
                cases.case(f"ultralytics-{name}-{kind}", version, form, export(name, 96, "onnx", **wish))
    for name in ("yolov8n", "yolo11n", "yolov8n-cls", "yolov8n-seg", "yolo26n"):
        cases.case(f"ultralytics-{name}-litert", version, "float32", export(name, 96, "litert"))
    for quantize in ("w8a32", 8, "w8a16"):
        cases.case(f"ultralytics-yolov8n-litert_{quantize}", version, f"quantize={quantize}",
                   export("yolov8n", 96, "litert", quantize=quantize))

