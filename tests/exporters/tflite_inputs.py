"""Inputs as a .tflite file wants them: its order, its names, its whole numbers."""
import numpy
from ai_edge_litert.interpreter import Interpreter


def as_model_wants(path, values):
    """{the file's name of an input: values in the file's type}, in the file's order."""
    wanted = {}
    for detail in Interpreter(str(path)).get_input_details():
        near = [k for k in values if k in detail["name"]]
        value = values[near[0] if near else next(iter(values))]
        scale, zero = detail["quantization"]
        if detail["dtype"] != numpy.float32 and scale:
            info = numpy.iinfo(detail["dtype"])
            value = numpy.clip(numpy.rint(value / scale) + zero, info.min, info.max)
        wanted[detail["name"]] = value.astype(detail["dtype"])
    return wanted
