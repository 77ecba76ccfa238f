"""Helpers with Keras's names: seeds, one-hot targets, the network as a picture."""

from densefit._lookup import outside
from densefit.utils.plot import plot_model
from densefit.utils.random import set_random_seed
from densefit.utils.targets import to_categorical

__all__ = ["plot_model", "set_random_seed", "to_categorical"]

_FILES = "use densefit.datasets, or NumPy and Pillow to read files of your own"
__getattr__ = outside(
    __name__,
    {
        "get_file": _FILES,
        "image_dataset_from_directory": _FILES,
        "text_dataset_from_directory": _FILES,
        "timeseries_dataset_from_array": _FILES,
        "model_to_dot": "use utils.plot_model(model), which needs no Graphviz",
        "normalize": "use NumPy, for example x / numpy.linalg.norm(x, axis=1, keepdims=True)",
    },
    __all__,
)
