#!/usr/bin/env python3
"""seeds.py FOLDER - writes tiny models, one an operator or so, into FOLDER/onnx and FOLDER/tflite.

The fuzzers start from them; what of them and of their offspring reaches new code is in corpus/
(run.sh merge). Encoders of Protocol Buffers and FlatBuffers of its own: nothing to install."""
import os
import re
import struct
import sys

# ---- tensors of both formats: type, shape, values; None: computed ----


class T:
    def __init__(self, shape, type="f", values=None, const=False, scale=None, zero=0, axis=0):
        self.shape, self.type, self.scale, self.zero, self.axis = list(shape), type, scale, zero, axis
        count = 1
        for d in self.shape:
            count *= d
        self.values = values if values is not None else [(i * 7 % 5 - 2) / 2 if type in "fde" else i * 3 % 5
                                                         for i in range(count)] if const else None

    def bytes(self):
        return b"".join(struct.pack("<" + self.type, v if self.type in "fde" else int(v)) for v in self.values)


def C(*shape, **more):  # a constant
    return T(shape, const=True, **more)


def X(*shape, **more):  # an input
    return T(shape, **more)


def I(*values, type="q"):  # integers
    return T([len(values)], type, list(values))


def S(value, type="f"):  # a scalar
    return T([], type, [value])


def Q(*shape, type="b", const=False, scale=0.1, zero=0, axis=0):
    return T(shape, type, const=const, scale=scale, zero=zero, axis=axis)


# ---- ONNX: Protocol Buffers ----


def varint(v):
    v &= (1 << 64) - 1
    out = b""
    while v > 127:
        out += bytes([v & 127 | 128])
        v >>= 7
    return out + bytes([v])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


ONNX_TYPES = dict(zip("f B b H h i q ? e d I Q".split(), [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]))


def onnx_tensor(t, name=""):
    return (b"".join(field(1, d) for d in t.shape) + field(2, ONNX_TYPES[t.type]) + field(8, name) +
            field(9, t.bytes()))


def onnx_attribute(name, value):
    if isinstance(value, bytes):  # a graph
        return field(1, name) + field(6, value) + field(20, 5)
    if isinstance(value, T):
        return field(1, name) + field(5, onnx_tensor(value)) + field(20, 4)
    if isinstance(value, float):
        return field(1, name) + field(2, value) + field(20, 1)
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, 3)
    if value and isinstance(value[0], float):
        return field(1, name) + b"".join(field(7, v) for v in value) + field(20, 6)
    if value and isinstance(value[0], str):
        return field(1, name) + b"".join(field(9, v) for v in value) + field(20, 8)
    return field(1, name) + field(8, b"".join(varint(v) for v in value)) + field(20, 7)


def onnx_node(op, inputs, outputs, domain="", **attributes):
    return (b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(4, op) +
            b"".join(field(5, onnx_attribute(k, v)) for k, v in attributes.items()) +
            (field(7, domain) if domain else b""))


def onnx_value(name, t):
    shape = b"".join(field(1, field(1, d)) for d in t.shape)
    return field(1, name) + field(2, field(1, field(1, ONNX_TYPES[t.type]) + field(2, shape)))


def onnx_graph(nodes, inputs=(), constants=(), outputs=("y",)):
    return (b"".join(field(1, n) for n in nodes) + field(2, "g") +
            b"".join(field(5, onnx_tensor(t, n)) for n, t in constants) +
            b"".join(field(11, onnx_value(n, t)) for n, t in inputs) +
            b"".join(field(12, onnx_value(n, X(1))) for n in outputs))


def onnx_model(graph, opset=17, functions=(), more=b""):
    return (field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, opset)) +
            field(8, field(1, "com.microsoft") + field(2, 1)) + b"".join(field(25, f) for f in functions) + more)


def onnx_op(op, *inputs, outputs=1, opset=17, domain="", **attributes):
    names = ["" if t is None else "abcdefghijklm"[i] for i, t in enumerate(inputs)]
    outs = ["y" if i == 0 else f"y{i}" for i in range(outputs)]
    named = [(n, t) for n, t in zip(names, inputs) if t is not None]
    return onnx_model(onnx_graph([onnx_node(op, names, outs, domain, **attributes)],
                                 [(n, t) for n, t in named if t.values is None],
                                 [(n, t) for n, t in named if t.values is not None], outs), opset)


def onnx_seeds():
    u, op = dict(type="B"), onnx_op
    for name in ("Abs Celu Cos Elu Erf Exp Gelu HardSigmoid HardSwish IsNaN LeakyRelu LogSoftmax Mish Neg Relu Selu "
                 "Sigmoid Softmax Softplus Softsign Sqrt Tanh ThresholdedRelu Round Identity Size Dropout").split():
        yield name, op(name, X(2, 3))
    for name in "Add Div Mod Pow Mul Greater LessOrEqual Equal PRelu Max Sum".split():
        yield name, op(name, X(2, 3), C(3))
    for name in "ReduceL1 ReduceLogSumExp ReduceMax ReduceMean ReduceProd ReduceSumSquare".split():
        yield name, op(name, X(2, 3, 2), axes=[1], keepdims=0)
    yield "And", op("And", X(3, type="?"), C(3, type="?"))
    yield "Not", op("Not", X(3, type="?"))
    yield "Where", op("Where", X(3, type="?"), X(3), C(3))
    yield "Cast", op("Cast", X(3), to=7)
    yield "CastLike", op("CastLike", X(3), C(1, type="q"), opset=19)
    yield "Clip", op("Clip", X(3), S(0.0), S(6.0))
    for d in "01":
        pads = dict(pads=[1, 1, 1, 1]) if d == "0" else dict(auto_pad="SAME_LOWER", strides=[2, 2])
        yield "Conv" + d, op("Conv", X(1, 2, 5, 5), C(3, 2, 3, 3), C(3), **pads)
    yield "ConvGroup", op("Conv", X(1, 4, 5), C(4, 1, 3), group=4, dilations=[2])
    yield "ConvTranspose", op("ConvTranspose", X(1, 2, 3, 3), C(2, 3, 2, 2), strides=[2, 2], output_padding=[1, 1])
    yield "ConvTransposeSame", op("ConvTranspose", X(1, 2, 3), C(2, 1, 2), group=2, auto_pad="SAME_UPPER")
    yield "AveragePool", op("AveragePool", X(1, 2, 5, 5), kernel_shape=[3, 3], ceil_mode=1, count_include_pad=1)
    yield "MaxPool", op("MaxPool", X(1, 2, 5), kernel_shape=[2], strides=[2])
    yield "GlobalAveragePool", op("GlobalAveragePool", X(1, 2, 3, 3))
    yield "GlobalMaxPool", op("GlobalMaxPool", X(1, 2, 3))
    yield "BatchNormalization", op("BatchNormalization", X(1, 2, 3), C(2), C(2), C(2), C(2))
    yield "GroupNormalization", op("GroupNormalization", X(1, 4, 3), C(2), C(2), num_groups=2, opset=18)
    yield "InstanceNormalization", op("InstanceNormalization", X(1, 2, 3), C(2), C(2))
    yield "LayerNormalization", op("LayerNormalization", X(2, 3), C(3), C(3))
    yield "RMSNormalization", op("RMSNormalization", X(2, 3), C(3), opset=23)
    yield "LRN", op("LRN", X(1, 4, 2, 2), size=3)
    yield "LpNormalization", op("LpNormalization", X(2, 3), p=1)
    for mode in "nearest linear cubic".split():
        yield "Resize-" + mode, op("Resize", X(1, 1, 3, 3), None, C(4, values=[1.0, 1.0, 2.0, 1.5]), mode=mode)
    yield "ResizeSizes", op("Resize", X(1, 1, 3, 3), None, None, I(1, 1, 5, 2), coordinate_transformation_mode="align_corners",
                            nearest_mode="ceil")
    yield "Upsample", op("Upsample", X(1, 1, 2, 2), opset=7, scales=[1.0, 1.0, 2.0, 2.0])
    yield "Gemm", op("Gemm", X(2, 3), C(4, 3), C(4), transB=1, alpha=0.5)
    yield "MatMul", op("MatMul", X(2, 2, 3), X(3, 2))
    yield "MatMulWeights", op("MatMul", X(2, 3), C(3, 2))
    yield "Einsum", op("Einsum", X(2, 3), X(3, 2), equation="ij,jk->ik")
    yield "EinsumBatch", op("Einsum", X(2, 2, 3), X(2, 4, 3), equation="bid,bjd->bij")
    yield "ConvInteger", op("ConvInteger", X(1, 1, 4, 4, **u), C(1, 1, 2, 2, **u), S(1, "B"))
    yield "MatMulInteger", op("MatMulInteger", X(2, 3, **u), C(3, 2, type="b"), S(1, "B"), S(0, "b"))
    yield "DequantizeLinear", op("DequantizeLinear", X(2, 3, **u), C(3), C(3, **u), axis=1)
    yield "DynamicQuantizeLinear", op("DynamicQuantizeLinear", X(2, 3), outputs=3)
    q = (S(0.1), S(3, "B"))
    yield "QuantizeLinear", op("QuantizeLinear", X(2, 3), *q)
    yield "QLinearConv", op("QLinearConv", X(1, 1, 4, 4, **u), *q, C(2, 1, 2, 2, type="b"), C(2, values=[0.1, 0.2]),
                            C(2, type="b", values=[0, 0]), *q, C(2, type="i"))
    yield "QLinearMatMul", op("QLinearMatMul", X(2, 3, **u), *q, C(3, 2, **u), *q, *q)
    ms = dict(domain="com.microsoft")
    yield "BiasGelu", op("BiasGelu", X(2, 3), C(3), **ms)
    yield "FastGelu", op("FastGelu", X(2, 3), **ms)
    yield "FusedConv", op("FusedConv", X(1, 1, 3, 3), C(1, 1, 2, 2), activation="Relu", **ms)
    yield "FusedGemm", op("FusedGemm", X(2, 3), C(3, 2), C(2), activation="Relu", **ms)
    yield "FusedMatMul", op("FusedMatMul", X(2, 3), C(2, 3), transB=1, alpha=2.0, **ms)
    yield "MatMulIntegerToFloat", op("MatMulIntegerToFloat", X(2, 3, **u), C(3, 2, **u), S(0.1), S(0.1), S(1, "B"), **ms)
    yield "DynamicQuantizeMatMul", op("DynamicQuantizeMatMul", X(2, 3), C(3, 2, **u), S(0.1), S(1, "B"), **ms)
    yield "QGemm", op("QGemm", X(2, 3, **u), *q, C(3, 2, **u), *q, C(2, type="i"), *q, **ms)
    for name in "QLinearAdd QLinearMul".split():
        yield name, op(name, X(2, 3, **u), *q, X(3, **u), *q, *q, **ms)
    for name in "QLinearSigmoid QLinearLeakyRelu QLinearSoftmax".split():
        yield name, op(name, X(2, 3, **u), *q, *q, opset=13, **ms)
    yield "QLinearGlobalAveragePool", op("QLinearGlobalAveragePool", X(1, 2, 3, 3, **u), *q, *q, **ms)
    yield "QLinearAveragePool", op("QLinearAveragePool", X(1, 2, 3, 3, **u), *q, *q, kernel_shape=[2, 2], **ms)
    yield "QLinearReduceMean", op("QLinearReduceMean", X(1, 2, 3, **u), *q, *q, axes=[1], **ms)
    yield "QLinearConcat", op("QLinearConcat", *q, X(2, 3, **u), *q, X(2, 3, **u), *q, axis=1, **ms)
    yield "QLinearWhere", op("QLinearWhere", X(3, type="?"), X(3, **u), *q, X(3, **u), *q, *q, **ms)
    yield "QuickGelu", op("QuickGelu", X(3), alpha=1.7, **ms)
    yield "GRU", op("GRU", X(3, 1, 2), C(1, 6, 2), C(1, 6, 2), C(1, 12), outputs=2, hidden_size=2, linear_before_reset=1)
    yield "LSTM", op("LSTM", X(3, 1, 2), C(2, 8, 2), C(2, 8, 2), C(2, 16), None, X(2, 1, 2), X(2, 1, 2), outputs=3,
                     hidden_size=2, direction="bidirectional")
    yield "RNN", op("RNN", X(3, 1, 2), C(1, 2, 2), C(1, 2, 2), hidden_size=2, direction="reverse", activations=["Tanh"])
    yield "ArgMax", op("ArgMax", X(2, 3), axis=1, keepdims=0, select_last_index=1)
    yield "CumSum", op("CumSum", X(2, 3), S(1, "q"), reverse=1)
    yield "TopK", op("TopK", X(2, 5), I(2), outputs=2, largest=0)
    yield "NonMaxSuppression", op("NonMaxSuppression", X(1, 3, 4), X(1, 2, 3), I(2), S(0.5), S(0.1))
    yield "Concat", op("Concat", X(2, 3), C(2, 1), axis=-1)
    for k, v in dict(value=C(2, type="e"), value_int=3, value_ints=[1, 2], value_float=1.0, value_floats=[1.0, 2.0]).items():
        graph = onnx_graph([onnx_node("Constant", [], ["c"], **{k: v}), onnx_node("Add", ["c", "c"], ["y"])])
        yield "Constant-" + k, onnx_model(graph)
    yield "ConstantOfShape", op("ConstantOfShape", I(2, 3), value=C(1, type="q"))
    yield "DepthToSpace", op("DepthToSpace", X(1, 4, 2, 2), blocksize=2, mode="CRD")
    yield "SpaceToDepth", op("SpaceToDepth", X(1, 1, 4, 4), blocksize=2)
    yield "Expand", op("Expand", X(3), I(2, 3))
    yield "EyeLike", op("EyeLike", X(3, 2), k=1, dtype=1)
    yield "Flatten", op("Flatten", X(2, 3, 2), axis=2)
    yield "Gather", op("Gather", X(3, 2), I(0, -1), axis=0)
    yield "GatherElements", op("GatherElements", X(2, 2), T([2, 1], "q", [0, 1]), axis=1)
    yield "GatherND", op("GatherND", X(2, 2), T([1, 2], "q", [0, 1]))
    yield "NonZero", op("NonZero", X(2, 2))
    yield "OneHot", op("OneHot", X(3, type="q"), S(4, "q"), C(2))
    yield "Pad", op("Pad", X(2, 3), I(0, 1, 0, -1), S(1.0))
    yield "PadReflect", op("Pad", X(2, 3), I(0, 1, 1, 0), mode="reflect")
    yield "Range", op("Range", S(0, "q"), S(5, "q"), S(2, "q"))
    yield "Reshape", op("Reshape", X(2, 3), I(0, -1))
    yield "ScatterElements", op("ScatterElements", X(2, 2), T([1, 2], "q", [0, 1]), X(1, 2), axis=1)
    yield "ScatterND", op("ScatterND", X(4), T([2, 1], "q", [0, 2]), X(2))
    yield "Slice", op("Slice", X(4, 3), I(3, 0), I(-9, 2), I(0, 1), I(-1, 1))
    yield "Split", op("Split", X(4, 3), I(1, 3), outputs=2)
    yield "Squeeze", op("Squeeze", X(1, 3, 1), I(0))
    yield "Tile", op("Tile", X(2, 1), I(1, 3))
    yield "Transpose", op("Transpose", X(2, 3, 1), perm=[2, 0, 1])
    yield "Trilu", op("Trilu", X(3, 3), S(1, "q"), upper=0)
    yield "Unsqueeze", op("Unsqueeze", X(3), I(0, 2))
    nodes = [onnx_node("Shape", ["x"], ["s"]), onnx_node("Gather", ["s", "i"], ["d"]),
             onnx_node("Concat", ["d", "m"], ["t"], axis=0), onnx_node("Reshape", ["x", "t"], ["y"])]
    yield "Shapes", onnx_model(onnx_graph(nodes, [("x", X(2, 3, 2))], [("i", I(0)), ("m", I(-1))]))
    branch = [onnx_graph([onnx_node(o, ["x", "k"], ["r"])], outputs=["r"]) for o in ("Add", "Mul")]
    for name, c in dict(If=X(type="?"), IfConstant=S(1, "?")).items():
        inputs = [("x", X(2, 2))] + ([("c", c)] if c.values is None else [])
        constants = [("k", C(2))] + ([("c", c)] if c.values is not None else [])
        node = onnx_node("If", ["c"], ["y"], then_branch=branch[0], else_branch=branch[1])
        yield name, onnx_model(onnx_graph([node], inputs, constants))
    function = (field(1, "F") + field(4, "p") + field(5, "r") + field(6, "alpha") + field(10, "d") +
                field(7, field(1, "p") + field(2, "r") + field(4, "Elu") +
                      field(5, field(1, "alpha") + field(21, "alpha") + field(20, 1))))
    yield "Function", onnx_model(onnx_graph([onnx_node("F", ["x"], ["y"], "d", alpha=0.5)], [("x", X(2))]), functions=[function])
    external = field(1, 4) + field(2, 1) + field(8, "k") + b"".join(
        field(13, field(1, k) + field(2, v)) for k, v in dict(location="w", offset="16", length="16").items()) + field(14, 1)
    yield "External", onnx_model(onnx_graph([onnx_node("Add", ["x", "k"], ["y"])], [("x", X(4))]) + field(5, external))
    numbers = field(1, 2) + field(2, 7) + field(7, varint(1) + varint(-1)) + field(8, "k")
    yield "Numbers", onnx_model(onnx_graph([onnx_node("Add", ["x", "k"], ["y"])], [("x", X(2, type="q"))]) + field(5, numbers))


# ---- TensorFlow Lite: FlatBuffers ----


class V:  # a vector: struct's letter and numbers; or bytes, which are aligned to 16
    def __init__(self, kind, items):
        self.kind, self.items = kind, list(items)


def flat_write(root):
    """Tables are dicts of fields: (letter, number), a string, bytes, V, a list of tables, or a dict."""
    out, todo = bytearray(struct.pack("<I4s", 0, b"TFL3")), [(0, root)]

    def align(step, before=0):
        while (len(out) + before) % step:
            out.append(0)

    def table(t):
        fields, size, step = {}, 4, 4
        for number, v in sorted(t.items(), key=lambda kv: -struct.calcsize(kv[1][0]) if isinstance(kv[1], tuple) else -4):
            width = struct.calcsize(v[0]) if isinstance(v, tuple) else 4
            size += -size % width
            fields[number], size, step = size, size + width, max(step, width)
        vtable = struct.pack("<HH", 4 + 2 * (max(t, default=-1) + 1), size) + b"".join(
            struct.pack("<H", fields.get(i, 0)) for i in range(max(t, default=-1) + 1))
        align(step, len(vtable))
        out.extend(vtable)
        place = len(out)
        out.extend(struct.pack("<i", len(vtable)) + bytes(size - 4))
        for number, v in t.items():
            if isinstance(v, tuple):
                struct.pack_into("<" + v[0], out, place + fields[number], v[1])
            else:
                todo.append((place + fields[number], v))
        return place

    def vector(v):
        if isinstance(v, str):
            v = v.encode() + b"\0"
            align(4)
            out.extend(struct.pack("<I", len(v) - 1) + v)
            return len(out) - len(v) - 4
        if isinstance(v, bytes):
            align(16, 4)
            out.extend(struct.pack("<I", len(v)) + v)
            return len(out) - len(v) - 4
        if isinstance(v, list):
            align(4)
            place = len(out)
            out.extend(struct.pack("<I", len(v)) + bytes(4 * len(v)))
            todo.extend((place + 4 + 4 * i, item) for i, item in enumerate(v))
            return place
        align(max(4, struct.calcsize(v.kind)), 4)
        place = len(out)
        out.extend(struct.pack("<I", len(v.items)) + b"".join(struct.pack("<" + v.kind, i) for i in v.items))
        return place

    while todo:
        at, item = todo.pop(0)
        place = table(item) if isinstance(item, dict) else vector(item)
        struct.pack_into("<I", out, at, place - at)
    return bytes(out)


TFLITE_TYPES = {"f": 0, "e": 1, "i": 2, "B": 3, "q": 4, "?": 6, "h": 7, "b": 9, "c": 8, "d": 10, "r": 13, "I": 15}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/model/tflite_options.c")) as source:
    CODES = re.findall(r'^\t"(\w+)",$', source.read(), re.M)


def tflite_tensor(t, buffer):
    fields = {0: V("i", t.shape), 1: ("B", TFLITE_TYPES[t.type.strip("v") or "f"]), 2: ("I", buffer), 3: "t"}
    if t.scale is not None:
        scales = t.scale if isinstance(t.scale, list) else [t.scale]
        fields[4] = {2: V("f", scales), 3: V("q", [t.zero] * len(scales)), 6: ("i", t.axis)}
    if t.type[0] == "v":  # a variable
        fields[5] = ("B", 1)
    return fields


def tflite_model(*graphs):
    """A graph: inputs, outputs, nodes of (operator, inputs, outputs, options); tensors are told by identity."""
    codes, buffers, subgraphs = [], [{}], []
    for inputs, outputs, nodes in graphs:
        tensors = []
        for t in [t for n in nodes for t in n[1] + n[2]] + inputs + outputs:
            if t is not None and not any(t is k for k in tensors):
                tensors.append(t)
        index = lambda ts: V("i", [-1 if t is None else [t is k for k in tensors].index(True) for t in ts])
        table = []
        for t in tensors:
            table.append(tflite_tensor(t, len(buffers) if t.values is not None else 0))
            if t.values is not None:
                buffers.append({0: t.bytes()})
        operators = []
        for op, ins, outs, options in nodes:
            code = {0: ("b", min(CODES.index(op), 127)), 3: ("i", CODES.index(op))} if op in CODES else \
                {0: ("b", 32), 1: op, 3: ("i", 32)}
            operators.append({0: ("I", len(codes)), 1: index(ins), 2: index(outs), 3: ("B", 1)})
            operators[-1].update({5: options} if isinstance(options, bytes) else {4: options})
            codes.append(code)
        subgraphs.append({0: table, 1: index(inputs), 2: index(outputs), 3: operators})
    return flat_write({0: ("I", 3), 1: codes, 2: subgraphs, 4: buffers})


def tflite_op(op, inputs, *outputs, **options):
    """Options: b0=1 is field 0, a byte; i an integer, f a float, v a vector of integers."""
    fields = {int(k[1:]): V("i", v) if k[0] == "v" else ({"b": "B"}.get(k[0], k[0]), v) for k, v in options.items()}
    return tflite_model(([t for t in inputs if t is not None and t.values is None and t.type[0] != "v"], list(outputs),
                         [(op, list(inputs), list(outputs), fields)]))


def flex_map(**values):
    """A FlexBuffer: numbers by their sorted names, all of 4 bytes."""
    out, places = b"", []
    for key in values:
        places.append(len(out))
        out += key.encode() + b"\0"
    out += struct.pack("<I", len(values))
    keys = len(out)
    for place in places:
        out += struct.pack("<I", len(out) - place)
    out += struct.pack("<3I", len(out) - keys, 4, len(values)) + b"".join(
        struct.pack("<f" if isinstance(v, float) else "<i", v) for v in values.values())
    types = bytes((3 if isinstance(v, float) else 1) << 2 | 2 for v in values.values())
    return out + types + bytes([5 * len(values), 9 << 2 | 2, 1])


def tflite_seeds():
    op, i = tflite_op, lambda *v: I(*v, type="i")
    for name in ("ABS CEIL COS ELU EXP FLOOR GELU HARD_SWISH LEAKY_RELU LOG LOGISTIC LOG_SOFTMAX NEG RELU RELU6 ROUND RSQRT "
                 "SIGN SIN SOFTMAX SQRT SQUARE TANH L2_NORMALIZATION RELU_N1_TO_1 RELU_0_TO_1 ZEROS_LIKE").split():
        yield name, op(name, [X(2, 3)], X(2, 3), **({"f0": 1.0} if name in ("SOFTMAX", "LEAKY_RELU") else {}))
    for name in "HARD_SWISH LEAKY_RELU LOGISTIC LOG_SOFTMAX RELU SOFTMAX TANH RELU6 L2_NORMALIZATION ABS RSQRT".split():
        fixed = {"LOGISTIC": (1 / 256, -128), "SOFTMAX": (1 / 256, -128), "TANH": (1 / 128, 0), "LOG_SOFTMAX": (16 / 256, 127),
                 "L2_NORMALIZATION": (1 / 128, 0)}.get(name, (0.1, 1))
        yield name + "-int8", op(name, [Q(2, 3)], Q(2, 3, scale=fixed[0], zero=fixed[1]),
                                 **({"f0": 1.0} if name in ("SOFTMAX", "LEAKY_RELU") else {}))
    for name in ("ADD SUB MUL DIV MAXIMUM MINIMUM POW SQUARED_DIFFERENCE FLOOR_DIV FLOOR_MOD PRELU ADD_N").split():
        yield name, op(name, [X(2, 3), X(2, 3) if name == "ADD_N" else C(3)], X(2, 3))
    for name in "ADD SUB MUL MAXIMUM SQUARED_DIFFERENCE PRELU".split():
        yield name + "-int8", op(name, [Q(2, 3), Q(2, 3) if name != "PRELU" else Q(3, const=True)],
                                 Q(2, 3, scale=0.1 if name == "MAXIMUM" else 0.2), b0=1)
    yield "ADD-int16", op("ADD", [Q(2, 3, type="h"), Q(3, type="h")], Q(2, 3, type="h", scale=0.2))
    for name in "EQUAL GREATER LESS_EQUAL NOT_EQUAL".split():
        yield name, op(name, [X(2, 3), X(3)], X(2, 3, type="?"))
    yield "LOGICAL_AND", op("LOGICAL_AND", [X(3, type="?"), X(3, type="?")], X(3, type="?"))
    yield "LOGICAL_NOT", op("LOGICAL_NOT", [X(3, type="?")], X(3, type="?"))
    yield "SELECT_V2", op("SELECT_V2", [X(3, type="?"), X(3), C(3)], X(3))
    for name in "MEAN SUM REDUCE_MAX REDUCE_PROD".split():
        yield name, op(name, [X(2, 3, 2), i(1)], X(2, 2))
    yield "MEAN-int8", op("MEAN", [Q(1, 3, 3, 2), i(1, 2)], Q(1, 1, 1, 2, scale=0.2), b0=1)
    yield "REDUCE_ANY", op("REDUCE_ANY", [X(2, 3, type="?"), i(1)], X(2, type="?"))
    for t in "fbBh":
        q = dict(type=t) if t != "f" else {}
        x, w = (X, C) if t == "f" else (Q, lambda *s, **k: Q(*s, const=True, scale=0.1, type="B" if t == "B" else "b", **k))
        bias = C(2) if t == "f" else T([2], "q" if t == "h" else "i", const=True, scale=0.01)
        yield "CONV_2D-" + t, op("CONV_2D", [x(1, 5, 5, 2, **q), w(2, 3, 3, 2), bias], x(1, 5, 5, 2, **q), i1=1, i2=1, b3=1)
        yield "DEPTHWISE-" + t, op("DEPTHWISE_CONV_2D", [x(1, 5, 5, 2, **q), w(1, 3, 3, 2), bias], x(1, 2, 2, 2, **q), b0=1, i1=2,
                                   i2=2, i3=1, b4=3)
        yield "FULLY_CONNECTED-" + t, op("FULLY_CONNECTED", [x(1, 3, **q), w(2, 3), bias], x(1, 2, **q), b0=1)
        yield "AVERAGE_POOL-" + t, op("AVERAGE_POOL_2D", [x(1, 4, 4, 2, **q)], x(1, 2, 2, 2, **q), i1=2, i2=2, i3=2, i4=2)
        yield "MAX_POOL-" + t, op("MAX_POOL_2D", [x(1, 4, 4, 2, **q)], x(1, 3, 3, 2, **q), b0=1, i1=1, i2=1, i3=2, i4=2, b5=3)
        yield "TRANSPOSE_CONV-" + t, op("TRANSPOSE_CONV", [i(1, 4, 4, 2), w(2, 2, 2, 2), x(1, 2, 2, 2, **q), bias],
                                        x(1, 4, 4, 2, **q), i1=2, i2=2)
        yield "RESIZE_BILINEAR-" + t, op("RESIZE_BILINEAR", [x(1, 2, 3, 1, **q), i(4, 5)], x(1, 4, 5, 1, **q), b3=1)
        if t != "B":
            yield "BATCH_MATMUL-" + t, op("BATCH_MATMUL", [x(2, 2, 3, **q), x(2, 4, 3, **q)], x(2, 2, 4, **q), b1=1)
        yield "PAD-" + t, op("PAD", [x(2, 3, **q), T([2, 2], "i", [0, 1, 1, 0])], x(3, 4, **q))
        yield "CONCATENATION-" + t, op("CONCATENATION", [x(2, 3, **q), x(2, 3, **q)], x(2, 6, **q), i0=1)
    yield "CONV_2D-channels", op("CONV_2D", [Q(1, 4, 4, 1), Q(2, 2, 2, 1, const=True, scale=[0.1, 0.2], axis=0), T([2], "i", const=True)],
                                 Q(1, 4, 4, 2), i1=1, i2=1, i4=2, i5=2)
    yield "FULLY_CONNECTED-hybrid", op("FULLY_CONNECTED", [X(1, 3), Q(2, 3, const=True), C(2)], X(1, 2), b3=1)
    yield "L2_POOL_2D", op("L2_POOL_2D", [X(1, 4, 4, 2)], X(1, 2, 2, 2), i1=2, i2=2, i3=2, i4=2)
    yield "RESIZE_NEAREST", op("RESIZE_NEAREST_NEIGHBOR", [X(1, 2, 3, 1), i(4, 5)], X(1, 4, 5, 1), b0=1)
    yield "QUANTIZE", op("QUANTIZE", [X(2, 3)], Q(2, 3))
    yield "REQUANTIZE", op("QUANTIZE", [Q(2, 3)], Q(2, 3, type="B", scale=0.2, zero=128))
    yield "DEQUANTIZE", op("DEQUANTIZE", [Q(2, 3)], X(2, 3))
    yield "DEQUANTIZE-half", op("DEQUANTIZE", [C(2, 3, type="e")], X(2, 3))
    yield "CAST", op("CAST", [X(2, 3)], X(2, 3, type="i"))
    yield "RESHAPE", op("RESHAPE", [X(2, 3), i(3, -1)], X(3, 2), v0=[3, -1])
    yield "SQUEEZE", op("SQUEEZE", [X(1, 3, 1)], X(3, 1), v0=[0])
    yield "EXPAND_DIMS", op("EXPAND_DIMS", [X(3), i(0)], X(1, 3))
    yield "TRANSPOSE", op("TRANSPOSE", [X(2, 3, 1), i(2, 0, 1)], X(1, 2, 3))
    yield "STRIDED_SLICE", op("STRIDED_SLICE", [X(4, 3), i(3, 0), i(0, 2), i(-1, 1)], X(3, 3), i1=2, i4=0)
    yield "STRIDED_SLICE-shrink", op("STRIDED_SLICE", [X(4, 3), i(1, 0), i(2, 2), i(1, 1)], X(2), i4=1)
    yield "SLICE", op("SLICE", [X(4, 3), i(1, 0), i(2, -1)], X(2, 3))
    yield "SPLIT", op("SPLIT", [i(1), X(2, 4)], X(2, 2), X(2, 2), i0=2)
    yield "SPLIT_V", op("SPLIT_V", [X(2, 4), i(1, 3), i(1)], X(2, 1), X(2, 3), i0=2)
    yield "PACK", op("PACK", [X(2), X(2)], X(2, 2), i0=2, i1=1)
    yield "UNPACK", op("UNPACK", [X(2, 2)], X(2), X(2), i0=2, i1=1)
    yield "GATHER", op("GATHER", [X(3, 2), i(0, 2)], X(2, 2))
    yield "GATHER_ND", op("GATHER_ND", [X(3, 2), T([1, 2], "i", [1, 1])], X(1))
    yield "SCATTER_ND", op("SCATTER_ND", [T([2, 1], "i", [0, 2]), X(2), i(4)], X(4))
    yield "DYNAMIC_UPDATE_SLICE", op("DYNAMIC_UPDATE_SLICE", [X(3, 2), X(1, 2), X(2, type="i")], X(3, 2))
    yield "TILE", op("TILE", [X(2, 1), i(1, 3)], X(2, 3))
    yield "BROADCAST_TO", op("BROADCAST_TO", [X(3), i(2, 3)], X(2, 3))
    yield "FILL", op("FILL", [i(2, 3), S(1.0)], X(2, 3))
    yield "RANGE", op("RANGE", [S(0, "i"), S(5, "i"), S(2, "i")], X(3, type="i"))
    yield "ONE_HOT", op("ONE_HOT", [X(3, type="i"), S(4, "i"), S(1.0), S(0.0)], X(3, 4), i0=-1)
    yield "WHERE", op("WHERE", [X(2, 2, type="?")], X(4, 2, type="q"))
    yield "SHAPE", op("SHAPE", [X(2, 3)], X(2, type="i"), b0=2)
    yield "RANK", op("RANK", [X(2, 3)], X(type="i"))
    yield "ARG_MAX", op("ARG_MAX", [X(2, 3), i(1)], X(2, type="q"), b0=4)
    yield "ARG_MIN-int8", op("ARG_MIN", [Q(2, 3), i(1)], X(2, type="i"), b0=2)
    yield "TOPK_V2", op("TOPK_V2", [X(2, 5), S(2, "i")], X(2, 2), X(2, 2, type="i"))
    yield "CUMSUM", op("CUMSUM", [X(2, 3), S(1, "i")], X(2, 3), b0=1, b1=1)
    yield "REVERSE_V2", op("REVERSE_V2", [X(2, 3), i(1)], X(2, 3))
    yield "MIRROR_PAD", op("MIRROR_PAD", [X(2, 3), T([2, 2], "i", [0, 1, 1, 0])], X(3, 4), b0=1)
    yield "PADV2", op("PADV2", [X(2, 3), T([2, 2], "i", [0, 1, 1, 0]), S(1.0)], X(3, 4))
    yield "DEPTH_TO_SPACE", op("DEPTH_TO_SPACE", [X(1, 2, 2, 4)], X(1, 4, 4, 1), i0=2)
    yield "SPACE_TO_DEPTH", op("SPACE_TO_DEPTH", [X(1, 4, 4, 1)], X(1, 2, 2, 4), i0=2)
    yield "SPACE_TO_BATCH_ND", op("SPACE_TO_BATCH_ND", [X(1, 4, 4, 1), i(2, 2), T([2, 2], "i", [0] * 4)], X(4, 2, 2, 1))
    yield "BATCH_TO_SPACE_ND", op("BATCH_TO_SPACE_ND", [X(4, 2, 2, 1), i(2, 2), T([2, 2], "i", [0] * 4)], X(1, 4, 4, 1))
    yield "RFFT2D", op("RFFT2D", [X(1, 4), i(1, 4)], X(1, 3, type="c"))
    yield "SVDF", op("SVDF", [X(1, 3), C(4, 3), C(4, 5), C(2), T([1, 20], "v")], X(1, 2), i0=2, b1=1)
    yield "SVDF-int8", op("SVDF", [Q(1, 3), Q(4, 3, const=True), Q(4, 5, type="h", const=True), T([2], "i", const=True, scale=0.01),
                                   T([1, 20], "vh", scale=0.1)], Q(1, 2), i0=2)
    gates = [C(2, 3) for _ in range(4)] + [C(2, 2) for _ in range(4)] + [None] * 3 + [C(2) for _ in range(4)] + [None] * 2
    yield "LSTM", op("UNIDIRECTIONAL_SEQUENCE_LSTM", [X(1, 4, 3)] + gates + [T([1, 2], "v"), T([1, 2], "v")], X(1, 4, 2), b0=4)
    yield "NON_MAX_SUPPRESSION_V5", op("NON_MAX_SUPPRESSION_V5", [X(3, 4), X(3), S(2, "i"), S(0.5), S(0.1), S(0.0)], X(2, type="i"), X(2),
                                       X(type="i"))
    yield "NON_MAX_SUPPRESSION_V4", op("NON_MAX_SUPPRESSION_V4", [X(3, 4), X(3), S(2, "i"), S(0.5), S(0.1)], X(2, type="i"), X(type="i"))
    yield "Convolution2DTransposeBias", tflite_model(([a := X(1, 2, 2, 1)], [y := X(1, 4, 4, 1)], [
        ("Convolution2DTransposeBias", [a, C(1, 2, 2, 1), C(1)], [y], struct.pack("<3i", 1, 2, 2))]))
    flex = flex_map(h_scale=5.0, max_classes_per_detection=1, max_detections=2, nms_iou_threshold=0.5,
                    nms_score_threshold=0.1, num_classes=2, w_scale=5.0, x_scale=10.0, y_scale=10.0)
    yield "Detection", tflite_model(([a := X(1, 3, 4), s := X(1, 3, 3)], (o := [X(1, 2, 4), X(1, 2), X(1, 2), X(1)]), [
        ("TFLite_Detection_PostProcess", [a, s, C(3, 4)], o, flex)]))
    x, y, r, h = X(2), X(2), T([], "r"), T([], "r")
    yield "Variables", tflite_model(([x], [y], [("VAR_HANDLE", [], [r], {0: "", 1: "v"}), ("READ_VARIABLE", [r], [z := X(2)], {}),
                                                ("ADD", [x, z], [y], {}), ("ASSIGN_VARIABLE", [r, y], [], {}),
                                                ("CALL_ONCE", [], [], {0: ("i", 1)})]),
                                    ([], [], [("VAR_HANDLE", [], [h], {0: "", 1: "v"}), ("ASSIGN_VARIABLE", [h, C(2)], [], {})]))
    x, c, y, p, q = X(2), X(type="?"), X(2), X(2), X(2)
    yield "IF", tflite_model(([c, x], [y], [("IF", [c, x], [y], {0: ("i", 1), 1: ("i", 2)})]),
                             ([p], [a := X(2)], [("NEG", [p], [a], {})]), ([q], [b := X(2)], [("ABS", [q], [b], {})]))
    x, y, p, q, c = X(type="i"), X(type="i"), X(type="i"), X(type="i"), X(type="?")
    yield "WHILE", tflite_model(([x], [y], [("WHILE", [x], [y], {0: ("i", 1), 1: ("i", 2)})]),
                                ([p], [c], [("LESS", [p, S(5, "i")], [c], {})]),
                                ([q], [b := X(type="i")], [("ADD", [q, S(1, "i")], [b], {})]))
    x, y, p = X(2), X(2), X(2)
    yield "COMPOSITE", tflite_model(([x], [y], [("STABLEHLO_COMPOSITE", [x], [y], {1: ("i", 1)})]),
                                    ([p], [a := X(2)], [("NEG", [p], [a], {})]))
    x, y, m, n = X(1, 2, 3, 4), X(1, 2, 3, 4), X(1, 3, 4, 2), X(1, 3, 4, 2)
    yield "Sink", tflite_model(([x], [y], [("TRANSPOSE", [x, i(0, 2, 3, 1)], [m], {}), ("RELU", [m], [n], {}),
                                           ("TRANSPOSE", [n, i(0, 3, 1, 2)], [y], {})]))


def main():
    for reader, seeds in (("onnx", onnx_seeds()), ("tflite", tflite_seeds())):
        folder = os.path.join(sys.argv[1], reader)
        os.makedirs(folder, exist_ok=True)
        for name, data in seeds:
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)


main()
