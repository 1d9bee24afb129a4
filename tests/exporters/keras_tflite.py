"""TensorFlow's converter from tf.keras, in every form that its quantization knows.

With TF_USE_LEGACY_KERAS=1 (and tf_keras) from Keras 2, whose recurrent layers become one operator instead of a loop.
"""
NEEDS = ("tensorflow", "keras", "ai_edge_litert")
import importlib.metadata
import os
import shutil

import keras_build
import nets_keras
import seeded
import tensorflow as tf
import tflite_inputs
from ai_edge_litert.interpreter import Interpreter

FORMS = ("float32", "float16", "dynamic", "int8_float_io", "int8", "uint8_io", "int16x8", "int8_per_tensor")
SOME = ("float32", "float16", "dynamic", "int8_float_io", "int8", "int16x8")
LOOPS = ("lstm", "gru", "lstm_both_ways")  # TensorFlow's calibrator crashes in loops
OLD = LOOPS + ("mobilenet_v2", "unet_transpose")
EVERY_FORM = ("mobilenet_v2", "keyword", "squeeze_bypass")


def converter_for(net, name, form):
    converter = tf.lite.TFLiteConverter.from_keras_model(net)
    if form == "float32":
        return converter
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if form in ("float16", "dynamic"):
        return converter
    converter.representative_dataset = lambda: (
        keras_build.inputs(net, f"{name} representative {i}") for i in range(16))
    ops = tf.lite.OpsSet.TFLITE_BUILTINS_INT8
    if form == "int16x8":
        ops = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    converter.target_spec.supported_ops = [ops]
    kind = {"int8": tf.int8, "uint8_io": tf.uint8}.get(form)
    if kind:
        converter.inference_input_type = converter.inference_output_type = kind
    converter._experimental_disable_per_channel = form == "int8_per_tensor"
    return converter


def convert(name, form):
    def make(folder):
        net = keras_build.build(name)
        path = folder / "model.tflite"
        path.write_bytes(converter_for(net, name, form).convert())
        return {"model": path.name, "inputs": tflite_inputs.as_model_wants(path, keras_build.inputs(net, name)),
                "signature": Interpreter(str(path)).get_signature_list()}
    return make


class TwoSignatures(tf.Module):
    """Names whose order differs from the order of arguments; the second signature is a subgraph of its own."""

    def __init__(self):
        random = tf.random.Generator.from_seed(7)
        self.weights = tf.Variable(random.normal((6, 4)))

    @tf.function(input_signature=[tf.TensorSpec((1, 6), name="zeta"), tf.TensorSpec((1, 4), name="alpha")])
    def mix(self, zeta, alpha):
        product = tf.matmul(zeta, self.weights)
        return {"y": product - alpha, "a": tf.nn.sigmoid(product * alpha)}

    @tf.function(input_signature=[tf.TensorSpec((1, 4), name="code")])
    def decode(self, code):
        return {"back": tf.matmul(code, self.weights, transpose_b=True)}


def two_signatures(folder):
    module = TwoSignatures()
    saved = folder / "saved"
    tf.saved_model.save(module, str(saved), signatures={"mix": module.mix, "decode": module.decode})
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved), signature_keys=["mix", "decode"])
    path = folder / "model.tflite"
    path.write_bytes(converter.convert())
    shutil.rmtree(saved)
    values = {"zeta": seeded.array("zeta", (1, 6)), "alpha": seeded.array("alpha", (1, 4)),
              "code": seeded.array("code", (1, 4))}
    return {"model": path.name, "inputs": tflite_inputs.as_model_wants(path, values),
            "signature": Interpreter(str(path)).get_signature_list()}


def wanted(name, form, old):
    if form not in SOME and name not in EVERY_FORM:
        return False
    if old and name not in OLD:
        return False
    loop = name in LOOPS and not (old and name.startswith("lstm"))
    return not loop or form in ("float32", "float16", "dynamic")


def make(cases):
    old = os.environ.get("TF_USE_LEGACY_KERAS") == "1"
    keras_version = importlib.metadata.version("tf_keras" if old else "keras")
    version = f"tf.lite.TFLiteConverter {tf.__version__}, Keras {keras_version}"
    if not old:
        cases.case("keras-two_signatures-float32", version, "float32", two_signatures)
    for form in FORMS:
        for name in nets_keras.NETS:
            if wanted(name, form, old):
                cases.case(f"{'keras2' if old else 'keras'}-{name}-{form}", version, form, convert(name, form))
