"""The rules of the house, executable: who may know whom, what C may hold, how Cython must declare.

Everything here reads the checkout. CONTRIBUTING.md says what a rule is for; a failure names file and line.
"""
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "cydis"
CSRC = ROOT / "csrc"

# Who may know whom: a file may import from rings below its own, and from its own place.
RINGS = {
    "version": 0,
    "core": 1,
    "types": 2,
    "engine": 3,
    "commands": 4, "persist": 4, "script": 4, "net": 4, "store": 4,
    "server": 5,
    "__init__": 7, "__main__": 7, "embedded": 6,
}

# Headers of csrc may be declared in core only; these are the exceptions, by ring.
EXTERN_ELSEWHERE = {"net": {"loop.h"}}

# Functions below the doors that face Python, and so may raise: "file: function".
RAISING = {
    "engine/table.pxd: register",
    "engine/table.pxd: register_keys",
}

# Longer than a file should be, and why.
LONG = {}

BELOW_THE_DOORS = ("core", "types", "engine", "commands", "net")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def files(top, *suffixes):
    return sorted(path for path in top.rglob("*") if path.suffix in suffixes)


def cython_files():
    return files(PACKAGE, ".pyx", ".pxd")


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def ring_of(path):
    """The place a file belongs to: its folder, or its own stem at the top."""
    return path.relative_to(PACKAGE).parts[0].split(".")[0]


# ---- who may know whom

IMPORT = re.compile(r"\s*(?:from\s+cydis(?:\.(\w+))?[\w.]*\s+c?import\s+\(?\s*(\w+)"
                    r"|c?import\s+cydis(?:\.(\w+))?)")


def known_rings(path):
    """(line number, ring) for each import of this package's own modules."""
    for number, line in enumerate(lines(path), 1):
        match = IMPORT.match(line)
        if match:
            place = match[1] or match[3] or (match[2] if match[2] in RINGS else "__init__")
            yield number, place


def test_imports_point_inwards():
    wrong = []
    for path in files(PACKAGE, ".py", ".pyx", ".pxd", ".pyi"):
        own = ring_of(path)
        assert own in RINGS, f"{name_of(path)}: a place that RINGS does not know"
        for number, place in known_rings(path):
            if place != own and RINGS.get(place, 99) >= RINGS[own]:
                wrong.append(f"{name_of(path)}:{number}: {own} must not know {place}")
    assert not wrong, "\n".join(wrong)


def test_imports_are_absolute():
    relative = re.compile(r"\s*(from\s+\.|cimport\s+\.|include\s+[\"'])")
    wrong = [f"{name_of(path)}:{number}" for path in files(PACKAGE, ".py", ".pyx", ".pxd", ".pyi")
             for number, line in enumerate(lines(path), 1) if relative.match(line)]
    assert not wrong, wrong


def test_kernels_know_only_kernels():
    wrong = []
    for path in files(CSRC, ".c", ".h"):
        for number, line in enumerate(lines(path), 1):
            include = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
            if not include:
                continue
            own = include[1] and ((CSRC / include[1]).exists() or (path.parent / include[1]).exists())
            if not own and (include[1] or include[2].startswith(("Python", "structmember"))):
                wrong.append(f"{name_of(path)}:{number}: {line.strip()}")
    assert not wrong, "\n".join(wrong)


def test_only_core_declares_kernels():
    wrong = []
    for path in cython_files():
        for number, line in enumerate(lines(path), 1):
            extern = re.match(r"""\s*cdef\s+extern\s+from\s+["']([^"'<>]+)["']""", line)
            place = ring_of(path)
            if (extern and (CSRC / extern[1]).exists() and place != "core"
                    and extern[1] not in EXTERN_ELSEWHERE.get(place, ())):
                wrong.append(f"{name_of(path)}:{number}: {extern[1]}")
    assert not wrong, "only core declares what csrc offers:\n" + "\n".join(wrong)


# ---- what C may hold

@pytest.mark.skipif(not (shutil.which("cc") and shutil.which("nm")), reason="needs a C compiler and nm")
def test_kernels_hold_no_writable_symbol(tmp_path):
    """State lives in what the caller passes in: several stores in one process, threads, subinterpreters."""
    def compile_one(source):
        made = tmp_path / f"{source.stem}.o"
        compiler = os.environ.get("CC", "cc").split()
        subprocess.run([*compiler, "-std=gnu11", "-O1", "-fno-pic", f"-I{CSRC}", "-c", source, "-o", made],
                       check=True, stderr=subprocess.PIPE, text=True)
        symbols = subprocess.run(["nm", str(made)], check=True, stdout=subprocess.PIPE, text=True).stdout
        return [f"{name_of(source)}: {line.split()[-1]}" for line in symbols.splitlines()
                if re.search(r"\s[bBdDcCsSgG]\s", line)]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        writable = [each for found in pool.map(compile_one, sorted(CSRC.rglob("*.c"))) for each in found]
    assert not writable, writable


# ---- how Cython must declare

def declarations(path):
    """(line number, text) of each top-level statement of a .pxd, put on one line, comments away."""
    text, start, depth = "", 0, 0
    for number, line in enumerate(lines(path), 1):
        bare = line.split("#")[0].rstrip()
        if not text:
            if not bare.startswith(("cdef ", "cpdef ", "ctypedef ")):
                continue
            start = number
        text = f"{text} {bare.strip()}".strip()
        depth = text.count("(") - text.count(")")
        if depth <= 0:
            yield start, text
            text = ""


FUNCTION = re.compile(r"c?p?def\s+(?:inline\s+)?(?!class|struct|union|enum|extern|packed)"
                      r"[^=(]*?(\w+)\s*\((?!\s*\*)(.*)$")


def test_functions_below_the_doors_never_raise_and_need_no_gil():
    wrong = []
    for place in BELOW_THE_DOORS:
        for path in files(PACKAGE / place, ".pxd"):
            for number, text in declarations(path):
                match = FUNCTION.match(text)
                if not match or f"{place}/{path.name}: {match[1]}" in RAISING:
                    continue
                if not re.search(r"\)\s*noexcept\s+nogil\s*(:.*)?$", text):
                    wrong.append(f"{name_of(path)}:{number}: {match[1]}")
    assert not wrong, "say `noexcept nogil`:\n" + "\n".join(wrong)


HIDDEN_GIL = re.compile(r"^.*__Pyx_ErrOccurredWithGIL\(\).*$", re.MULTILINE)      # a call; what declares it says (void)


def test_no_call_hides_a_look_for_the_gil(tmp_path):
    """A call that looks for an exception takes the GIL: fifty times the cost of the call itself.

    Read off the C that the build has written, or off C written anew where there was no build.
    """
    pytest.importorskip("Cython")

    def written(path):
        built = ROOT / "build" / "cython" / path.relative_to(ROOT).with_suffix(".c")
        if built.exists() and built.stat().st_mtime >= path.stat().st_mtime:
            return built
        target = tmp_path / (path.relative_to(PACKAGE).as_posix().replace("/", ".") + ".c")
        done = subprocess.run([sys.executable, "-m", "cython", "-3", "-I", "src", name_of(path), "-o", str(target)],
                              cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout
        return target

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        texts = [path.read_text(encoding="utf-8") for path in pool.map(written, files(PACKAGE, ".pyx"))]
    found = [call for text in texts for call in HIDDEN_GIL.findall(text)]
    assert not found, "\n".join(found)


def test_public_modules_have_stubs():
    public = re.compile(r"^(def|class|cpdef|cdef class)\s+(?:inline\s+)?(?!_)\w+", re.MULTILINE)
    missing = [name_of(path) for path in files(PACKAGE, ".pyx")
               if public.search(path.read_text(encoding="utf-8")) and not path.with_suffix(".pyi").exists()]
    assert not missing, missing


def test_stubs_have_modules():
    lonely = [name_of(path) for path in files(PACKAGE, ".pyi")
              if not path.with_suffix(".pyx").exists() and not path.with_suffix(".py").exists()]
    assert not lonely, lonely


# ---- how files look

def own_files():
    return [*files(CSRC, ".c", ".h"), *files(PACKAGE, ".py", ".pyx", ".pxd", ".pyi"),
            *files(ROOT / "tests", ".py", ".c", ".h"), *files(ROOT / "benchmarks", ".py"),
            *files(ROOT / "examples", ".py")]


def test_files_stay_short():
    for path in own_files():
        length = len(lines(path))
        limit = 1000 if path.is_relative_to(ROOT / "tests") else 600
        assert length <= limit or name_of(path) in LONG, f"{name_of(path)}: {length} lines"


def test_names_say_what_is_inside():
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [name_of(path) for path in own_files() if path.stem in vague]


def test_nothing_is_left_for_later():
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    left = [f"{name_of(path)}:{number}" for path in own_files()
            for number, line in enumerate(lines(path), 1) if marks.search(line)]
    assert not left, left


def test_every_file_says_what_it_is():
    silent = []
    for path in own_files():
        text = path.read_text(encoding="utf-8").lstrip()
        text = re.sub(r"\A(#.*\n)+", "", text).lstrip()
        if text and not text.startswith(("/*", '"""', 'r"""', "'''")):
            silent.append(name_of(path))
    assert not silent, silent
