"""The virtual tree that people see over SFTP: a README, and the releases they may have."""

import threading

from blueprint.adapters.sftp_port import Login, Node
from blueprint.adapters.sftp_port import Path as TreePath
from blueprint.config.model import Release
from blueprint.data.access_log import Opening, begin_access, end_access
from blueprint.data.downloads import Download, Oversight, Reader
from blueprint.data.manifests import manifest_path
from blueprint.data.readme import readme_text
from blueprint.data.release_tree import ReleaseTree, load_tree
from blueprint.data.releases import release_folder, visible_releases
from blueprint.people.admission import admitted
from blueprint.people.ssh_keys import person_of_key
from blueprint.platform import Platform

_README = "README.txt"


class PlatformDirectory:
    """Answers the SFTP server from the database, the manifests and the release folders."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._trees: dict[str, tuple[tuple[int, int], ReleaseTree]] = {}
        self._lock = threading.Lock()
        self._began_s = platform.clock().timestamp()

    def log_in(self, username: str, fingerprint: str) -> Login | None:
        """Return the login of a person who may take part and owns the key, else None."""
        with self._platform.database.read() as connection:
            person_id = person_of_key(connection, username, fingerprint)
            if person_id is None:
                return None
            person = admitted(connection, self._platform.challenge, person_id)
        return Login(person.id, person.username, fingerprint) if person else None

    def is_admitted(self, login: Login) -> bool:
        """Tell whether the person still may take part and the key is still theirs."""
        return self.log_in(login.username, login.fingerprint) == login

    def node(self, login: Login, path: TreePath) -> Node | None:
        """Return what lies at `path`, or None."""
        releases = self._releases(login)
        if not path:
            return Node("/", None, self._began_s)
        if path == (_README,):
            return Node(_README, len(self._readme()), self._began_s)
        tree = self._tree(releases.get(path[0]))
        return _node_in(tree, path) if tree else None

    def children(self, login: Login, path: TreePath) -> list[Node] | None:
        """Return what lies in the folder at `path`; None when it is none."""
        releases = self._releases(login)
        if not path:
            listed = [self.node(login, (name,)) for name in (_README, *releases)]
            return [node for node in listed if node is not None]
        tree = self._tree(releases.get(path[0]))
        names = tree.folders.get(path[1:]) if tree else None
        if tree is None or names is None:
            return None
        return [node for name in names if (node := _node_in(tree, (*path, name)))]

    def open(self, login: Login, path: TreePath) -> Download:
        """Open a file and note that it was opened.

        Raises:
            FileNotFoundError: There is no such file for this person.
            PermissionError: The person may no longer.
            OSError: The file is not what its manifest says.
        """
        node = self.node(login, path)
        if node is None or node.size_bytes is None:
            raise FileNotFoundError("/".join(path))
        reader = self._reader(login, path, node.size_bytes)
        release, inside = ("", path) if path == (_README,) else (path[0], path[1:])
        opening = Opening(
            login.person_id, login.username, "sftp", release, "/".join(inside), node.size_bytes
        )
        try:
            access_id = begin_access(self._platform.database, opening, self._platform.clock())
        except BaseException:
            reader.close()
            raise
        return Download(
            node,
            reader,
            Oversight(
                may_go_on=lambda: self.is_admitted(login),
                at_end=lambda sent, complete: self._end(access_id, sent, complete),
            ),
        )

    def _end(self, access_id: int, sent_bytes: int, complete: bool) -> None:
        database, now = self._platform.database, self._platform.clock()
        end_access(database, access_id, sent_bytes, complete=complete, now=now)

    def _reader(self, login: Login, path: TreePath, size_bytes: int) -> Reader:
        if path == (_README,):
            return Reader(self._readme())
        release = self._releases(login)[path[0]]
        tree = self._tree(release)
        if tree is not None and len(path) == 2 and path[1] in tree.documents:  # noqa: PLR2004
            return Reader(tree.documents[path[1]])
        folder = release_folder(self._platform, release)
        return Reader.of_file(folder, "/".join(path[1:]), size_bytes)

    def _releases(self, login: Login) -> dict[str, Release]:
        """Return the releases that the person may see now, by id.

        Raises:
            PermissionError: The person may no longer.
        """
        if not self.is_admitted(login):
            raise PermissionError(login.username)
        now = self._platform.clock()
        visible = visible_releases(self._platform.challenge, person_ok=True, now=now)
        return {release.id: release for release in visible}

    def _tree(self, release: Release | None) -> ReleaseTree | None:
        """Return the tree of a release, read anew when its manifest changed; None without one."""
        if release is None:
            return None
        manifest = manifest_path(self._platform, release)
        try:
            told = manifest.stat()
            version = (told.st_mtime_ns, told.st_ino)
            with self._lock:
                known = self._trees.get(release.id)
                if known is None or known[0] != version:
                    known = (version, load_tree(manifest))
                    self._trees[release.id] = known
        except FileNotFoundError:
            return None
        return known[1]

    def _readme(self) -> bytes:
        return readme_text(self._platform, self._platform.clock()).encode("utf-8")


def _node_in(tree: ReleaseTree, path: TreePath) -> Node | None:
    """Return what lies at `path` (its first part is the release), or None."""
    size_bytes = tree.size_of(path[1:])
    if size_bytes is None and path[1:] not in tree.folders:
        return None
    return Node(path[-1], size_bytes, tree.modified_at_s)
