"""onnxruntime.quantization of the networks that torch.onnx wrote: QDQ, QOperator, dynamic; and half floats."""
NEEDS = ("onnx", "onnxruntime", "sympy")
import numpy
import onnx
import onnxruntime
from onnxruntime import quantization as q

import seeded

STATIC = {  # name: format, activations, weights, per channel, options
    "qdq_u8s8": (q.QuantFormat.QDQ, q.QuantType.QUInt8, q.QuantType.QInt8, True, {}),
    "qdq_s8s8": (q.QuantFormat.QDQ, q.QuantType.QInt8, q.QuantType.QInt8, True, {"ActivationSymmetric": True}),
    "qdq_u8u8": (q.QuantFormat.QDQ, q.QuantType.QUInt8, q.QuantType.QUInt8, False, {}),
    "qop_u8s8": (q.QuantFormat.QOperator, q.QuantType.QUInt8, q.QuantType.QInt8, True, {}),
    "qop_s8s8": (q.QuantFormat.QOperator, q.QuantType.QInt8, q.QuantType.QInt8, True, {}),
    "qop_u8u8": (q.QuantFormat.QOperator, q.QuantType.QUInt8, q.QuantType.QUInt8, False, {}),
    "qdq_u16s8": (q.QuantFormat.QDQ, q.QuantType.QUInt16, q.QuantType.QInt8, False, {}),
    "qdq_int_io": (q.QuantFormat.QDQ, q.QuantType.QUInt8, q.QuantType.QInt8, True, {}),
}
WIDE = ("mobilenet_v2", "mobilenet_v3_small", "squeeze_simple_bypass", "unet_transpose", "keyword")
NARROW = ("squeezenet1_1", "resnet18", "conv1d", "autoencoder", "convnext", "unet_bilinear", "efficientnet_b0",
          "activations", "two_ways", "conv_autoencoder")
DYNAMIC = ("mobilenet_v2", "keyword", "autoencoder", "lstm", "gru", "attention", "convnext", "squeezenet1_1", "conv1d")
HALF = ("mobilenet_v2", "mobilenet_v3_small", "gru", "unet_bilinear", "attention")


class Reader(q.CalibrationDataReader):
    def __init__(self, inputs, name):
        self.batches = iter([{n: seeded.array(f"{name} {n} calibration {i}", v.shape) for n, v in inputs.items()}
                             for i in range(12)])

    def get_next(self):
        return next(self.batches, None)


def source(cases, name):
    """The float model's file and inputs, from the case that torch_onnx made."""
    for opset in (13, 17):
        case = f"torch-{name}-traced{opset}"
        for entry in cases.read("INDEX.json"):
            if entry["name"] == case:
                inputs = {t["name"]: numpy.fromfile(cases.out / t["file"], t["dtype"]).reshape(t["shape"])
                          for t in entry["inputs"]}
                return cases.out / entry["model"], inputs, entry.get("dynamic")
    raise LookupError(f"no float model of {name}: make torch_onnx first")


def static(cases, name, kind):
    def make(folder):
        file, inputs, dynamic = source(cases, name)
        form, activations, weights, per_channel, options = STATIC[kind]
        ready = folder / "ready.onnx"
        q.shape_inference.quant_pre_process(str(file), str(ready), skip_symbolic_shape=dynamic is not None)
        q.quantize_static(str(ready), str(folder / "model.onnx"), Reader(inputs, name), quant_format=form,
                          per_channel=per_channel, activation_type=activations, weight_type=weights,
                          extra_options=options)
        ready.unlink()
        if kind == "qdq_int_io":
            inputs = strip_ends(folder / "model.onnx", inputs)
        return {"model": "model.onnx", "inputs": inputs, "dynamic": dynamic}
    return make


def strip_ends(path, inputs):
    """Drop the QuantizeLinear after every input and the DequantizeLinear before every output: whole numbers outside."""
    model = onnx.load(path)
    graph, constants = model.graph, {i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer}
    changed = dict(inputs)
    for node in list(graph.node):
        ends = [i for i in graph.input if node.op_type == "QuantizeLinear" and node.input[0] == i.name]
        ends += [o for o in graph.output if node.op_type == "DequantizeLinear" and node.output[0] == o.name]
        for end in ends:
            zero = constants[node.input[2]]
            inner = node.output[0] if node.op_type == "QuantizeLinear" else node.input[0]
            if end.name in inputs:
                steps = numpy.rint(inputs[end.name] / constants[node.input[1]]) + zero
                changed[end.name] = numpy.clip(steps, 0, 255).astype(zero.dtype)
            for other in graph.node:
                other.input[:] = [end.name if i == inner else i for i in other.input]
                other.output[:] = [end.name if o == inner and other is not node else o for o in other.output]
            end.type.tensor_type.elem_type = onnx.helper.np_dtype_to_tensor_dtype(zero.dtype)
            graph.node.remove(node)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return changed


def dynamic(cases, name, weights):
    def make(folder):
        file, inputs, dynamic_sizes = source(cases, name)
        q.quantize_dynamic(str(file), str(folder / "model.onnx"), weight_type=weights,
                           per_channel=weights == q.QuantType.QInt8,
                           op_types_to_quantize=["MatMul", "Gemm", "Conv", "LSTM", "GRU", "Gather", "Attention"])
        return {"model": "model.onnx", "inputs": inputs, "dynamic": dynamic_sizes}
    return make


def half(cases, name, keep):
    def make(folder):
        from onnxruntime.transformers import float16
        file, inputs, sizes = source(cases, name)
        model = float16.convert_float_to_float16(onnx.load(file), keep_io_types=keep)
        onnx.save(model, folder / "model.onnx")
        if not keep:
            inputs = {n: v.astype("float16") for n, v in inputs.items()}
        return {"model": "model.onnx", "inputs": inputs, "dynamic": sizes}
    return make


def make(cases):
    version = f"onnxruntime.quantization {onnxruntime.__version__}"
    for name in WIDE + NARROW:
        for kind in STATIC if name in WIDE else ("qdq_u8s8", "qop_u8s8", "qdq_s8s8"):
            cases.case(f"ort-{name}-{kind}", f"{version}, static", kind, static(cases, name, kind))
    for name in DYNAMIC:
        for kind, weights in (("dynamic_s8", q.QuantType.QInt8), ("dynamic_u8", q.QuantType.QUInt8)):
            cases.case(f"ort-{name}-{kind}", f"{version}, dynamic", kind, dynamic(cases, name, weights))
    for name in HALF:
        for kind, keep in (("half", False), ("half_float_io", True)):
            cases.case(f"ort-{name}-{kind}", f"onnxruntime.transformers.float16 {onnxruntime.__version__}", kind,
                       half(cases, name, keep))
