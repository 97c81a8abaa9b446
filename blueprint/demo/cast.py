"""The people of the demonstration and the methods they bring."""

from pathlib import Path

from blueprint import resources
from blueprint.demo.participant import Profile
from blueprint.scaffold.starter import example_submission

ANNA = Profile(
    name="Anna Berg",
    username="anna",
    email="anna@example.org",
    team="Threshold Lab",
    affiliation="Example University",
    password="a quiet lake in autumn",  # noqa: S106  # made up, and gone with the demonstration
)
BEN = Profile(
    name="Ben Ortiz",
    username="ben",
    email="ben@example.org",
    team="Cluster Collective",
    affiliation="Example Institute",
    password="seven green bicycles",  # noqa: S106
)
CHIDI = Profile(
    name="Chidi Okafor",
    username="chidi",
    email="chidi@example.org",
    team="Gaussian Gardeners",
    affiliation="Example Hospital",
    password="tea before the seminar",  # noqa: S106
)
CAST = (ANNA, BEN, CHIDI)

THRESHOLD = example_submission("threshold")
KMEANS = example_submission("kmeans")
LEARNED = example_submission("learned")


def demo_submission(name: str) -> Path:
    """Return the folder of a submission that only the demonstration makes (crash, otsu, ...)."""
    return resources.package_folder() / "demo" / "submissions" / name
