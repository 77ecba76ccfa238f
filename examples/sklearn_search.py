"""Choose a network by cross-validation on real images, with scikit-learn's tools.

Needs the extra: pip install 'densefit[sklearn]'. Takes some seconds.
"""

from __future__ import annotations

from sklearn.model_selection import GridSearchCV

from densefit.datasets import fashion_mnist_mini
from densefit.sklearn import MLPClassifier

NETWORKS = [(8,), (64,), (64, 32)]


def main() -> None:
    """Search among three networks, with and without dropout; look at the test set once."""
    (x_train, y_train), (x_test, y_test) = fashion_mnist_mini.load_data()
    x_train, x_test = (x.reshape(len(x), -1) / 255 for x in (x_train, x_test))
    model = MLPClassifier(learning_rate_init=0.003, tol=0.005, max_iter=400, random_state=1)
    grid = {"hidden_layer_sizes": NETWORKS, "dropout": [0.0, 0.3]}
    search = GridSearchCV(model, grid, cv=3).fit(x_train, y_train)

    print("hidden layers  dropout  validation accuracy (mean ± std of 3 folds)")
    results = search.cv_results_
    for parameters, mean, std in zip(
        results["params"], results["mean_test_score"], results["std_test_score"], strict=True
    ):
        sizes = "-".join(map(str, parameters["hidden_layer_sizes"]))
        print(f"{sizes:13s}  {parameters['dropout']:7.1f}  {mean:.3f} ± {std:.3f}")
    print(f"chosen: {search.best_params_}")
    print(f"accuracy on the test images, not used so far: {search.score(x_test, y_test):.3f}")


if __name__ == "__main__":
    main()
