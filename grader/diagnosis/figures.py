"""Pictures for the report on a diagnosis, with their description in words."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np

from densefit import plots
from densefit.learning_curves import Diagnosis
from grader.diagnosis.remedies import say
from grader.experiment.replay import History
from grader.result import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from grader.diagnosis.trial import Trial

__all__ = ["before_and_after", "own_curve"]


def own_curve(history: History, diagnosis: Diagnosis) -> Figure:
    """The student's curves; no answer is marked, for a student may hand in again."""
    drawing = _drawing(2)
    plots.learning_curves(history, drawing.axes, title="[own]")
    low, epoch = min(history["val_loss"]), diagnosis.epochs
    return Figure(
        title=say("Your own experiment, replayed", "自分の実験 (再現)"),
        alt=say(
            f"Loss and accuracy over {epoch} epochs. The training loss goes from "
            f"{history['loss'][0]:.2f} to {history['loss'][-1]:.2f}, the validation loss from "
            f"{history['val_loss'][0]:.2f} to {history['val_loss'][-1]:.2f}; its least value is "
            f"{low:.2f}.",
            f"{epoch} エポックの損失と正解率。訓練データの損失は {history['loss'][0]:.2f} から "
            f"{history['loss'][-1]:.2f}、検証データの損失は {history['val_loss'][0]:.2f} から "
            f"{history['val_loss'][-1]:.2f} になり、最小値は {low:.2f} です。",
        ),
        media_type="image/png",
        data=_png(drawing),
    )


def before_and_after(trial: Trial) -> Figure:
    """Mean validation and training loss of all seeds, without and with the remedy."""
    drawing = _drawing(1)
    curves = {
        name: {"loss": t.mean(axis=0), "val_loss": v.mean(axis=0)}
        for name, (v, t) in (("without", trial.before), ("with remedy", trial.after))
    }
    ax = drawing.axes[0]
    if trial.stops is None:
        plots.learning_curve(curves, ax)
    else:
        plots.learning_curve({"without": curves["without"]}, ax)
        ax.axvline(float(np.mean(trial.stops)), color="0.2", label="early stopping")
        ax.legend()
    return Figure(
        title=say("Without and with the remedy", "対策なしと対策あり"),
        alt=trial.words(),
        media_type="image/png",
        data=_png(drawing),
    )


def _drawing(panels: int) -> Drawing:
    from matplotlib.figure import Figure as NewDrawing

    drawing = NewDrawing(figsize=(5.2 * panels, 3.6), layout="constrained")
    drawing.subplots(1, panels)
    return drawing


def _png(drawing: Drawing) -> str:
    stream = io.BytesIO()
    drawing.savefig(stream, format="png", dpi=80, metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode("ascii")
