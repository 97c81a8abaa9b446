"""A state folder on a network file system is recognised from the kernel's mount table."""

from pathlib import Path

import pytest

from blueprint.deploy.storage import network_kind

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:2 - nfs4 filer:/export/home rw,vers=4.2
31 30 8:2 / /home/local rw,relatime shared:3 - xfs /dev/sda2 rw
32 22 0:41 / /mnt/with\040space rw shared:4 - cifs //filer/share rw
33 22 0:42 / /srv rw shared:5 - nfs filer:/srv rw
34 22 8:3 / /srv rw shared:6 - ext4 /dev/sda3 rw
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/challenge", None),
        ("/home/anna/challenge/.diychallenge", "nfs4"),
        ("/home/local/challenge", None),  # a local disk mounted inside the network one
        ("/homework", None),  # not below /home
        ("/mnt/with space/challenge", "cifs"),
        ("/srv/challenge", None),  # a later mount hides the earlier on the same place
    ],
)
def test_the_innermost_mount_decides(folder, kind):
    assert network_kind(Path(folder), MOUNTS) == kind


def test_a_symbolic_link_to_a_local_disk_is_followed(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    mounts = (
        f"1 0 0:1 / / rw - nfs4 filer:/ rw\n2 1 8:1 / {tmp_path / 'disk'} rw - ext4 /dev/sdb1 rw"
    )

    assert network_kind(tmp_path / "link" / "state", mounts) is None
    assert network_kind(tmp_path / "elsewhere", mounts) == "nfs4"
