"""What `import` finds while a pipeline's code runs."""

import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pkgutil import walk_packages
from types import MappingProxyType, ModuleType

import pyspark

import local.engine

_CHECKOUT = Path(__file__).parents[4]
# In a checkout that runs its own pipelines these are running: their modules stay, and whoever holds them is unharmed.
_SERVING = tuple(_CHECKOUT / name for name in ("common", "local", "lakehouse", "infra", "generator", "bench"))
# What the command line knows of this checkout's own pipelines; another revision's are not to get it.
_OWN_PIPELINES = "pipelines"
_NOTHING: Mapping[str, ModuleType] = MappingProxyType({})


@contextmanager
def importable(root: Path, modules: dict[str, ModuleType], folders: tuple[Path, ...] = ()) -> Iterator[None]:
    """`modules` stand under their names, and `folders` (`root` alone, by default) come first on the import path.

    What lies below `root` is imported anew, since it may have been edited; it is gone afterwards, but for `modules`,
    which keeps it for the next time. Whoever imported such modules before has their own again. A package of the
    engine's own gives way to one of the pipeline's that has its name (common, say).
    """
    kept = {name: sys.modules[name] for name in modules if name in sys.modules} | _modules_below(root)
    folders = folders or (root,)
    kept |= _giving_way(root, folders)
    path = [str(folder) for folder in folders]
    _forget(kept)
    before = {name: module for name, module in list(sys.modules.items()) if name not in modules}
    sys.modules.update(modules)
    sys.path[:0] = path
    importlib.invalidate_caches()
    try:
        with _attributes(modules):
            yield
    finally:
        for entry in path:
            sys.path.remove(entry)
        modules.update(_modules_below(root, but=before))
        _forget(modules)
        # The code may have put one of its own in the place of another's.
        replaced = {name: before[name] for name in modules.keys() & before.keys()}
        sys.modules.update(replaced | kept)


@contextmanager
def _attributes(modules: Mapping[str, ModuleType]) -> Iterator[None]:
    """`from pyspark import pipelines` takes the attribute of the package, not what sys.modules holds."""
    if "pyspark.pipelines" not in modules:
        yield
        return
    missing = object()
    before = getattr(pyspark, "pipelines", missing)
    setattr(pyspark, "pipelines", modules["pyspark.pipelines"])  # noqa: B010
    try:
        yield
    finally:
        if before is missing:
            delattr(pyspark, "pipelines")
        else:
            setattr(pyspark, "pipelines", before)  # noqa: B010


def _giving_way(root: Path, folders: Iterable[Path]) -> dict[str, ModuleType]:
    own = set() if root == _CHECKOUT else {*(folder.name for folder in _SERVING), _OWN_PIPELINES}
    clashing = {name for name in own if has_own(name, folders)}
    if not clashing:
        return {}
    if clashing - {_OWN_PIPELINES}:
        # Whatever of the engine is imported later would find the pipeline's package in the place of its own.
        for module in walk_packages(local.engine.__path__, "local.engine."):
            importlib.import_module(module.name)
    return {
        name: module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in clashing and _is_taken(name, folders)
    }


def _is_taken(module: str, folders: Iterable[Path]) -> bool:
    """Whether the pipeline has a module of this name or of the package around it: `local` leaves local.engine there."""
    package, _, within = module.partition(".")
    return not within or has_own(f"{package}/{within.partition('.')[0]}", folders)


def has_own(package: str, folders: Iterable[Path]) -> bool:
    """Whether one of the folders has a module or a package of this name."""
    paths = [folder / package for folder in folders]
    return any(path.with_suffix(".py").is_file() or any(path.glob("**/*.py")) for path in paths)


def taken_name(module: str, root: Path) -> str | None:
    """The module or package of the pipeline's own that another of its name, imported before, stands in the place of."""
    top = module.partition(".")[0]
    loaded = sys.modules.get(top)
    if not top or loaded is None or _file_of(loaded).startswith(f"{root}{os.sep}"):
        return None
    own = [*root.rglob(f"{top}.py"), *root.rglob(f"{top}/*.py")]
    return top if any("site-packages" not in path.parts for path in own) else None


def _modules_below(root: Path, but: Mapping[str, ModuleType] = _NOTHING) -> dict[str, ModuleType]:
    # As text: there are thousands of modules.
    below, serving = f"{root}{os.sep}", tuple(f"{folder}{os.sep}" for folder in _SERVING)
    return {
        name: module
        for name, module in list(sys.modules.items())
        if but.get(name) is not module
        and (file := _file_of(module)).startswith(below)
        and "site-packages" not in file
        and not file.startswith(serving)
    }


def _file_of(module: ModuleType) -> str:
    """The module's file or folder; empty for one without."""
    names = vars(module)
    return names.get("__file__") or next(iter(names.get("__path__") or ()), "")


def _forget(modules: Mapping[str, ModuleType]) -> None:
    for name in modules:
        sys.modules.pop(name, None)
