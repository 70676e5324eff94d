"""Networks: perceptrons in numpy, the small CNN, its training, its layers, and the zoo."""

from brainlike.networks.activations import (
    accuracy,
    activations,
    layer_names,
    predict,
    sampled_activations,
)
from brainlike.networks.adversaries import perturb_adversarially
from brainlike.networks.baselines import (
    gabor_energy,
    hog_features,
    pixels,
    pool_maps,
    to_grey,
)
from brainlike.networks.models import SmallCNN, calibrate_batchnorm
from brainlike.networks.perceptrons import MLP, Perceptron, angle_between, is_separable
from brainlike.networks.residual import SmallResNet
from brainlike.networks.training import TrainingHistory, train
from brainlike.networks.zoo import RECIPES, held_out_views, load_network, training_views

__all__ = [
    "MLP",
    "RECIPES",
    "Perceptron",
    "SmallCNN",
    "SmallResNet",
    "TrainingHistory",
    "accuracy",
    "activations",
    "angle_between",
    "calibrate_batchnorm",
    "gabor_energy",
    "held_out_views",
    "hog_features",
    "is_separable",
    "layer_names",
    "load_network",
    "perturb_adversarially",
    "pixels",
    "pool_maps",
    "predict",
    "sampled_activations",
    "to_grey",
    "train",
    "training_views",
]
