"""The dense (fully connected) layer."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from densefit import activations, initializers, ops, regularizers
from densefit.layers.base import Layer, Shape, check_count
from densefit.layers.parameter import Parameter

__all__ = ["Dense"]


class Dense(Layer):
    """a = activation(x·kernel + bias), shapes (N, D) → (N, units).

    The kernel has shape (D, units), the bias (units,). Defaults as in Keras: no activation,
    ``glorot_uniform`` kernel, zero bias.
    """

    def __init__(
        self,
        units: int,
        activation: object = None,
        use_bias: bool = True,
        kernel_initializer: object = "glorot_uniform",
        bias_initializer: object = "zeros",
        kernel_regularizer: object = None,
        bias_regularizer: None = None,
        activity_regularizer: None = None,
        **kwargs: Any,
    ) -> None:
        """Raise TypeError or ValueError for an argument out of its domain.

        Raise NotImplementedError for regularizers of the bias and of the activity.
        """
        super().__init__(**kwargs)
        if bias_regularizer is not None or activity_regularizer is not None:
            raise NotImplementedError("densefit regularises kernels only: use kernel_regularizer=")
        self.units = check_count("units", units)
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    @property
    def kernel(self) -> NDArray[Any]:
        """The live weights, shape (D, units)."""
        return self.weights[0]

    @property
    def bias(self) -> NDArray[Any] | None:
        """The live biases, shape (units,), or None without bias."""
        return self.weights[1] if self.use_bias else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(D,) → (units,); ValueError for samples that are not flat."""
        if len(input_shape) != 1:
            raise ValueError(
                f"layer {self.name!r} (Dense) takes flat samples (n_features,), got samples of"
                f" shape {input_shape}: put layers.Flatten() before it"
            )
        return (self.units,)

    def create_parameters(self, input_shape: Shape) -> list[Parameter]:
        """Kernel (D, units) and, unless switched off, bias (units,)."""
        kernel = Parameter(
            f"{self.name}/kernel", (input_shape[0], self.units), self.kernel_initializer
        )
        if not self.use_bias:
            return [kernel]
        return [kernel, Parameter(f"{self.name}/bias", (self.units,), self.bias_initializer)]

    def stages(self) -> list[Any]:
        """One fused stage; an activation with parameters of its own is a second one."""
        fused = not self.activation.parameters
        penalty = self.kernel_regularizer or regularizers.L1L2()
        dense = ops.Dense(
            self.kernel,
            self.bias,
            activation=self.activation.name if fused else "linear",
            w_l1=penalty.l1,
            w_l2=penalty.l2,
        )
        return [dense] if fused else [dense, self.activation.stage()]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        return super().get_config() | {
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
        }
