"""Small networks of timm, as torch.onnx writes them: layers that torchvision lacks."""
NEEDS = ("timm", "torch", "onnx", "onnxruntime", "onnxscript")
import timm
import torch

import nets_torch
import torch_onnx

SIZES = {"convnext_atto": 64, "mobilevit_xxs": 64, "ghostnet_050": 96, "mobilenetv4_conv_small_050": 96,
         "repvgg_a0": 64, "edgenext_xx_small": 64, "tinynet_e": 96, "fbnetc_100": 96, "mnasnet_small": 96,
         "lcnet_050": 96, "mobileone_s0": 64, "efficientnet_lite0": 96, "resnet10t": 64, "fastvit_t8": 64,
         "vit_tiny_patch16_224": 64, "efficientvit_b0": 64, "hardcorenas_a": 96, "regnetx_002": 64, "densenet121": 64}


def network(kind, size):
    more = {"img_size": size} if kind.startswith("vit") else {}
    return lambda: timm.create_model(kind, pretrained=False, num_classes=20, **more)


def make(cases):
    for kind, size in SIZES.items():
        nets_torch.NETS[f"timm {kind}"] = (network(kind, size), [("image", (1, 3, size, size))])
    version = f"timm {timm.__version__}, torch.onnx {torch.__version__}"
    for kind in SIZES:
        cases.case(f"timm-{kind}-traced17", version + ", dynamo=False, opset 17", "float32",
                   torch_onnx.traced(f"timm {kind}", 17))
        cases.case(f"timm-{kind}-dynamo18", version + ", dynamo=True, opset 18", "float32",
                   torch_onnx.exported(f"timm {kind}", 18))
