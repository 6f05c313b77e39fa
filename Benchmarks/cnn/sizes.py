"""The measured networks: side of the square image, its multiply-adds, batch sizes, aim over the best peer."""

NETWORKS = {
    "airbench": (32, 118.1e6, (1, 8, 32), 2.0),
    "resnet9": (32, 379e6, (1, 8, 32), 2.0),
    "vgg": (32, 313.2e6, (1, 8, 32), 2.0),
    "resnet20": (32, 40.8e6, (1, 8, 32), 1.5),
    "resnet18": (224, 1814.1e6, (1, 8, 32), 1.7),
    "resnet50": (224, 4089.2e6, (1, 8), 1.2),
    "mobilenet_v2": (224, 300.8e6, (1, 8, 32), 1.3),
}
