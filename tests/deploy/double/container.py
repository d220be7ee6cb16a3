"""Runs one container's command without an engine: `python -I -S container.py SPEC.json`, standard library only.

User and mount namespaces give it what the manifest says: its user id, a read-only root with its volumes at their own
paths, no capability and no way to gain one, the cluster's names in /etc/hosts. What it lacks is an image (programs are
this machine's) and a network of its own (a pod has an address of 127/8 instead).
"""

import ctypes
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 1 << 18
_READ_ONLY, _AT_RECURSIVE, _AT_CWD, _DETACH = 1, 0x8000, -100, 2
_PIVOT_ROOT = 155 if os.uname().machine == "x86_64" else 41
_MOUNT_SETATTR = 442
_SET_DEATH_SIGNAL, _DROP_CAPABILITY, _NO_NEW_PRIVILEGES = 1, 24, 38
_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    _libc.prctl(_SET_DEATH_SIGNAL, int(signal.SIGKILL))
    own_namespaces(spec["user"], spec["group"])
    root = Path(tempfile.mkdtemp(prefix="root-", dir=spec["scratch"]))
    _Tree(root, spec).build()
    _enter(root)
    _give_up_privileges()
    os.chdir(spec["directory"])
    os.execvp(spec["argv"][0], spec["argv"])  # noqa: S606


def own_namespaces(user: int, group: int) -> None:
    """Raises OSError where the kernel gives user namespaces to nobody but root."""
    outside_user, outside_group = os.geteuid(), os.getegid()
    _expect(_libc.unshare(_NEW_USER | _NEW_MOUNTS), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {outside_user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {outside_group} 1")


class _Tree:
    """The machine's tree under `root`, the volumes over it, read-only where the manifest says so."""

    def __init__(self, root: Path, spec: dict[str, Any]) -> None:
        self._root, self._spec = root, spec
        self._ours = {root}

    def build(self) -> None:
        _mount("none", Path("/"), _RECURSIVE | _PRIVATE)
        self._open(Path("/"))
        volumes = [(volume["source"], _resolved(volume["target"])) for volume in self._spec["volumes"]]
        for (
            source,
            path,
        ) in volumes:  # all places first: to make one opens a folder, and would hide what is mounted in it
            self._mountable(path, is_folder=Path(source).is_dir())
        for source, path in volumes:
            _mount(source, self._at(path), _BIND)
            self._keep_in_sight(path)
        if self._spec["read_only_root"]:
            _set_attributes(self._root, _Attributes(set=_READ_ONLY), _AT_RECURSIVE)
        writable = [volume["target"] for volume in self._spec["volumes"] if not volume["read_only"]]
        for target in [*writable, "/dev/shm"]:  # noqa: S108 - engines leave it writable, too
            if Path(at := self._at(_resolved(target))).exists():
                _set_attributes(at, _Attributes(clear=_READ_ONLY))

    def _at(self, path: Path) -> Path:
        return self._root / path.relative_to("/")

    def _open(self, folder: Path) -> None:
        """A folder of the machine becomes one of ours with the same entries: the machine's own is never written."""
        _mount("tmpfs", self._at(folder), kind=b"tmpfs")
        for entry in folder.iterdir():
            at = self._at(entry)
            if entry.is_symlink():
                at.symlink_to(entry.readlink())
                continue
            at.mkdir() if entry.is_dir() else at.touch()
            _mount(str(entry), at, _BIND | _RECURSIVE)
        self._ours.add(self._at(folder))

    def _mountable(self, path: Path, *, is_folder: bool) -> Path:
        at = self._at(path)
        if not at.exists():
            parent = self._mountable(path.parent, is_folder=True)
            if parent not in self._ours:
                self._open(path.parent)
            at.mkdir() if is_folder else at.touch()
            self._ours.add(at)
        return at

    def _keep_in_sight(self, covered: Path) -> None:
        """A volume at /tmp must not hide a checkout under /tmp."""
        for kept in map(Path, self._spec["keep"]):
            if kept.is_relative_to(covered):
                self._at(kept).mkdir(parents=True, exist_ok=True)
                _mount(str(kept), self._at(kept), _BIND | _RECURSIVE)


def _resolved(path: str) -> Path:
    return Path(path).resolve()


def _enter(root: Path) -> None:
    os.chdir(root)
    _expect(_libc.syscall(_PIVOT_ROOT, b".", b"."), "pivot_root")
    _expect(_libc.umount2(b".", _DETACH), "umount")


def _give_up_privileges() -> None:
    for capability in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text()) + 1):
        _libc.prctl(_DROP_CAPABILITY, capability, 0, 0, 0)
    _expect(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")


def _mount(source: str, target: Path, flags: int = 0, kind: bytes | None = None) -> None:
    done = _libc.mount(source.encode(), str(target).encode(), kind, ctypes.c_ulong(flags), None)
    _expect(done, f"mount {source} at {target}")


def _set_attributes(target: Path, attributes: _Attributes, flags: int = 0) -> None:
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    done = _libc.syscall(_MOUNT_SETATTR, _AT_CWD, str(target).encode(), flags, ctypes.byref(attributes), size)
    _expect(done, f"mount_setattr {target}")


def _expect(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
