"""The estimators keep scikit-learn's conventions, and do what its own perceptrons do."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import needs

needs.need("sklearn")

import numpy as np
import pytest
from sklearn import datasets, neural_network
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import densefit.sklearn
from densefit import models, ops
from densefit.sklearn import MLPClassifier, MLPRegressor

Data = tuple[np.ndarray, ...]


def run_check(estimator: Any, check: Callable[[Any], None]) -> None:
    with warnings.catch_warnings():
        # Many of the checks train for a few epochs only.
        warnings.simplefilter("ignore", ConvergenceWarning)
        check(estimator)


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_sklearn_conventions(estimator: Any, check: Callable[[Any], None]) -> None:
    run_check(estimator, check)


@pytest.mark.slow
@parametrize_with_checks(
    [
        MLPClassifier(hidden_layer_sizes=(), solver="rmsprop", learning_rate_init=0.05),
        MLPRegressor(solver="sgd", learning_rate="adaptive", activation="tanh", max_iter=100),
    ]
)
def test_sklearn_conventions_with_other_parameters(
    estimator: Any, check: Callable[[Any], None]
) -> None:
    run_check(estimator, check)


@pytest.fixture(scope="module")
def digits() -> Data:
    """Handwritten digits of 8 × 8 pixels: x_train, x_test, y_train, y_test."""
    x, y = datasets.load_digits(return_X_y=True)
    return tuple(train_test_split(x / 16, y, random_state=0, stratify=y))


@pytest.fixture(scope="module")
def diabetes() -> Data:
    """Ten features of patients, and the progression of their disease, standardised."""
    x, y = datasets.load_diabetes(return_X_y=True, scaled=True)
    x, y = StandardScaler().fit_transform(x), (y - y.mean()) / y.std()
    return tuple(train_test_split(x, y, random_state=0))


def fitted(estimator: Any, x: np.ndarray, y: np.ndarray, **more: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(x, y, **more)


# ---------------------------------------------------------------- beside scikit-learn's own


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_digits_as_well_as_sklearns(digits: Data, solver: str) -> None:
    x_train, x_test, y_train, y_test = digits
    settings: dict[str, Any] = {"solver": solver, "max_iter": 60, "random_state": 1}
    if solver == "sgd":
        settings["learning_rate_init"] = 0.05
    own = fitted(MLPClassifier(**settings), x_train, y_train)
    theirs = fitted(neural_network.MLPClassifier(**settings), x_train, y_train)
    assert own.score(x_test, y_test) > theirs.score(x_test, y_test) - 0.02
    assert own.loss_ == pytest.approx(theirs.loss_, rel=0.3)


def test_regression_as_well_as_sklearns(diabetes: Data) -> None:
    x_train, x_test, y_train, y_test = diabetes
    settings: dict[str, Any] = {"hidden_layer_sizes": (10,), "max_iter": 200, "random_state": 1}
    own = fitted(MLPRegressor(**settings), x_train, y_train)
    theirs = fitted(neural_network.MLPRegressor(**settings), x_train, y_train)
    assert own.score(x_test, y_test) > theirs.score(x_test, y_test) - 0.05
    assert own.loss_ == pytest.approx(theirs.loss_, rel=0.2)


SOLVERS: list[dict[str, Any]] = [
    {"solver": "adam"},
    {"solver": "sgd", "momentum": 0.0},
    {"solver": "sgd", "nesterovs_momentum": False},
    {"solver": "sgd"},
    {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.1},
]
TASKS = ["three classes", "two classes", "multilabel", "regression", "two outputs"]


def task(name: str) -> tuple[str, np.ndarray, np.ndarray]:
    """The estimator's class, 30 samples of 4 features, and their targets."""
    rng = np.random.default_rng(2)
    targets = {
        "three classes": np.arange(30) % 3,
        "two classes": np.arange(30) % 2,
        "multilabel": rng.integers(0, 2, (30, 3)),
        "regression": rng.normal(size=30),
        "two outputs": rng.normal(size=(30, 2)),
    }
    kind = "MLPRegressor" if name in TASKS[3:] else "MLPClassifier"
    return kind, rng.normal(size=(30, 4)), targets[name]


@pytest.mark.parametrize("solver", SOLVERS, ids=str)
@pytest.mark.parametrize("name", TASKS)
def test_the_same_path_from_the_same_weights(name: str, solver: dict[str, Any]) -> None:
    """With all samples in one batch, so that their order plays no part."""
    kind, x, y = task(name)
    settings = {"hidden_layer_sizes": (5,), "activation": "tanh", "alpha": 0.3}
    never_stop = {"tol": 0.0, "n_iter_no_change": 1000, "warm_start": True, "random_state": 0}
    theirs, own = (
        fitted(getattr(module, kind)(**settings, **never_stop, **solver, max_iter=1), x, y)
        for module in (neural_network, densefit.sklearn)
    )
    for mine, given in zip(
        own.coefs_ + own.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        mine[...] = given
    for estimator in (theirs, own):
        fitted(estimator.set_params(max_iter=10, learning_rate_init=0.02), x, y)
    for mine, given in zip(
        own.coefs_ + own.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        np.testing.assert_allclose(mine, given, rtol=1e-6, atol=1e-9)
    assert (own.n_iter_, own.t_) == (theirs.n_iter_, theirs.t_)
    assert (own.out_activation_, own.n_outputs_) == (theirs.out_activation_, theirs.n_outputs_)


@pytest.mark.parametrize("name", TASKS[:4])
def test_the_loss_is_sklearns(name: str) -> None:
    kind, x, y = task(name)
    settings = {"hidden_layer_sizes": (), "alpha": 0.3, "max_iter": 2, "random_state": 0}
    theirs, own = (
        fitted(getattr(module, kind)(**settings, warm_start=True, learning_rate_init=1e-9), x, y)
        for module in (neural_network, densefit.sklearn)
    )
    own.coefs_[0][...], own.intercepts_[0][...] = theirs.coefs_[0], theirs.intercepts_[0]
    for estimator in (theirs, own):
        fitted(estimator, x, y)
    assert own.loss_ == pytest.approx(theirs.loss_, rel=1e-6)


# ---------------------------------------------------------------- together with the rest of it


def test_in_pipeline_search_and_cross_validation(digits: Data) -> None:
    x, _, y, _ = digits
    x, y = x[:300], y[:300]
    model = make_pipeline(
        StandardScaler(),
        MLPClassifier(
            max_iter=15, tol=9.0, n_iter_no_change=13, learning_rate_init=0.01, random_state=0
        ),
    )
    assert cross_val_score(model, x, y, cv=3).min() > 0.8
    grid = {
        "mlpclassifier__hidden_layer_sizes": [(2,), (40,)],
        "mlpclassifier__activation": ["relu"],
        "mlpclassifier__dropout": [0.0, 0.1],
    }
    search = GridSearchCV(model, grid, cv=2).fit(x, y)
    assert search.best_params_["mlpclassifier__hidden_layer_sizes"] == (40,)


@pytest.mark.parametrize("make", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_seed_gives_the_same_bits(make: Any, dtype: type, digits: Data) -> None:
    x, y = digits[0][:200].astype(dtype), digits[2][:200]
    runs = [fitted(make(max_iter=3, random_state=5, dropout=0.2), x, y).coefs_ for _ in range(2)]
    np.testing.assert_equal(runs[0], runs[1])
    assert runs[0][0].dtype == dtype


def test_threads_do_not_change_the_bits(digits: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "MIN_WORK_PER_THREAD", 1)
    runs = []
    for n in (1, 2):
        monkeypatch.setattr(ops, "_num_threads", n)
        runs.append(fitted(MLPClassifier(max_iter=2, random_state=1), *digits[::2]).coefs_)
    np.testing.assert_equal(*runs)


def test_names_of_the_session_are_left_alone() -> None:
    _, x, y = task("regression")
    fitted(MLPRegressor(max_iter=1), x, y)
    assert models.Sequential().name == "sequential"


@pytest.mark.parametrize("name", ["linear", "relu", "tanh", "sigmoid"])
def test_every_activation_of_densefit(name: str) -> None:
    _, x, y = task("three classes")
    assert fitted(MLPClassifier((4,), name, max_iter=2), x, y).loss_ > 0


# ---------------------------------------------------------------- how training ends


def test_early_stopping_keeps_the_best_weights(digits: Data) -> None:
    model = MLPClassifier(
        early_stopping=True, n_iter_no_change=3, max_iter=200, learning_rate_init=0.02,
        random_state=0, validation_fraction=0.2,
    ).fit(digits[0], digits[2])  # fmt: skip
    scores = model.validation_scores_
    assert model.n_iter_ == len(scores) < 200
    assert model.best_validation_score_ == max(scores)
    assert model.best_loss_ is None
    assert len(scores) - 1 - scores.index(max(scores)) >= 3


def test_an_adaptive_rate_is_lowered_before_it_stops() -> None:
    _, x, y = task("regression")
    settings = {"solver": "sgd", "tol": 10.0, "n_iter_no_change": 1, "learning_rate_init": 1e-4}
    constant = MLPRegressor(**settings, max_iter=50).fit(x, y)
    adaptive = MLPRegressor(**settings, max_iter=50, learning_rate="adaptive").fit(x, y)
    # 1e-4, 2e-5, 4e-6, 8e-7: two epochs more for every step down.
    assert (constant.n_iter_, adaptive.n_iter_) == (3, 9)


def test_it_says_when_it_has_not_converged(digits: Data) -> None:
    with pytest.warns(ConvergenceWarning, match=r"max_iter=2 .* increase max_iter"):
        MLPClassifier(max_iter=2).fit(digits[0], digits[2])


def test_a_diverging_training_is_an_error() -> None:
    _, x, y = task("regression")
    model = MLPRegressor((), solver="sgd", learning_rate_init=1e3, n_iter_no_change=99)
    with pytest.raises(ValueError, match=r"training diverged.*Lower learning_rate_init"):
        model.fit(x * 1e3, y)


def test_an_interrupt_keeps_what_was_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    from densefit.sklearn.watch import Watch

    _, x, y = task("regression")
    original = Watch.on_epoch_end

    def interrupted(self: Watch, epoch: int, logs: Any = None) -> None:
        original(self, epoch, logs)
        if epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Watch, "on_epoch_end", interrupted)
    with pytest.warns(UserWarning, match="interrupted"):
        model = MLPRegressor().fit(x, y)
    assert model.n_iter_ == 3
    assert model.predict(x).shape == (30,)


def test_warm_start_goes_on(digits: Data) -> None:
    x, y = digits[0], digits[2]
    model = fitted(MLPClassifier(max_iter=3, warm_start=True, random_state=0), x, y)
    first = model.loss_curve_[-1]
    fitted(model, x, y)
    assert (model.n_iter_, len(model.loss_curve_)) == (3, 6)
    assert model.loss_curve_[3] < first
    fitted(model.set_params(warm_start=False), x, y)
    assert len(model.loss_curve_) == 3


def test_partial_fit_of_every_epoch_is_fit(digits: Data) -> None:
    x, y = digits[0], digits[2]
    whole = fitted(MLPClassifier(max_iter=3, random_state=0), x, y)
    parts = MLPClassifier(random_state=0)
    for _ in range(3):
        parts.partial_fit(x, y, classes=range(10))
        parts = pickle.loads(pickle.dumps(parts))
    np.testing.assert_equal(parts.coefs_, whole.coefs_)
    assert parts.loss_curve_ == whole.loss_curve_


def test_verbose_prints_every_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    _, x, y = task("regression")
    fitted(MLPRegressor(max_iter=2, verbose=True, early_stopping=True), x, y)
    printed = capsys.readouterr().out
    assert "Iteration 1, loss = " in printed
    assert printed.count("Validation score: ") == 2


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"solver": "lbfgs"}, ValueError, "'lbfgs' is sklearn.neural_network's"),
        ({"solver": "adm"}, ValueError, "Did you mean 'adam'"),
        ({"activation": "reluu"}, ValueError, "Did you mean 'relu'"),
        ({"activation": "softmax"}, ValueError, "is that of the hidden layers"),
        ({"activation": None}, TypeError, "activation must be a name"),
        ({"hidden_layer_sizes": (3, 0)}, ValueError, "must be at least 1, got 0"),
        ({"hidden_layer_sizes": "ten"}, TypeError, "must be a list of integers"),
        ({"hidden_layer_sizes": 2.5}, TypeError, "must be a list of integers"),
        ({"alpha": -1}, ValueError, r"alpha must lie in \[0, inf\), got -1"),
        ({"learning_rate_init": 0}, ValueError, r"must lie in \(0, inf\), got 0"),
        ({"momentum": float("nan")}, ValueError, "momentum must lie in"),
        ({"tol": "small"}, TypeError, "tol must be a number"),
        ({"max_iter": 0}, ValueError, "max_iter must be at least 1"),
        ({"batch_size": 1.5}, TypeError, "batch_size must be a positive integer"),
        ({"shuffle": "yes"}, TypeError, "shuffle must be True or False"),
        ({"learning_rate": "fast"}, ValueError, "constant, invscaling, adaptive"),
        ({"dropout": 1.0}, ValueError, r"dropout must lie in \[0, 1\), got 1.0"),
    ],
)
def test_wrong_parameters(parameters: dict[str, Any], error: type, message: str) -> None:
    _, x, y = task("three classes")
    with pytest.raises(error, match=message):
        MLPClassifier(**parameters).fit(x, y)


def test_targets_that_do_not_fit() -> None:
    _, x, y = task("three classes")
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(x, y)
    model = MLPClassifier().partial_fit(x, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"class [57], which is not among \[0, 1, 2\]"):
        model.partial_fit(x, y + 5)
    with pytest.raises(ValueError, match="since the first call"):
        model.partial_fit(x, y, classes=[0, 1])
    with pytest.raises(ValueError, match="in another form before"):
        model.partial_fit(x, np.eye(3, dtype=int)[y])
    with pytest.raises(ValueError, match="does not support early_stopping"):
        MLPClassifier(early_stopping=True).partial_fit(x, y, classes=[0, 1, 2])
    with pytest.raises(NotFittedError):
        MLPClassifier().predict(x)
    regressor = MLPRegressor().partial_fit(x, y)
    with pytest.raises(ValueError, match="y must have 1 columns, got 3"):
        regressor.partial_fit(x, np.eye(3)[y])


@pytest.mark.parametrize(
    ("weight", "message"),
    [(np.zeros(30), "zero for every"), (-np.ones(30), "negative"), (np.ones(3), "shape")],
)
def test_sample_weights_that_do_not_fit(weight: np.ndarray, message: str) -> None:
    _, x, y = task("three classes")
    with pytest.raises(ValueError, match=message):
        MLPClassifier().fit(x, y, sample_weight=weight)


def test_a_sample_weight_counts_the_sample_so_often() -> None:
    _, x, y = task("three classes")
    weight = np.arange(30) % 4
    model = MLPClassifier(max_iter=20, random_state=0, alpha=0.5)
    weighted = fitted(clone(model), x, y, sample_weight=weight)
    repeated = fitted(clone(model), x.repeat(weight, 0), y.repeat(weight))
    np.testing.assert_allclose(weighted.predict_proba(x), repeated.predict_proba(x), rtol=1e-7)


@pytest.mark.slow
def test_the_example_runs() -> None:
    program = Path(__file__).parents[3] / "examples" / "sklearn_search.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "chosen: {'dropout'" in done.stdout
