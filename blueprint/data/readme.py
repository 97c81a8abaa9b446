"""The README.txt that greets people on the SFTP server."""

from datetime import datetime

from blueprint.clock import to_text
from blueprint.data.releases import upcoming_releases, visible_releases
from blueprint.platform import Platform

_VERIFY = """\
Every release has a manifest.json with the size and SHA-256 of each file, and manifest.json.sig
with the challenge's Ed25519 signature over that file (base64). The public key of the challenge:

    {key}

In a release's folder, this compares all files with the manifest:

    python3 -c 'import json; [print(f["sha256"] + "  " + f["path"]) for f in \
json.load(open("manifest.json"))["files"]]' | sha256sum --check --quiet
"""


def readme_text(platform: Platform, now: datetime) -> str:
    """Return the text: what is open, what comes, how to verify, and whom to ask."""
    about = platform.challenge.challenge
    lines = [about.title, "=" * len(about.title), ""]
    lines += [about.notice, ""] if about.notice else []
    for release in visible_releases(platform.challenge, person_ok=True, now=now):
        lines.append(f"/{release.id}/  {release.title}, {release.version}, {release.license}")
    for release in upcoming_releases(platform.challenge, now):
        lines.append(f"{release.title} opens {to_text(release.opens)}")
    lines += ["", _VERIFY.format(key=_public_key(platform))]
    lines += ["Downloads are logged by person and file, as the data's owners ask.", ""]
    lines += [f"Portal: {platform.addresses.portal}/account", f"Questions: {about.contact}", ""]
    return "\n".join(lines)


def _public_key(platform: Platform) -> str:
    try:
        return (platform.state.keys / "receipts.pub").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return "(not made yet)"
