"""``Sequential``: a row of layers that can be trained."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from densefit import batching, losses, onnx, optimizers, serialization, training
from densefit._seeds import check_seed, next_seed
from densefit.batching import Samples
from densefit.callbacks.base import Callback, CallbackList, Logs
from densefit.callbacks.history import History
from densefit.layers.base import Layer, check_count
from densefit.metrics import LossMetric
from densefit.metrics import get_all as get_metrics
from densefit.progress import Progress, verbosity
from densefit.stack import LayerStack
from densefit.streams import Batches, comes_in_batches
from densefit.training import Compiled, Plan

__all__ = ["Sequential"]


class Sequential(LayerStack):
    """A multilayer perceptron: layers, each taking what the one before gives.

    ``Sequential([Flatten(input_shape=(28, 28)), Dense(128, "relu"), Dense(10, "softmax")])``,
    or empty and filled with ``add``. The weights exist once the shape of a sample is known: from
    ``input_shape=`` of the first layer, ``build``, or the first data seen. ``dtype`` is float32
    unless given or set by ``backend.set_floatx``; ``seed`` fixes the initial weights, otherwise
    ``utils.set_random_seed`` or the first ``fit(seed=...)`` does, or a fresh seed that
    ``History.params["weights_seed"]`` records.
    """

    def __init__(
        self,
        layers: Sequence[Layer] | None = None,
        name: str | None = None,
        *,
        dtype: DTypeLike | None = None,
        seed: int | None = None,
    ) -> None:
        """Raise TypeError for an entry that is no layer, ValueError if the shapes do not fit."""
        self.history: History | None = None
        self.stop_training = False
        self._compiled: Compiled | None = None
        super().__init__(layers, name, dtype=dtype, seed=seed)

    def compile(
        self,
        optimizer: object = "rmsprop",
        loss: object = None,
        metrics: object = None,
        **ignored: object,
    ) -> None:
        """Choose optimizer, loss and metrics, by name or as objects.

        ``run_eagerly``, ``jit_compile`` and ``steps_per_execution`` change nothing here. Raises
        ValueError for an unknown name, for a metric that does not go with the loss and for what
        the kernels lack, TypeError for an argument that ``compile`` does not have.
        """
        if unknown := set(ignored) - {"run_eagerly", "jit_compile", "steps_per_execution"}:
            raise TypeError(f"compile has no argument {min(unknown)!r}")
        if loss is None:
            raise ValueError("compile needs loss=, for example 'sparse_categorical_crossentropy'")
        compiled = Compiled(losses.get(loss), optimizers.get(optimizer), get_metrics(metrics))
        for metric in compiled.metrics:
            metric.check(compiled.loss)
        compiled.optimizer.check_supported()
        self._compiled = compiled

    @property
    def optimizer(self) -> optimizers.Optimizer:
        """The optimizer given to ``compile``."""
        return self._need_compiled().optimizer

    @property
    def loss(self) -> losses.Loss:
        """The loss given to ``compile``."""
        return self._need_compiled().loss

    @property
    def metrics_names(self) -> list[str]:
        """What ``evaluate`` returns, in order."""
        return ["loss", *(metric.name for metric in self._need_compiled().metrics)]

    def fit(
        self,
        x: object,
        y: ArrayLike | None = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: object = "auto",
        callbacks: Sequence[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: object = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: ArrayLike | None = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
        *,
        seed: int | None = None,
    ) -> History:
        """Train up to epoch ``epochs`` and return the history.

        ``x`` holds N samples in the model's input shape, ``y`` their targets: labels (N,) for
        sparse_categorical_crossentropy, else values (N, outputs). Loss and accuracy of training
        are the running means over the epoch's mini-batches (of 32 unless ``batch_size``).
        Validation is on ``validation_data`` (x, y[, weights]) or on the last ``validation_split``
        of the samples as given; ``validation_batch_size`` changes nothing. ``verbose`` 1 or 'auto'
        shows a bar, 2 a line per epoch.

        Instead of arrays, ``x`` and ``validation_data`` may give mini-batches (x, y) or (x, y,
        weights): a generator with ``steps_per_epoch`` (``validation_steps``), any iterable, or an
        object with ``len`` and ``[i]`` like Keras's PyDataset.

        ``seed`` fixes shuffling and dropout, and the initial weights if nothing has fixed or
        seen them; without it the session's (``utils.set_random_seed``) or a fresh one is taken.
        ``history.params["seed"]`` records it.

        Raises ValueError or TypeError, before anything is trained, for data that does not fit.
        """
        compiled = self._need_compiled()
        level = verbosity(verbose)
        samples: Samples | Batches
        validation: Samples | Batches | None = None
        if comes_in_batches(x):
            if y is not None or sample_weight is not None or validation_split or batch_size:
                raise ValueError(
                    "x gives mini-batches: y, sample_weight, batch_size and validation_split must"
                    " be left out"
                )
            samples = self._batches("x", x, steps_per_epoch, bool(shuffle), class_weight)
        else:
            samples = self._arrays(x, y, sample_weight, steps_per_epoch)
            if validation_split and validation_data is None:
                samples, validation = batching.split(samples, validation_split)
            if class_weight is not None:
                samples = batching.class_weights(samples, class_weight)
            if not len(samples):
                raise ValueError("x has no samples to train on")
        if validation_data is not None:
            validation = self._validation(validation_data, validation_steps)
        plan = Plan(
            batch_size=check_count("batch_size", 32 if batch_size is None else batch_size),
            epochs=check_count("epochs", epochs),
            initial_epoch=_check_initial_epoch(initial_epoch, epochs),
            shuffle=_check_shuffle(shuffle),
            seed=next_seed() if seed is None else check_seed(seed),
            validation_freq=check_count("validation_freq", validation_freq),
        )
        own = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or ())
        history = History()
        steps = samples.steps if isinstance(samples, Batches) else plan.steps(len(samples))
        params = self._params(plan, steps, level, validation is not None)
        watching = CallbackList([*own, history], self, params)
        self._weight_seed.propose(plan.seed)
        net = self._network()
        compiled.optimizer.build(self.weights)
        params["weights_seed"] = self._weight_seed.value
        self.history = history
        training.train(
            self,
            net,
            compiled,
            samples,
            validation,
            plan,
            watching,
            Progress(level),
        )
        return history

    def evaluate(
        self,
        x: object,
        y: ArrayLike | None = None,
        batch_size: int | None = None,
        verbose: object = "auto",
        sample_weight: ArrayLike | None = None,
        steps: int | None = None,
        *,
        return_dict: bool = False,
    ) -> float | list[float] | Logs:
        """``[loss, accuracy, …]``, or the loss alone without metrics, or a dict by name.

        The result does not depend on ``batch_size``. ``x`` may give mini-batches, ``steps`` of
        them. Raises as ``fit`` does.
        """
        compiled = self._need_compiled()
        size = check_count("batch_size", 32 if batch_size is None else batch_size)
        samples: Samples | Batches
        if comes_in_batches(x):
            samples = self._batches("x", x, steps)
            count = samples.steps
        else:
            samples = self._arrays(x, y, sample_weight, steps)
            count = -(-len(samples) // size)
            if not count:
                raise ValueError("x has no samples to evaluate")
        with Progress(verbosity(verbose)) as progress:
            progress.begin(count)
            logs = compiled.logs(training.evaluate(self._network(), samples, compiled))
            progress.end(logs)
        if return_dict:
            return logs
        return list(logs.values()) if len(logs) > 1 else logs["loss"]

    def predict(
        self, x: ArrayLike, batch_size: int | None = None, verbose: object = 0
    ) -> NDArray[Any]:
        """The outputs for ``x``, shape (N, outputs), without dropout.

        Nothing is printed: ``verbose`` and ``batch_size`` are taken for Keras's sake.
        """
        self._build_from(x)
        shapes = self._shapes()
        out = self._network().predict(batching.inputs("x", x, shapes[0], self.dtype))
        return out if len(shapes[1]) == 1 else out.reshape(len(out), *shapes[1])

    def __call__(self, x: ArrayLike, training: bool = False) -> NDArray[Any]:
        """``predict(x)``."""
        if training:
            raise NotImplementedError("densefit trains in fit() only; model(x) is model.predict(x)")
        return self.predict(x)

    # Saving

    def get_config(self) -> dict[str, Any]:
        """Name, type and layers as plain values, from which ``from_config`` makes the model."""
        return {
            "name": self.name,
            "dtype": self.dtype,
            "sample_shape": list(self._sample_shape) if self._sample_shape else None,
            "layers": [
                {"class_name": type(layer).__name__, "config": layer.get_config()}
                for layer in self._layers
            ],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Sequential:
        """The model, with new weights, whose ``get_config`` this is."""
        return serialization.model_from_config(config)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write layers and weights to one file, to be read by ``models.load_model``."""
        serialization.save_model(self, path)

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the weights to a file."""
        serialization.save_weights(self, path)

    def load_weights(self, path: str | os.PathLike[str]) -> None:
        """Read weights written by ``save`` or ``save_weights``, or Keras's ``.weights.h5``.

        Raises ValueError if they do not fit, ImportError for a Keras file without h5py.
        """
        serialization.load_weights(self, path)

    def export(self, path: str | os.PathLike[str], format: str = "onnx") -> None:
        """Write the model to ``path`` as ONNX, in float32 (see ``densefit.onnx``).

        Raises ValueError for another ``format``, ImportError without the package onnx.
        """
        if format != "onnx":
            raise ValueError(f"format must be 'onnx', got {format!r}")
        onnx.export(self, path)

    def _need_compiled(self) -> Compiled:
        if self._compiled is None:
            raise RuntimeError(
                "the model must be compiled first, for example model.compile(optimizer='sgd',"
                " loss='sparse_categorical_crossentropy', metrics=['accuracy'])"
            )
        return self._compiled

    def _build_from(self, x: ArrayLike) -> None:
        if not self._layers:
            raise ValueError("the model has no layers: add some with model.add(layers.Dense(...))")
        if not self.built:
            self._build(batching.sample_shape(batching.as_array("x", x)))

    def _samples(
        self,
        names: tuple[str, str, str],
        x: ArrayLike | None,
        y: ArrayLike | None,
        w: ArrayLike | None,
    ) -> Samples:
        compiled = self._need_compiled()
        _check_last_activation(self._layers, "the loss", compiled.loss)
        for metric in compiled.metrics:
            if isinstance(metric, LossMetric):
                _check_last_activation(self._layers, "the metric", metric.loss)
        return batching.as_samples(
            names, x, y, w, loss=compiled.loss, shapes=self._shapes(), dtype=self.dtype
        )

    def _arrays(self, x: Any, y: Any, weight: Any, steps_per_epoch: int | None) -> Samples:
        if steps_per_epoch is not None:
            raise ValueError(
                "steps_per_epoch is for x that gives mini-batches; for arrays use batch_size"
            )
        self._build_from(x)
        return self._samples(("x", "y", "sample_weight"), x, y, weight)

    def _batches(
        self,
        name: str,
        source: Any,
        steps: int | None,
        shuffle: bool = False,
        class_weight: Mapping[int, float] | None = None,
    ) -> Batches:
        """The mini-batches of ``source``, each checked as arrays are."""
        steps = None if steps is None else check_count(f"number of steps of {name}", steps)
        batches = Batches(name, source, steps, shuffle)
        self._build_from(batches.first()[0])
        where = f"a mini-batch of {name}"
        parts = (f"x in {where}", f"y in {where}", f"weights in {where}")

        def prepare(batch: tuple[Any, ...]) -> Samples:
            weight = batch[2] if len(batch) == 3 else None
            samples = self._samples(parts, batch[0], batch[1], weight)
            if not len(samples):
                raise ValueError(f"{where} has no samples")
            return (
                samples if class_weight is None else batching.class_weights(samples, class_weight)
            )

        batches.prepare = prepare
        return batches

    def _validation(self, data: Any, steps: int | None = None) -> Samples | Batches:
        if comes_in_batches(data):
            return self._batches("validation_data", data, steps)
        if not isinstance(data, tuple | list) or len(data) not in (2, 3):
            raise TypeError("validation_data must be (x_val, y_val) or (x_val, y_val, weights)")
        names = ("validation_data[0]", "validation_data[1]", "validation_data[2]")
        samples = self._samples(names, data[0], data[1], data[2] if len(data) == 3 else None)
        if not len(samples):
            raise ValueError("validation_data has no samples")
        return samples

    def _params(
        self, plan: Plan, steps: int | None, verbose: int, validated: bool
    ) -> dict[str, Any]:
        names = self.metrics_names
        return {
            "verbose": verbose,
            "epochs": plan.epochs,
            "steps": steps,
            "batch_size": plan.batch_size,
            "seed": plan.seed,
            "metrics": [*names, *(f"val_{name}" for name in names if validated)],
        }


def _check_initial_epoch(initial_epoch: int, epochs: int) -> int:
    if not 0 <= initial_epoch <= epochs:
        raise ValueError(
            f"initial_epoch must be from 0 to epochs={epochs}, the epoch to train up to,"
            f" got {initial_epoch!r}"
        )
    return int(initial_epoch)


def _check_shuffle(shuffle: object) -> bool:
    if not isinstance(shuffle, bool | np.bool_):
        raise ValueError(f"shuffle must be True or False, got {shuffle!r}")
    return bool(shuffle)


def _check_last_activation(layers: Sequence[Layer], what: str, loss: losses.Loss) -> None:
    """Cross-entropy takes probabilities, or logits if it is told so; not the one for the other."""
    if "crossentropy" not in loss.kind:
        return
    last = getattr(layers[-1], "activation", None)
    name = last.name if last is not None else "no activation"
    probabilities = name in ("softmax", "sigmoid")
    if loss.from_logits and probabilities:
        raise ValueError(
            f"{what} {loss.kind!r} has from_logits=True, but the model ends with a {name}:"
            " leave one of the two out"
        )
    if not loss.from_logits and not probabilities:
        fitting = "sigmoid" if loss.kind == "binary_crossentropy" else "softmax"
        raise ValueError(
            f"{what} {loss.kind!r} takes probabilities, but the last layer"
            f" {layers[-1].name!r} has {name!r}: use activation={fitting!r} there, or one with"
            f" from_logits=True, losses.{type(loss).__name__}(from_logits=True)"
        )
