"""Calibrates trained weights and writes keywords.tflite (int8) and keywords_float.tflite."""

import argparse
from pathlib import Path

import numpy as np
import tensorflow as tf
import torch

from frontend import BANDS, FRAMES, features
from labels import LABELS
from network import Conv, Network, Separable
from train import validation_set

CALIBRATION = 600           # clips


def conv(x, layer: Conv):
    """One convolution with its bias, which holds the normalisation, and ReLU."""
    weights, bias = (t.detach().numpy() for t in layer.folded())
    stride = layer[1].stride[0]
    if layer[1].groups > 1:
        x = tf.nn.depthwise_conv2d(x, weights.transpose(2, 3, 0, 1), (1, stride, stride, 1), "SAME")
    else:
        x = tf.nn.conv2d(x, weights.transpose(2, 3, 1, 0), stride, "SAME")
    return tf.nn.relu(x + bias)


def separable(x, block: Separable):
    y = conv(conv(x, block.depthwise), block.pointwise)
    return x + y if block.residual else y


def graph(network: Network):
    """The same network in TensorFlow, with softmax at the end."""
    @tf.function(input_signature=[tf.TensorSpec((1, FRAMES, BANDS, 1), name="features")])
    def scores(features):
        x = conv(features, network.stem)
        for block in network.blocks:
            x = separable(x, block)
        x = tf.nn.avg_pool2d(x, x.shape[1:3], 1, "VALID")
        x = tf.reshape(x, (1, x.shape[-1]))
        weights, bias = (t.detach().numpy() for t in network.classifier.parameters())
        return tf.nn.softmax(tf.matmul(x, weights.T) + bias)

    return scores


def calibration_cells(cache: Path) -> np.ndarray:
    """Features of training clips, evenly over the classes' order on disk."""
    clips = np.load(cache / "training.npz")["clips"]
    clips = clips[:: len(clips) // CALIBRATION].astype(np.float32) / 32768
    return features(torch.from_numpy(clips)).numpy()[:, None, :, :, None]


@torch.no_grad()
def calibrate(network: Network, cache: Path) -> float:
    """Scales the logits so that the probabilities are honest on the validation clips."""
    cells, labels = validation_set(cache)
    logits, labels = network(cells), torch.from_numpy(labels)
    scales = torch.arange(0.5, 4.0, 0.05)
    losses = [torch.nn.functional.cross_entropy(logits * scale, labels) for scale in scales]
    scale = float(scales[int(torch.stack(losses).argmin())])
    for parameter in network.classifier.parameters():
        parameter *= scale
    return scale


def convert(scores, cells: np.ndarray | None) -> bytes:
    """A TFLite file: int8 throughout if there are cells to find the ranges with."""
    concrete = scores.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], scores)
    if cells is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([cell] for cell in cells)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the models")
    args = parser.parse_args()

    network = Network().eval()
    network.load_state_dict(torch.load(args.weights, weights_only=True))
    print(f"logits scaled by {calibrate(network, args.cache):.2f}")
    scores = graph(network)

    cells = calibration_cells(args.cache)
    with torch.no_grad():
        ours = network(torch.from_numpy(cells[:32, 0, :, :, 0])).softmax(dim=1).numpy()
    theirs = np.concatenate([scores(cell).numpy() for cell in cells[:32]])
    assert np.abs(ours - theirs).max() < 1e-4, "the two networks differ"

    for name, ranges in ("keywords", cells), ("keywords_float", None):
        (args.out / f"{name}.tflite").write_bytes(convert(scores, ranges))


if __name__ == "__main__":
    main()
