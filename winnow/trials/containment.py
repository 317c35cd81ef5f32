"""Isolates a trial: its own project folder, ``/tmp`` and network (Linux namespaces).

An isolated trial sees its copy at the project's path. Its ``/tmp`` is empty, except for the interpreter
and the project if they are below it. Its network has only loopback. Files that it writes never reach the
project, and two trials may use the same port or the same file in ``/tmp``.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE, MS_MOVE = 0x2, 0x4, 0x1000, 0x4000, 0x40000, 0x2000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
TMP = Path("/tmp")  # noqa: S108 -- the folder that is replaced
TMP_OPTIONS = "size=512m,mode=1777"
EMPTY = (Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108 -- other folders that programs share
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Place:
    """The folders of a trial: ``root`` is the project's folder, ``box`` the sandbox of this trial.

    ``project`` is a copy of ``master``; with ``overlay``, it contains only the differences from ``master``.
    """

    root: str
    master: str
    box: str
    project: str
    overlay: bool


def enter(place: Place) -> None:
    """Replace the machine's folders and network with those of this trial.

    Raises  OSError if the system does not allow it.
    """
    if LIBC is None:
        raise OSError("namespaces are a part of Linux")
    _unshare()
    _mount("none", Path("/"), None, MS_REC | MS_PRIVATE)
    project = _project(place)
    _replace(place, project)
    _loopback_up()


def _unshare() -> None:
    """Enter new namespaces; without the permission, enter a user namespace that gives it first."""
    user, group = os.geteuid(), os.getegid()
    wanted = CLONE_NEWNS | CLONE_NEWNET
    if user == 0 and LIBC is not None and LIBC.unshare(wanted) == 0:
        return
    _check(LIBC is not None and LIBC.unshare(wanted | CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _project(place: Place) -> Path:
    """Return the folder that holds the trial's own copy of the project."""
    box = Path(place.box)
    if not place.overlay:
        return Path(place.project)
    merged = box / "merged"
    for folder in (merged, box / "work"):
        folder.mkdir(exist_ok=True)
    layers = f"lowerdir={place.master},upperdir={place.project},workdir={box / 'work'}"
    try:
        _mount("overlay", merged, "overlay", MS_NODEV, layers)
    except OSError:  # in a user namespace, overlayfs uses other extended attributes
        _mount("overlay", merged, "overlay", MS_NODEV, f"{layers},userxattr")
    return merged


def _replace(place: Place, project: Path) -> None:
    """Mount the copy at the project's path, and an empty folder at ``/tmp``."""
    root, tmp = Path(place.root), Path(place.box) / "tmp"
    for path in _outermost(_needed() - {root}, root):
        if not (inside := project / path.relative_to(root)).exists():
            inside.mkdir(parents=True)  # a virtual environment in the project's folder is not copied
            _mount(str(path), inside, None, MS_BIND | MS_REC)
    if not root.is_relative_to(TMP):
        _mount(str(project), root, None, MS_BIND | MS_REC)
    kept = _outermost({*_above(root), *_needed()}, TMP)
    if TMP in kept:
        raise OSError("the project or the interpreter is /tmp itself")
    tmp.mkdir(exist_ok=True)
    _mount("tmpfs", tmp, "tmpfs", MS_NOSUID | MS_NODEV, TMP_OPTIONS)
    for path in kept:
        target = tmp / path.relative_to(TMP)
        target.mkdir(parents=True, exist_ok=True)
        _mount(str(project if path == root else path), target, None, MS_BIND | MS_REC)
    if root.is_relative_to(TMP) and root not in kept:  # it is in a folder that is kept
        _mount(str(project), tmp / root.relative_to(TMP), None, MS_BIND | MS_REC)
    _mount(str(tmp), TMP, None, MS_MOVE)
    for folder in EMPTY:
        if folder.is_dir() and not folder.is_symlink() and not _holds(folder, root):
            _mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, TMP_OPTIONS)


def _holds(folder: Path, root: Path) -> bool:
    """Return whether the project or the interpreter is in this folder."""
    return any(Path(path).is_relative_to(folder) for path in (str(root), *_named()))


def _needed() -> set[Path]:
    """Return the folders of the interpreter, its packages and its programs."""
    return {Path(os.path.realpath(name)) for name in _named() if name}


def _outermost(paths: set[Path], below: Path) -> list[Path]:
    """Return the outermost of these folders that are below this one."""
    found = {path for path in paths if path.is_relative_to(below) and path.is_dir()}
    return [path for path in sorted(found) if not found & set(path.parents)]


def _above(root: Path) -> list[Path]:
    """Return the project, or the outermost folder in ``/tmp`` around it, which may contain configuration."""
    return [TMP / root.relative_to(TMP).parts[0]] if root.is_relative_to(TMP) else [root]


def _named() -> list[str]:
    """Return the folders in which this Python and its programs are."""
    path = os.environ.get("PATH", "").split(os.pathsep)
    return [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path, *path]


def _loopback_up() -> None:
    """Start the loopback interface of a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(control, SIOCGIFFLAGS, name))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))


def _mount(source: str, target: Path, kind: str | None, flags: int, options: str | None = None) -> None:
    arguments = (source, str(target), kind, options)
    encoded = [text.encode() if text is not None else None for text in arguments]
    assert LIBC is not None  # noqa: S101 -- `enter` has looked
    result = LIBC.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    _check(result, f"mount {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def possible(place: Place) -> bool:
    """Return whether a process can be isolated here: a child process tries it."""
    if LIBC is None:
        return False
    pid = os.fork()
    if pid == 0:
        code = 1
        with suppress(BaseException):
            enter(place)
            next(Path(place.root).iterdir(), None)
            code = 0
        os._exit(code)
    return os.waitpid(pid, 0)[1] == 0
