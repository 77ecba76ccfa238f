"""Layers of multilayer perceptrons, with Keras's names and defaults."""

from densefit._lookup import outside
from densefit.layers.activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from densefit.layers.base import Layer
from densefit.layers.dense import Dense
from densefit.layers.flatten import Flatten
from densefit.layers.input import Input, InputLayer
from densefit.layers.noise import Dropout, GaussianNoise

__all__ = [
    "ELU",
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "GaussianNoise",
    "Input",
    "InputLayer",
    "Layer",
    "LeakyReLU",
    "ReLU",
    "Softmax",
]

_IMAGES = "for images use layers.Flatten() and layers.Dense(), or Keras for convolutions"
_SEQUENCES = "for sequences use Keras; here layers.Dense() takes one vector per sample"
_SCALING = "scale the inputs once before fit, for example x / 255"
_MERGING = "a model is one row of layers in densefit.Sequential([...])"
_NOISE = "use layers.Dropout() or layers.GaussianNoise()"
_KERAS_ONLY = {
    _IMAGES: "Conv1D Conv2D Conv3D Conv2DTranspose DepthwiseConv2D SeparableConv2D Convolution2D"
    " MaxPooling1D MaxPooling2D MaxPool2D AveragePooling2D GlobalAveragePooling2D"
    " GlobalMaxPooling2D ZeroPadding2D UpSampling2D Cropping2D RandomFlip RandomRotation"
    " RandomZoom Resizing CenterCrop",
    _SEQUENCES: "LSTM GRU SimpleRNN RNN Bidirectional TimeDistributed Embedding Attention"
    " MultiHeadAttention TextVectorization Masking RepeatVector",
    _SCALING: "BatchNormalization LayerNormalization GroupNormalization UnitNormalization"
    " Normalization Rescaling",
    _MERGING: "Add Subtract Multiply Average Maximum Minimum Concatenate Dot Lambda Reshape Permute"
    " add concatenate",
    _NOISE: "AlphaDropout GaussianDropout SpatialDropout1D SpatialDropout2D",
}
__getattr__ = outside(
    __name__,
    {name: advice for advice, names in _KERAS_ONLY.items() for name in names.split()},
    __all__,
)
