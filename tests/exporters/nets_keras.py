"""The networks that the Keras exporters write: Keras' own, and small ones of the layers that those lack."""
import tensorflow as tf

keras, L = tf.keras, tf.keras.layers  # Keras 2 where TF_USE_LEGACY_KERAS=1
apps = keras.applications


def own(make, size=96, **more):
    return lambda: make(input_shape=(size, size, 3), weights=None, classes=20, classifier_activation=None, **more)


def fire(x, squeeze, expand):
    x = L.Conv2D(squeeze, 1, activation="relu")(x)
    return L.Concatenate()([L.Conv2D(expand, 1, activation="relu")(x),
                            L.Conv2D(expand, 3, padding="same", activation="relu")(x)])


def squeeze_bypass():
    image = x = keras.Input((96, 96, 3), name="image")
    x = L.MaxPooling2D(3, 2)(L.Conv2D(32, 3, 2, activation="relu")(x))
    for width in (32, 64, 64, 128, 128):
        y = fire(x, width // 8, width // 2)
        around = x if x.shape[-1] == width else L.Conv2D(width, 1)(x)
        x = L.BatchNormalization()(L.Add()([y, around]))
    x = L.GlobalAveragePooling2D()(L.Conv2D(20, 1)(L.Dropout(0.5)(x)))
    return keras.Model(image, x)


def resnet():
    image = x = keras.Input((64, 64, 3), name="image")
    x = L.Conv2D(16, 7, 2, padding="same", use_bias=False)(L.ZeroPadding2D(1)(x))
    for width, stride in ((16, 1), (32, 2), (32, 1), (64, 2)):
        x = L.ReLU()(L.BatchNormalization()(x))
        y = L.Conv2D(width, 3, stride, padding="same", use_bias=False)(x)
        y = L.Conv2D(width, 3, padding="same", use_bias=False)(L.ReLU()(L.BatchNormalization()(y)))
        x = L.Add()([y, L.Conv2D(width, 1, stride)(x)])
    return keras.Model(image, L.Dense(10)(L.GlobalAveragePooling2D()(L.ReLU()(x))))


def recurrent(cell, wrap=lambda layer: layer, **more):
    def make():
        x = keras.Input((20, 16), batch_size=1, name="x")
        y = wrap(cell(24, return_sequences=True, **more))(x)
        y = cell(12, **more)(y)
        return keras.Model(x, L.Dense(6)(y))
    return make


def unet(up):
    def double(x, width):
        for _ in range(2):
            x = L.ReLU()(L.BatchNormalization()(L.Conv2D(width, 3, padding="same", use_bias=False)(x)))
        return x

    def rise(x, width):
        if up == "transpose":
            return L.Conv2DTranspose(width, 3, 2, padding="same")(x)
        return L.Conv2D(width, 1)(L.UpSampling2D(2, interpolation=up)(x))

    def make():
        image = keras.Input((64, 64, 3), name="image")
        first = double(image, 8)
        second = double(L.MaxPooling2D()(first), 16)
        x = double(L.MaxPooling2D()(second), 32)
        x = double(L.Concatenate()([rise(x, 16), second]), 16)
        x = double(L.Concatenate()([rise(x, 8), first]), 8)
        return keras.Model(image, L.Conv2D(2, 1, activation="softmax")(x))
    return make


def keyword():
    x = keras.Input((49, 10, 1), name="spectrogram")
    y = L.ReLU(max_value=6.0)(L.BatchNormalization()(L.Conv2D(32, (10, 4), 2, padding="same")(x)))
    for _ in range(3):
        y = L.ReLU()(L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same")(y)))
        y = L.ReLU()(L.BatchNormalization()(L.Conv2D(32, 1)(y)))
    y = L.AveragePooling2D((25, 5))(y)
    return keras.Model(x, L.Dense(12, activation="softmax")(L.Flatten()(y)))


def conv1d():
    x = keras.Input((400, 2), name="signal")
    y = L.BatchNormalization()(L.Conv1D(16, 9, 2, padding="causal", activation="relu")(x))
    y = L.MaxPooling1D(2)(L.Conv1D(16, 5, dilation_rate=2, padding="same", activation="relu")(y))
    y = L.SeparableConv1D(24, 3, activation="relu")(L.AveragePooling1D(2)(y))
    y = L.Conv1DTranspose(8, 4, 2, padding="same")(y)
    return keras.Model(x, L.Dense(5, activation="softmax")(L.GlobalMaxPooling1D()(y)))


def autoencoder():
    x = y = keras.Input((160,), name="frame")
    for width in (64, 8, 64):
        y = L.ReLU()(L.BatchNormalization()(L.Dense(width)(y)))
    return keras.Model(x, L.Dense(160)(y))


def activations():
    image = x = keras.Input((32, 32, 3), name="image")
    x = L.Conv2D(12, 3, 2, padding="same")(x)
    kinds = [L.PReLU(shared_axes=[1, 2]), L.LeakyReLU(0.1), L.ELU(), L.ReLU(6.0)]
    kinds += [L.Activation(a) for a in ("hard_silu", "hard_sigmoid", "silu", "gelu", "tanh", "softplus", "selu",
                                        "exponential", "softsign", "sigmoid")]
    for kind in kinds:
        x = L.BatchNormalization()(L.Conv2D(12, 1)(kind(x)))
    return keras.Model(image, L.Dense(8)(L.Flatten()(x)))


def attention():
    x = keras.Input((16, 32), name="x")
    y = L.LayerNormalization()(x)
    x2 = L.Add()([x, L.MultiHeadAttention(4, 8)(y, y)])
    y = L.Dense(32)(L.Dense(64, activation="gelu")(L.LayerNormalization()(x2)))
    return keras.Model(x, L.Add()([x2, y]))


def several():
    """Inputs and outputs whose order by name is not the order in which they are given."""
    zoom, image = keras.Input((4,), name="zoom"), keras.Input((32, 32, 3), name="image")
    middle = keras.Input((8, 6), name="middle")
    x = L.GlobalAveragePooling2D()(L.Conv2D(8, 3, 2, activation="relu")(image))
    y = L.Concatenate()([x, L.Dense(6)(zoom), L.Flatten()(L.Conv1D(4, 3)(middle))])
    return keras.Model([zoom, image, middle], {"words": L.Dense(7, activation="softmax", name="w")(y),
                                               "box": L.Dense(4, activation="sigmoid", name="b")(y),
                                               "mask": L.Reshape((4, 4, 1), name="m")(L.Dense(16)(y))})


NETS = {
    "mobilenet_v2": own(apps.MobileNetV2, alpha=0.35),
    "mobilenet_v3_small": own(apps.MobileNetV3Small, alpha=0.75),
    "mobilenet_v3_large": own(apps.MobileNetV3Large, alpha=0.75),
    "mobilenet_v3_minimal": own(apps.MobileNetV3Small, alpha=0.75, minimalistic=True),
    "efficientnet_b0": own(apps.EfficientNetB0, 64),
    "squeeze_bypass": squeeze_bypass,
    "resnet": resnet,
    "lstm": recurrent(L.LSTM),
    "lstm_unrolled": recurrent(L.LSTM, unroll=True),
    "lstm_both_ways": recurrent(L.LSTM, L.Bidirectional),
    "gru": recurrent(L.GRU),
    "gru_unrolled": recurrent(L.GRU, unroll=True),
    "rnn_unrolled": recurrent(L.SimpleRNN, unroll=True),
    "unet_transpose": unet("transpose"),
    "unet_bilinear": unet("bilinear"),
    "unet_nearest": unet("nearest"),
    "keyword": keyword,
    "conv1d": conv1d,
    "autoencoder": autoencoder,
    "activations": activations,
    "attention": attention,
    "several": several,
}
