"""torch.onnx.export, by tracing (opset 11, 13, 17) and by torch.export (opset 18 and later)."""
NEEDS = ("torch", "torchvision", "onnx", "onnxruntime", "onnxscript")
import inspect

import onnx
import torch

import nets_torch
import seeded
import torch_build

TRACED = (13, 11, 17)
DYNAMIC_BATCH = ("mobilenet_v2", "squeezenet1_1", "keyword", "autoencoder", "unet_bilinear", "conv1d")
FROM_OPSET = {"attention": 14}
EXTERNAL = ("mobilenet_v3_small",)


def inputs_of(name, shapes):
    return {n: seeded.array(f"{name} {n}", s) for n, s in shapes}


def output_names(net, inputs):
    with torch.no_grad():
        result = net(*inputs)
    return [f"out{i}" for i in range(len(result))] if isinstance(result, tuple) else ["out0"]


def traced(name, opset):
    def make(folder):
        net, shapes = torch_build.build(name)
        inputs = inputs_of(name, shapes)
        tensors = tuple(torch.from_numpy(v) for v in inputs.values())
        names = [n for n, _ in shapes]
        outputs = output_names(net, tensors)
        dynamic = {n: {0: "batch"} for n in names + outputs} if name in DYNAMIC_BATCH else None
        more = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
        torch.onnx.export(net, tensors, str(folder / "model.onnx"), opset_version=opset, input_names=names,
                          output_names=outputs, dynamic_axes=dynamic, **more)
        return {"model": "model.onnx", "inputs": inputs, "dynamic": {"batch": 1} if dynamic else None}
    return make


def exported(name, opset):
    def make(folder):
        net, shapes = torch_build.build(name)
        inputs = inputs_of(name, shapes)
        tensors = tuple(torch.from_numpy(v) for v in inputs.values())
        outputs = output_names(net, tensors)
        dynamic = None
        if name in DYNAMIC_BATCH:
            tensors = tuple(torch.cat([t, t]) for t in tensors)
            dynamic = tuple({0: torch.export.Dim("batch")} for _ in shapes)
        torch.onnx.export(net, tensors, str(folder / "model.onnx"), dynamo=True, opset_version=opset,
                          input_names=[n for n, _ in shapes], output_names=outputs, dynamic_shapes=dynamic,
                          external_data=name in EXTERNAL)
        return {"model": "model.onnx", "inputs": inputs, "dynamic": {"batch": 1} if dynamic else None}
    return make


def scattered(name, opset):
    """Every larger tensor in a file of its own, as onnx.save leaves it."""
    def make(folder):
        made = traced(name, opset)(folder)
        model = onnx.load(folder / "model.onnx")
        onnx.save_model(model, folder / "model.onnx", save_as_external_data=True, all_tensors_to_one_file=False)
        return made
    return make


def make(cases):
    version = f"torch.onnx {torch.__version__}"
    for opset in TRACED:
        for name in (n for n in nets_torch.NETS if FROM_OPSET.get(n, 0) <= opset):
            cases.case(f"torch-{name}-traced{opset}", f"{version}, dynamo=False, opset {opset}", "float32",
                       traced(name, opset))
    cases.case("torch-squeezenet1_1-traced13_scattered", f"{version}, then onnx.save_model", "float32",
               scattered("squeezenet1_1", 13))
    for opset in (18, 23):
        for name in nets_torch.NETS:
            if opset == 18 or name in ("mobilenet_v3_small", "attention", "convnext", "lstm"):
                cases.case(f"torch-{name}-dynamo{opset}", f"{version}, dynamo=True, opset {opset}", "float32",
                           exported(name, opset))
