"""litert-torch (once ai-edge-torch): .tflite from torch, also with channels last; and ai-edge-quantizer."""
NEEDS = ("litert_torch", "torchvision", "ai_edge_litert")
import importlib.metadata

import litert_torch
import torch
from ai_edge_litert.interpreter import Interpreter

import nets_torch
import seeded
import tflite_inputs
import torch_build

IMAGES_LAST = ("mobilenet_v2", "mobilenet_v3_small", "squeeze_complex_bypass", "unet_bilinear", "keyword", "resnet18")
RECIPES = ("dynamic_wi8_afp32", "static_wi8_ai8", "static_wi8_ai16", "weight_only_wi8_afp32")
QUANTIZED = ("mobilenet_v2", "mobilenet_v3_small", "keyword", "convnext", "autoencoder", "lstm", "unet_transpose")


def tensors_of(name, shapes):
    return {n: seeded.array(f"{name} {n}", s) for n, s in shapes}


def convert(name, last=False):
    def make(folder):
        net, shapes = torch_build.build(name)
        inputs = tensors_of(name, shapes)
        if last:
            net = litert_torch.to_channel_last_io(net, args=[0])
            first = next(iter(inputs))
            inputs[first] = inputs[first].transpose(0, 2, 3, 1).copy()
        path = folder / "model.tflite"
        litert_torch.convert(net.eval(), tuple(torch.from_numpy(v) for v in inputs.values())).export(str(path))
        return {"model": path.name, "inputs": named(path, inputs),
                "signature": Interpreter(str(path)).get_signature_list()}
    return make


def named(path, inputs):
    """The exporter calls the arguments args_0, args_1, …"""
    return tflite_inputs.as_model_wants(path, {f"args_{i}": v for i, v in enumerate(inputs.values())})


def quantize(cases, name, recipe):
    def make(folder):
        from ai_edge_quantizer import quantizer, recipe as recipes
        float_file = cases.out / f"litert-{name}-float32" / "model.tflite"
        maker = quantizer.Quantizer(str(float_file))
        maker.load_quantization_recipe(getattr(recipes, recipe)())
        shapes = nets_torch.NETS[name][1]
        data = {"serving_default": [{f"args_{i}": seeded.array(f"{name} {n} {k}", s) for i, (n, s) in enumerate(shapes)}
                                    for k in range(12)]}
        statistics = maker.calibrate(data) if maker.need_calibration else None
        path = folder / "model.tflite"
        maker.quantize(statistics).export_model(str(path))
        return {"model": path.name, "inputs": named(path, tensors_of(name, shapes))}
    return make


def make(cases):
    version = f"litert-torch {importlib.metadata.version('litert-torch')}"
    for name in nets_torch.NETS:
        cases.case(f"litert-{name}-float32", version, "float32", convert(name))
    for name in IMAGES_LAST:
        cases.case(f"litert-{name}_last-float32", version + ", to_channel_last_io", "float32", convert(name, True))
    version = f"ai-edge-quantizer {importlib.metadata.version('ai-edge-quantizer')}"
    for recipe in RECIPES:
        for name in QUANTIZED:
            cases.case(f"litert-{name}-{recipe}", version, recipe, quantize(cases, name, recipe))
