"""Why each default is what it is; a test proves that no default is without its reason."""

from pydantic.fields import FieldInfo

from blueprint.metrics.specification import Because

REASONS = {
    "target": "one process on this machine needs no root and no Docker",
    "embedded": "enough to try a challenge out on this machine",
    "embedded.address": "loopback: nobody else reaches the platform until you say so",
    "embedded.http": "8080 needs no root and is where people look first",
    "embedded.sftp": "2022 needs no root and stays clear of the machine's own SSH",
    "embedded.state": "one hidden folder beside challenge.yaml holds everything",
    "challenge.timezone": "the same everywhere; name your own if dates should mean local days",
    "challenge.organizers": "the contact alone answers for a small challenge",
    "challenge.pages": "the site is made of the leaderboard alone",
    "challenge.notice": "nothing has to be said on every page",
    "people": "people register while phases last, and an organizer decides",
    "people.registration": "who may submit may register: open until the last phase closes",
    "people.registration.approval": "gated data: a person decides who gets it",
    "people.questions": "ask only what you need: every answer is personal data",
    "people.questions.*.required": "nobody is kept out by a question",
    "people.agreements": "no terms are asked for until you write them",
    "people.agreements.*.version": "the first version of a text",
    "people.agreements.*.signature": "a click is recorded with the text's checksum",
    "people.teams": "small teams, as most challenges have them",
    "people.teams.max_members": "as most challenges have it; larger groups split or ask",
    "data": "nothing is given out until you name it",
    "data.releases": "nothing is given out until you name it",
    "data.releases.*.audience": "gated data: only people who were approved",
    "data.releases.*.version": "the first edition",
    "tasks.*.regions": "each label is a region of its own",
    "tasks.*.ignore": "every voxel of a reference is judged",
    "tasks.*.cases.private": "no case is held back",
    "tasks.*.cases.unit": "cases are taken as independent; name patients if they are not",
    "tasks.*.metrics.*.labels": "one column a metric reads best",
    "tasks.*.missing": "leaving hard cases out must not pay",
    "tasks.*.ranking": "ranks on every case: no single case or metric decides",
    "tasks.*.ranking.*.over": "nothing is averaged away in this step",
    "tasks.*.ranking.*.within": "the teams are ranked once, over everything that is left",
    "tasks.*.ranking.*.ties": "ranks of equal teams are shared, so their sum stays the same",
    "tasks.*.uncertainty": "the same numbers on every run",
    "tasks.*.uncertainty.bootstrap": "enough for 95 % rank sets, and quick",
    "tasks.*.uncertainty.seed": "fixed, so that the same results give the same page",
    "phases.*.cases": "private cases are for the phase that says so",
    "phases.*.after": "the dates alone decide",
    "phases.*.submission": "code can be run again, predictions cannot",
    "phases.*.contract": "the layout that the documentation describes",
    "phases.*.limits": "a few tries a day teach, many overfit",
    "phases.*.limits.per_day": "a few tries a day teach, many overfit",
    "phases.*.limits.total": "the daily limit and the closing date bound it already",
    "phases.*.limits.concurrent": "one at a time keeps the queue fair",
    "phases.*.limits.failed_per_day": "a broken submission may be repaired, not used as a probe",
    "phases.*.resources": "what a laptop has to spare",
    "phases.*.resources.cpus": "what a laptop has to spare",
    "phases.*.resources.memory": "what a laptop has to spare",
    "phases.*.resources.time": "people wait minutes, not hours, for a verdict",
    "phases.*.resources.output": "ample for masks, and bounded for everything else",
    "phases.*.canary_cases": "most mistakes show on the first case, in seconds",
    "phases.*.feedback": "no test data can leak through what a submission prints",
    "phases.*.feedback.logs": "no test data can leak through what a submission prints",
    "phases.*.feedback.scores": "the mean tells enough to compare, and little of single cases",
    "phases.*.board": "teams are judged by their best, in sight of all",
    "phases.*.board.show": "trying something new never costs a rank",
    "phases.*.board.visible": "a leaderboard is there to be seen",
}
"""Pattern of a key to the reason of its default; a metric's own keys bring theirs along."""


def reason_of(pattern: str, info: FieldInfo) -> str:
    """Return why the default of a key is what it is."""
    own = (mark.reason for mark in info.metadata if isinstance(mark, Because))
    return REASONS.get(pattern) or next(own, "")
