"""What the classifier and the regressor share: parameters, training, weights."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from densefit import Sequential, layers
from densefit.batching import Samples
from densefit.optimizers import Optimizer
from densefit.regularizers import L2
from densefit.sklearn import parameters
from densefit.sklearn.heads import Head
from densefit.sklearn.watch import Curves, Watch

__all__ = ["BaseMLP"]

Array = NDArray[Any]


class BaseMLP(BaseEstimator):
    """Parameters, training and fitted attributes; subclasses say what the targets are."""

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int = 10,
        dropout: float = 0.0,
    ) -> None:
        """Keep the parameters; ``fit`` checks them."""
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.dropout = dropout

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train on ``X`` (n_samples, n_features) and ``y`` until converged; return self.

        ``X`` may be sparse and is then made dense. float32 input is trained in float32, all other
        in float64. ``sample_weight`` (n_samples,) counts a sample as often as it says.

        Raises ValueError or TypeError for a parameter out of its domain and for data that does
        not fit; ConvergenceWarning after ``max_iter`` epochs.
        """
        parameters.check(self)
        reset = not (self.warm_start and hasattr(self, "model_"))
        samples = self._samples(X, y, sample_weight, reset)
        finished = self._train(samples, parameters.optimizer(self), self.max_iter)
        if not finished:
            warnings.warn(
                f"{type(self).__name__} stopped after max_iter={self.max_iter} iterations and has"
                " not converged yet: increase max_iter, or tol",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, reset: bool
    ) -> Self:
        parameters.check(self)
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        samples = self._samples(X, y, sample_weight, reset)
        self._train(samples, parameters.optimizer(self) if reset else self.model_.optimizer, 1)
        return self

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer, (n_in, n_out), live."""
        return list(self.model_.weights[::2])

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer, (n_out,), live."""
        return list(self.model_.weights[1::2])

    # What a subclass says of its targets

    def _encode(self, y: Array, reset: bool) -> Array:
        """``y`` as the network takes it; what it means is remembered if ``reset``, else kept."""
        raise NotImplementedError

    def _new_head(self, targets: Array) -> Head:
        """The last layer for these encoded targets."""
        raise NotImplementedError

    def _strata(self, targets: Array) -> Array | None:
        """By what the validation samples are drawn evenly."""
        return None

    def _score_of(self, outputs: Array, held: Samples) -> float:
        """How well the network's outputs agree with the held-out samples; more is better."""
        raise NotImplementedError

    # Training

    def _samples(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, reset: bool
    ) -> Samples:
        """The data, checked and encoded; with ``reset`` a new network is made for them."""
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None"
            )
        checked_x, checked_y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=(np.float64, np.float32),
            multi_output=True,
            y_numeric=is_regressor(self),
            reset=reset,
        )
        x = _dense(checked_x)
        weight = _relative_weights(sample_weight, x)
        targets = self._encode(checked_y, reset)
        if reset:
            self._start(self._new_head(targets), x)
        return Samples(x, targets, weight)

    def _start(self, head: Head, x: Array) -> None:
        self._random = check_random_state(self.random_state)
        self._seed = int(self._random.randint(2**31 - 1))
        self._curves = Curves()
        self._head = head
        self.model_ = self._new_model(head, x)
        self.n_outputs_ = head.units
        self.out_activation_ = head.name
        self.n_layers_ = len(self.coefs_) + 1

    def _new_model(self, head: Head, x: Array) -> Sequential:
        name = parameters.activation_name(self.activation)
        stack: list[layers.Layer] = [layers.Input((x.shape[1],), name="input")]
        for i, units in enumerate(parameters.hidden_units(self.hidden_layer_sizes), 1):
            stack.append(layers.Dense(units, name, name=f"hidden_{i}"))
            if self.dropout:
                stack.append(layers.Dropout(self.dropout, name=f"dropout_{i}"))
        stack.append(layers.Dense(head.units, head.activation, name="output"))
        return Sequential(stack, name="mlp", dtype=x.dtype, seed=self._seed)

    def _train(self, samples: Samples, optimizer: Optimizer, epochs: int) -> bool:
        """Train ``epochs`` at most; whether it ended by itself or was interrupted before."""
        held = None
        if self.early_stopping:
            samples, held = self._split(samples)
        size = parameters.batch_size(self.batch_size, len(samples))
        self.model_ = self._penalised(samples, size)
        self.model_.compile(optimizer, self._head.loss)
        watch = self._watch(len(samples), held)
        first = len(self._curves.loss)
        interrupted = False
        try:
            self.model_.fit(
                samples.x,
                samples.y,
                batch_size=size,
                epochs=first + epochs,
                initial_epoch=first,
                sample_weight=self._scaled(samples),
                shuffle=bool(self.shuffle),
                seed=self._seed,
                callbacks=watch,
                verbose=0,
            )
        except KeyboardInterrupt:
            interrupted = True
            warnings.warn("Training interrupted by user.", stacklevel=3)
        if watch.best_weights is not None:
            self.model_.set_weights(watch.best_weights)
        self.n_iter_ = len(self._curves.loss) - first
        self._record(watch)
        return watch.converged or interrupted

    def _split(self, samples: Samples) -> tuple[Samples, Samples]:
        """Training and validation samples."""
        parts = train_test_split(
            samples.x,
            samples.y,
            samples.weight,
            test_size=self.validation_fraction,
            random_state=self._random,
            stratify=self._strata(samples.y),
        )
        return Samples(*parts[::2]), Samples(*parts[1::2])

    def _penalised(self, samples: Samples, batch_size: int) -> Sequential:
        """The model with the penalty alpha / (2·n) Σw², n the weight of a mini-batch.

        Its layers, and so its weights, are those of the model before.
        """
        weight = batch_size * float(_weights(samples).mean())
        stack = self.model_.layers
        for layer in stack:
            if isinstance(layer, layers.Dense):
                layer.kernel_regularizer = L2(self.alpha / (2 * weight)) if self.alpha else None
        shape = (samples.x.shape[1],)
        stack.insert(0, layers.Input(shape, name="input"))
        return Sequential(stack, name="mlp", dtype=self.model_.dtype, seed=self._seed)

    def _scaled(self, samples: Samples) -> Array:
        """Sample weights of mean 1, times the scale of the loss."""
        weight = _weights(samples)
        return np.asarray(weight * (self._head.scale / weight.mean(dtype=np.float64)), weight.dtype)

    def _watch(self, n_samples: int, held: Samples | None) -> Watch:
        sgd = self.solver == "sgd"
        return Watch(
            self._curves,
            n_samples,
            tol=self.tol,
            patience=self.n_iter_no_change,
            adaptive=sgd and self.learning_rate == "adaptive",
            rate_after=self._inverse_scaling
            if sgd and self.learning_rate == "invscaling"
            else None,
            score=None if held is None else lambda: self._score_of(self._outputs(held.x), held),
            verbose=bool(self.verbose),
        )

    def _inverse_scaling(self, samples: int) -> float:
        return float(self.learning_rate_init / (samples + 1) ** self.power_t)

    def _record(self, watch: Watch) -> None:
        curves = self._curves
        self.loss_curve_ = curves.loss
        self.loss_ = curves.loss[-1] if curves.loss else np.inf
        self.t_ = curves.samples
        stopping = watch.score is not None
        self.validation_scores_ = curves.scores if stopping else None
        self.best_validation_score_ = max(curves.scores, default=None) if stopping else None
        self.best_loss_ = None if stopping else min(curves.loss, default=np.inf)

    # Prediction

    def _outputs(self, x: Array) -> Array:
        return self.model_.predict(x)

    def _predicted(self, X: ArrayLike) -> Array:
        """What the last layer gives for ``X``, (n_samples, n_outputs)."""
        check_is_fitted(self)
        x = validate_data(self, X, accept_sparse="csr", dtype=(np.float64, np.float32), reset=False)
        return self._outputs(_dense(x))

    def __sklearn_tags__(self) -> Any:
        """Sparse input is taken, and made dense."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _weights(samples: Samples) -> Array:
    assert samples.weight is not None  # _samples gives every sample one
    return samples.weight


def _dense(x: Any) -> Array:
    return np.asarray(x.toarray() if hasattr(x, "toarray") else x)


def _relative_weights(sample_weight: ArrayLike | None, x: Array) -> Array:
    """The weights of the samples, (n_samples,); ValueError if they are negative or all zero."""
    if sample_weight is None:
        return np.ones(len(x), x.dtype)
    weight = check_array(sample_weight, ensure_2d=False, dtype=x.dtype, input_name="sample_weight")
    if weight.shape != (len(x),):
        raise ValueError(f"sample_weight must have shape ({len(x)},), got {weight.shape}")
    if (weight < 0).any():
        raise ValueError("sample_weight must not be negative")
    if not weight.any():
        raise ValueError("sample_weight is zero for every sample: there is nothing to learn from")
    return np.asarray(weight)
