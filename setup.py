"""Builds the C archive from csrc/ and one extension per .pyx under src/.

Switches, all by environment variable:
    CYDIS_DEBUG=1                   assertions and invariant checks, -O0 -g
    CYDIS_SANITIZE=address,undefined   compile and link everything with these sanitizers
    CYDIS_COVERAGE=1                line tracing for the Cython coverage plugin
    CYDIS_SYMBOLS=1                 keep symbols, for perf
    CYDIS_ANNOTATE=1                write the annotated HTML beside the generated C
    CYDIS_CFLAGS="..."              appended to the compiler's flags
"""
import os
from glob import glob

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext as _build_ext

DEBUG = bool(os.environ.get("CYDIS_DEBUG"))
COVERAGE = bool(os.environ.get("CYDIS_COVERAGE"))
ANNOTATE = bool(os.environ.get("CYDIS_ANNOTATE"))
SANITIZE = os.environ.get("CYDIS_SANITIZE", "")

CFLAGS = ["-std=c11", "-fvisibility=hidden", "-fno-semantic-interposition", "-Wall", "-Wno-unused-function"]
CFLAGS += ["-O0", "-g", "-DCYDIS_DEBUG"] if DEBUG else ["-O2", "-g0"]
SYMBOLS = bool(os.environ.get("CYDIS_SYMBOLS"))
LDFLAGS = ["-Wl,-s"] if os.uname().sysname == "Linux" and not DEBUG and not SYMBOLS else []
if SANITIZE:
    CFLAGS += ["-g", "-fno-omit-frame-pointer", f"-fsanitize={SANITIZE}"]
    LDFLAGS = [f"-fsanitize={SANITIZE}"]
CFLAGS += os.environ.get("CYDIS_CFLAGS", "").split()

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": DEBUG,
    "embedsignature": True,
    "auto_pickle": False,      # no structure of C pickles; the names would only be missing in the stubs
    "autotestdict": False,
    "freethreading_compatible": True,
    "linetrace": COVERAGE,
}

HEADERS = sorted(glob("csrc/**/*.h", recursive=True))
SOURCES = sorted(glob("csrc/**/*.c", recursive=True))


class build_ext(_build_ext):
    """Builds the archive first, and the extensions side by side."""

    def run(self):
        if SOURCES:
            self.run_command("build_clib")
        super().run()

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()


def module_name(path):
    return path.removeprefix("src/").removesuffix(".pyx").replace("/", ".")


extensions = [
    Extension(
        module_name(path),
        [path],
        include_dirs=["csrc"],
        depends=HEADERS + SOURCES,
        extra_compile_args=CFLAGS,
        extra_link_args=LDFLAGS,
        libraries=["m", "pthread"],
        define_macros=[("CYTHON_TRACE_NOGIL", "1")] if COVERAGE else [],
    )
    for path in sorted(glob("src/**/*.pyx", recursive=True))
]

setup(
    libraries=[("cydiscore", {
        "sources": SOURCES, "include_dirs": ["csrc"], "cflags": [*CFLAGS, "-fPIC"],
        "obj_deps": {"": HEADERS},
    })] if SOURCES else [],
    ext_modules=cythonize(
        extensions,
        compiler_directives=DIRECTIVES,
        build_dir="build/cython",
        nthreads=os.cpu_count() or 1,
        annotate=ANNOTATE,
        force=ANNOTATE,                      # an up-to-date module has no page to show
        include_path=["src"],
        show_all_warnings=False,
    ),
    cmdclass={"build_ext": build_ext},
)
