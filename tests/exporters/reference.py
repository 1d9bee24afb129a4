"""Reference outputs: onnxruntime on one thread, or the reference kernels of LiteRT; and how far they can be trusted."""
import math

import numpy


def run(path, inputs, quantized):
    """([(output name, values, tolerance)], note): a second way shows how wide the tolerance must be."""
    first, second, note = (onnx if path.suffix == ".onnx" else tflite)(path, inputs, quantized)
    factor = 2 if note or quantized and path.suffix == ".onnx" else 1  # onnxruntime rounds products of floats
    return [(name, value, tolerance(value, other, quantized, factor))
            for (name, value), (_, other) in zip(first, second)], note


def tolerance(value, other, quantized, factor):
    if value.dtype.kind == "f":
        spread = float(numpy.ptp(value)) if value.size else 0.0
        worst = float(numpy.max(numpy.abs(value.astype("f8") - other.astype("f8")))) if value.size else 0.0
        if quantized:
            least = max(0.01, round_up(2.01 * step(value) / spread) if spread else 0)
        else:  # where pixels and scores share an output, the scores count too
            least = min(1e-4, round_up(2e-3 / spread)) if spread else 1e-4
        return f"abs {max(factor * least, round_up(4 * worst / spread) if spread else 0.0):g} of the range"
    if quantized and value.dtype.itemsize < 4 and value.dtype.kind in "iu":
        worst = int(numpy.max(numpy.abs(value.astype(int) - other.astype(int)))) if value.size else 0
        return f"steps {max(2 * factor, 2 * worst)}"
    return "exact"


def step(value):
    """The distance between neighbours if all values lie on a grid, as after a DequantizeLinear; else 0."""
    levels = numpy.unique(value.astype("f8"))
    if levels.size < 2:
        return 0.0
    gap = numpy.min(numpy.diff(levels))
    counts = (levels - levels[0]) / gap
    return float(gap) if numpy.max(numpy.abs(counts - numpy.rint(counts))) < 0.02 else 0.0


def round_up(x):
    """To one digit."""
    if x <= 0 or not math.isfinite(x):
        return 0.0
    unit = 10.0 ** math.floor(math.log10(x))
    return math.ceil(x / unit) * unit


def onnx(path, inputs, quantized):
    plain, optimised = onnx_once(path, inputs, False), onnx_once(path, inputs, True)
    return (optimised, plain, "") if quantized else (plain, optimised, "")


def onnx_once(path, inputs, optimise):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if not optimise:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return list(zip(names, (numpy.asarray(v) for v in session.run(names, inputs))))


def tflite(path, inputs, quantized):
    from ai_edge_litert.interpreter import OpResolverType
    fast = tflite_once(path, inputs, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    try:
        return tflite_once(path, inputs, OpResolverType.BUILTIN_REF), fast, ""
    except ValueError as error:  # the reference resolver lacks some versions of operators
        note = "fast kernels: " + str(error).split(". ")[0]
        return fast, tflite_once(path, inputs, OpResolverType.BUILTIN), note


def tflite_once(path, inputs, resolver):
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(str(path), num_threads=1, experimental_op_resolver_type=resolver)
    details = {d["name"]: d for d in interpreter.get_input_details()}
    for name, value in inputs.items():
        if list(details[name]["shape"]) != list(value.shape):
            interpreter.resize_tensor_input(details[name]["index"], value.shape)
    interpreter.allocate_tensors()
    for name, value in inputs.items():
        interpreter.set_tensor(details[name]["index"], value)
    interpreter.invoke()
    return [(d["name"], interpreter.get_tensor(d["index"]).copy()) for d in interpreter.get_output_details()]
