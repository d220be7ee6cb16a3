"""Volumes of a pod as folders of this machine, and which of them a container sees where."""

from pathlib import Path

from tests.deploy.double.environment import ConfigError, data_of, field_of
from tests.deploy.double.store import Json, Store


class Volumes:
    """`folder` is the pod's own; claims outlive the pod and lie in `claims`."""

    def __init__(self, pod: Json, folder: Path, claims: Path, store: Store) -> None:
        self._pod, self._folder, self._claims, self._store = pod, folder, claims, store
        self._sources: dict[str, Path] = {}

    def prepare(self) -> None:
        """Raises ConfigError."""
        for volume in self._pod["spec"].get("volumes", ()):
            self._sources[volume["name"]] = self._made(volume)

    def mounts_of(self, container: Json) -> list[Json]:
        return [self._mount(mount) for mount in container.get("volumeMounts", ())]

    def _mount(self, mount: Json) -> Json:
        if mount["name"] not in self._sources:
            raise ConfigError(f"there is no volume {mount['name']}")
        source = self._sources[mount["name"]] / str(mount.get("subPath", ""))
        if not source.exists():
            source.mkdir(parents=True)
        return {"source": str(source), "target": mount["mountPath"], "read_only": bool(mount.get("readOnly", False))}

    def _made(self, volume: Json) -> Path:
        if "persistentVolumeClaim" in volume:
            claim = self._claims / str(volume["persistentVolumeClaim"]["claimName"])
            claim.mkdir(parents=True, exist_ok=True)
            return claim
        folder = self._folder / str(volume["name"])
        folder.mkdir(parents=True)
        for name, content in self._files(volume).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    def _files(self, volume: Json) -> dict[str, bytes]:
        if "projected" in volume:
            return {name: data for one in volume["projected"]["sources"] for name, data in self._files(one).items()}
        if "emptyDir" in volume:
            return {}
        if "configMap" in volume:
            return self._chosen("ConfigMap", volume["configMap"]["name"], volume["configMap"])
        if "secret" in volume:
            source = volume["secret"]
            return self._chosen("Secret", source.get("secretName") or source["name"], source)
        if "downwardAPI" in volume:
            items = volume["downwardAPI"]["items"]
            return {item["path"]: field_of(self._pod, item["fieldRef"]["fieldPath"]).encode() for item in items}
        raise ConfigError(f"no support for volume {volume}")

    def _chosen(self, kind: str, name: str, source: Json) -> dict[str, bytes]:
        data = data_of(kind, name, self._pod, self._store, optional=source.get("optional", False))
        items = source.get("items")
        if items is None:
            return data
        if missing := [item["key"] for item in items if item["key"] not in data]:
            raise ConfigError(f"{kind} {name} has no key {', '.join(missing)}")
        return {item["path"]: data[item["key"]] for item in items}
