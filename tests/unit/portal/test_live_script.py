"""The script that keeps a page up to date, run by a real engine over a page of three lines."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from blueprint.resources import package_folder

PAGE = """\
const delays = [], answers = ANSWERS;
let asked = 0, swapped = 0, timers = [], come = null;
const part = { dataset: { live: "/state.json" }, replaceChildren() { swapped += 1; } };
globalThis.document = {
  hidden: false, querySelector: () => part,
  addEventListener: (name, act) => { if (name === "visibilitychange") come = act; },
};
globalThis.location = { href: "/page" };
globalThis.DOMParser = class {
  parseFromString() { return { querySelector: () => ({ childNodes: [] }) }; }
};
globalThis.fetch = async (path) => {
  if (path !== "/state.json") return { status: 200, text: async () => "<p>" };
  const answer = answers[Math.min(asked, answers.length - 1)];
  asked += 1;
  if (answer === null) throw new Error("the platform is away");
  return { status: 200, redirected: false, text: async () => JSON.stringify(answer) };
};
globalThis.setTimeout = (act, delay) => { delays.push(delay); timers.push(act); return act; };
globalThis.clearTimeout = (act) => { timers = timers.filter((one) => one !== act); };
const settle = () => new Promise((done) => setImmediate(done));
(async () => {
  SCRIPT
  for (let round = 0; round < ROUNDS; round += 1) {
    await settle(); await settle();
    const act = timers.shift();
    if (act === undefined) break;
    act();
  }
  await settle();
  const before = asked;
  if (COMES_BACK) { come(); await settle(); await settle(); }
  console.log(JSON.stringify({ delays, asked: before, again: asked - before, swapped }));
})();
"""


def run(answers: list[object], rounds: int = 20, *, comes_back: bool = False) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    script = (package_folder() / "portal" / "static" / "live.js").read_text(encoding="utf-8")
    code = (
        PAGE.replace("ANSWERS", json.dumps(answers))
        .replace("SCRIPT", script)
        .replace("ROUNDS", str(rounds))
        .replace("COMES_BACK", json.dumps(comes_back))
    )
    done = subprocess.run([node, "-e", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_nothing_is_asked_any_more_once_nothing_can_change():
    told = run([{"state": "scoring", "is_finished": False}, {"state": "x", "is_finished": True}])

    assert told["asked"] == 2
    assert told["swapped"] == 1


def test_a_page_on_which_nothing_happens_is_asked_for_less_and_less():
    delays = run([{"state": "received", "is_finished": False}], rounds=30)["delays"]

    assert delays[0] < 1500
    assert delays == sorted(delays)
    assert delays[-1] == 15000
    # At a second each it would be 60 in the first minute.
    in_a_minute = next(n for n in range(len(delays)) if sum(delays[:n]) > 60_000)
    assert in_a_minute < 14


def test_a_change_makes_it_ask_often_again():
    same = {"state": "received", "is_finished": False}
    told = run([same, same, same, same, {"state": "checked", "is_finished": False}], rounds=5)

    assert told["delays"][3] > 2000
    assert told["delays"][4] == 1000


def test_an_answer_that_does_not_come_is_asked_for_again():
    told = run([None, {"state": "x", "is_finished": True}])

    assert told["asked"] == 2


def test_who_comes_back_to_the_page_sees_what_came_meanwhile():
    told = run([{"state": "x", "is_finished": True}], comes_back=True)

    assert told["asked"] == 1
    assert told["again"] == 1
