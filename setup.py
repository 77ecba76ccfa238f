"""Builds the one extension module, ``densefit._kernels``; everything else is in pyproject.toml.

One ``Extension`` has one set of compiler flags, but the kernels are compiled once per
instruction set. So ``build_ext`` compiles each ``kernels_<isa>.c`` with that instruction
set's own flags first, and links the objects into the extension.
"""

from __future__ import annotations

import os
import platform
import shlex
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCES = [
    "csrc/_kernels.pyx",
    "csrc/cpu_features.c",
    "csrc/dispatch.c",
    "csrc/random.c",
    "csrc/threads.c",
]
# Contraction off: a fused multiply-add stands where the source says fma, and nowhere else.
UNIX_FLAGS = [
    "-std=c11",
    "-O3",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-tree-loop-distribute-patterns",
    "-fvisibility=hidden",
    "-pthread",
]
MSVC_FLAGS = ["/std:c11", "/O2", "/fp:strict"]
X86_FLAGS = {
    "unix": {
        "avx2": ["-mavx2", "-mfma"],
        "avx512": ["-mavx2", "-mfma", *(f"-mavx512{part}" for part in ("f", "dq", "bw", "vl"))],
    },
    "msvc": {"avx2": ["/arch:AVX2"], "avx512": ["/arch:AVX512"]},
}


def instruction_sets(compiler_type: str) -> dict[str, list[str]]:
    """Extra flags of each instruction set this target can be compiled for."""
    sets: dict[str, list[str]] = {"generic": []}
    if platform.machine().lower() in {"x86_64", "amd64"}:
        sets |= X86_FLAGS["msvc" if compiler_type == "msvc" else "unix"]
    return sets


class BuildKernels(build_ext):
    """``build_ext`` that compiles the kernels once per instruction set."""

    def build_extension(self, ext: Extension) -> None:
        """Compile the per-instruction-set objects, then the extension that links them."""
        kind = self.compiler.compiler_type
        common = MSVC_FLAGS if kind == "msvc" else UNIX_FLAGS
        # Last, so that they win: a sanitizer's build need not optimise as the real one does.
        common = [*common, *shlex.split(os.environ.get("DENSEFIT_CFLAGS", ""))]
        sets = instruction_sets(kind)
        macros = [(f"DENSEFIT_HAVE_{name.upper()}", "1") for name in sets]
        ext.extra_compile_args = list(common)
        ext.define_macros += macros
        ext.extra_objects = [
            *ext.extra_objects,
            *(
                self.compiler.compile(
                    [f"csrc/kernels_{name}.c"],
                    output_dir=self.build_temp,
                    include_dirs=["csrc"],
                    macros=macros,
                    debug=self.debug,
                    extra_postargs=[*common, *flags],
                    depends=ext.depends,
                )[0]
                for name, flags in sets.items()
            ),
        ]
        super().build_extension(ext)


setup(
    ext_modules=cythonize(
        [
            Extension(
                "densefit._kernels",
                SOURCES,
                include_dirs=["csrc"],
                depends=sorted(map(str, Path("csrc").glob("*.[chp]*"))),
            )
        ],
        build_dir="build/cython",
        include_path=["csrc"],
        language_level=3,
    ),
    cmdclass={"build_ext": BuildKernels},
)
