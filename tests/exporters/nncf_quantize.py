"""NNCF's quantization after training: of the .onnx files of torch.onnx, and of torch itself, exported afterwards."""
NEEDS = ("nncf", "onnx", "onnxruntime", "torch", "torchvision")
import nncf
import onnx
import torch

import ort_quantize
import seeded
import torch_build

NETS = ("mobilenet_v2", "mobilenet_v3_small", "squeeze_simple_bypass", "unet_transpose", "keyword", "resnet18",
        "convnext", "autoencoder")
OF_TORCH = ("mobilenet_v2", "keyword", "autoencoder")
KINDS = {"mixed": {"preset": nncf.QuantizationPreset.MIXED},
         "symmetric": {"preset": nncf.QuantizationPreset.PERFORMANCE}}


def of_onnx(cases, name, kind):
    def make(folder):
        file, inputs, dynamic = ort_quantize.source(cases, name)
        data = [{n: seeded.array(f"{name} {n} nncf {i}", v.shape) for n, v in inputs.items()} for i in range(12)]
        model = nncf.quantize(onnx.load(file), nncf.Dataset(data), subset_size=12, **KINDS[kind])
        onnx.save(model, folder / "model.onnx")
        return {"model": "model.onnx", "inputs": inputs, "dynamic": dynamic}
    return make


class Whole(torch.nn.Module):
    """NNCF hangs a module of its own into the net, which a Sequential would run as a layer."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, *inputs):
        return self.net(*inputs)


def of_torch(name):
    def make(folder):
        net, shapes = torch_build.build(name)
        data = [torch_build.batch(shapes, f"{name} nncf {i}", 1) for i in range(12)]
        dataset = nncf.Dataset(data, lambda x: x[0])
        net = nncf.quantize(Whole(net), dataset, subset_size=12)
        net = nncf.strip(net, example_input=data[0][0]).eval()
        inputs = {n: seeded.array(f"{name} {n}", s) for n, s in shapes}
        torch.onnx.export(net, tuple(torch.from_numpy(v) for v in inputs.values()), str(folder / "model.onnx"),
                          opset_version=17, input_names=list(inputs), output_names=["out0"], dynamo=False)
        return {"model": "model.onnx", "inputs": inputs}
    return make


def make(cases):
    version = f"nncf {nncf.__version__}"
    for kind in KINDS:
        for name in NETS:
            cases.case(f"nncf-{name}-{kind}", f"{version}, of onnx", f"nncf_{kind}", of_onnx(cases, name, kind))
    for name in OF_TORCH:
        cases.case(f"nncf-{name}-torch", f"{version}, of torch", "nncf_torch", of_torch(name))
