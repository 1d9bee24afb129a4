"""tf2onnx of Keras networks: channels last outside, with the transposes that it leaves."""
NEEDS = ("tensorflow", "keras", "tf2onnx", "onnxruntime")
import keras_build
import tensorflow as tf
import tf2onnx

NETS = ("mobilenet_v2", "mobilenet_v3_small", "keyword", "unet_transpose", "unet_bilinear", "unet_nearest", "lstm",
        "gru", "lstm_both_ways", "conv1d", "several", "squeeze_bypass")  # of GELU it leaves Erfc, unknown to ONNX


def convert(name, opset, first=False):
    def make(folder):
        net = keras_build.build(name)
        inputs = keras_build.inputs(net, name)
        signature = [tf.TensorSpec(x.shape, tf.float32, name=x.name) for x in net.inputs]
        order = [x.name for x in net.inputs]

        @tf.function(input_signature=signature)
        def call(*arguments):
            return net(list(arguments))

        more = {"inputs_as_nchw": [order[0]]} if first else {}
        model, _ = tf2onnx.convert.from_function(call, signature, opset=opset,
                                                 output_path=str(folder / "model.onnx"), **more)
        names = [i.name for i in model.graph.input]
        if first:
            inputs = {order[0]: inputs[order[0]].transpose(0, 3, 1, 2).copy()}
        dynamic = None
        if any(d.dim_param for i in model.graph.input for d in i.type.tensor_type.shape.dim):
            dynamic = {d.dim_param: 1 for i in model.graph.input for d in i.type.tensor_type.shape.dim if d.dim_param}
        return {"model": "model.onnx", "inputs": {n: inputs[n] for n in names}, "dynamic": dynamic}
    return make


def make(cases):
    version = f"tf2onnx {tf2onnx.__version__}"
    for opset in (13, 17):
        for name in NETS:
            cases.case(f"tf2onnx-{name}-opset{opset}", f"{version}, opset {opset}", "float32", convert(name, opset))
    cases.case("tf2onnx-mobilenet_v2_first-opset13", f"{version}, inputs_as_nchw", "float32",
               convert("mobilenet_v2", 13, True))
