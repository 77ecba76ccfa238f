"""Trains the lecture's network, draws its learning curves, and grades two submissions.

    python examples/demo.py [--lang en|ja] [--output FOLDER]

The network is 784-128-10, ReLU and softmax; the data are the 900 Fashion-MNIST images of the
package. One of the two submissions of assignment4 contains a real mistake.
"""

from __future__ import annotations

import argparse
import locale
import os
import subprocess
import sys
from pathlib import Path

from matplotlib.figure import Figure

from densefit import Sequential, plots
from densefit.datasets import fashion_mnist_mini
from densefit.layers import Dense, Flatten
from densefit.optimizers import SGD
from densefit.utils import set_random_seed

HERE = Path(__file__).parent
SEED = 1
EPOCHS = 40

TEXTS = {
    "en": {
        "training": "Training 784-128-10 on {n} Fashion-MNIST images, seed {seed}",
        "test": "On the {n} test images: loss {loss:.4f}, accuracy {accuracy:.3f}",
        "title": "784-128-10 on {n} Fashion-MNIST images",
        "picture": "The learning curves are in {path}",
        "correct": "Grading a correct submission of assignment4: {path}",
        "mistake": "Grading a submission with a mistake: {path}",
    },
    "ja": {
        "training": "Fashion-MNIST の画像 {n} 枚で 784-128-10 を学習します（乱数の種 {seed}）",
        "test": "テスト画像 {n} 枚での結果: 損失 {loss:.4f}、正解率 {accuracy:.3f}",
        "title": "784-128-10、Fashion-MNIST の画像 {n} 枚",
        "picture": "学習曲線を保存しました: {path}",
        "correct": "assignment4 の正しい提出物を採点します: {path}",
        "mistake": "誤りを含む提出物を採点します: {path}",
    },
}


def main() -> int:
    """Run the three parts; 0 when each did what it should."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lang", choices=sorted(TEXTS), default=language())
    parser.add_argument("--output", type=Path, default=Path("demo"), help="folder for the picture")
    options = parser.parse_args()
    words = TEXTS[options.lang]
    train_and_draw(options.output, options.lang, words)
    return max(grade(name, options.lang, words) for name in ("correct", "mistake"))


def language() -> str:
    """The language of the terminal, if it is one of ours."""
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "ja" if name.lower().startswith("ja") else "en"


def train_and_draw(folder: Path, lang: str, words: dict[str, str]) -> None:
    """Train with a line per epoch, evaluate, and write ``learning_curves.png``."""
    (x_train, y_train), (x_test, y_test) = fashion_mnist_mini.load_data()
    x_train, x_test = x_train / 255.0, x_test / 255.0
    print(words["training"].format(n=len(x_train), seed=SEED))
    set_random_seed(SEED)
    model = Sequential(
        [
            Flatten(input_shape=(28, 28)),
            Dense(128, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=SGD(learning_rate=0.02, momentum=0.9),
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train, y_train, epochs=EPOCHS, batch_size=32, validation_split=0.2, verbose=2
    )
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(words["test"].format(n=len(x_test), loss=loss, accuracy=accuracy))
    path = draw(history, folder, lang, words["title"].format(n=len(x_train)))
    print(words["picture"].format(path=path.resolve()))


def draw(history: plots.Run, folder: Path, lang: str, title: str) -> Path:
    """Write the learning curves as a PNG into ``folder``, and return its path."""
    figure = Figure(figsize=(10.4, 3.9), layout="constrained")
    plots.learning_curves(history, figure.subplots(1, 2), title=title, lang=lang)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "learning_curves.png"
    figure.savefig(path, dpi=150)
    return path


def grade(name: str, lang: str, words: dict[str, str]) -> int:
    """Show the report on ``examples/assignment4/<name>.py``; 0 when it came out as it should."""
    path = HERE / "assignment4" / f"{name}.py"
    print(f"\n{words[name].format(path=path)}", flush=True)
    grader = Path(sys.executable).with_name("grader")
    call = [grader, "check", "assignment4", path, "--lang", lang]
    # `grader check` exits with 1 when checks failed, which is what the mistake is for.
    expected = 1 if name == "mistake" else 0
    return 0 if subprocess.run(call, check=False).returncode == expected else 1


if __name__ == "__main__":
    sys.exit(main())
