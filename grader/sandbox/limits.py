"""What a submission may use; one place, plain numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits on one submission; times are wall-clock seconds unless they say otherwise.

    ``call_seconds`` bounds one call of one function, ``load_seconds`` the running of the file
    itself, ``submission_seconds`` everything together. The judge enforces these from outside by
    killing the process group. The rest are resource limits that the operating system enforces.
    ``kept_output_bytes`` of what the submission prints are kept; a call that prints more than
    ``output_bytes`` is stopped. All files together have ``home_bytes``, in memory.
    """

    call_seconds: float = 10.0
    load_seconds: float = 20.0
    submission_seconds: float = 120.0
    cpu_seconds: int = 120
    address_space_bytes: int = 2048 * MIB
    result_bytes: int = 64 * MIB
    iterator_items: int = 10_000
    output_bytes: int = 64 * MIB
    kept_output_bytes: int = 16 << 10
    file_bytes: int = 16 * MIB
    home_bytes: int = 32 * MIB
    open_files: int = 64
    processes: int = 0

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could run."""
        for name, value in asdict(self).items():
            if value < 0 or (value == 0 and name != "processes"):
                raise ValueError(f"limit {name} must be positive, not {value!r}")
