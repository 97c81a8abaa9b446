// Keeps the part of the page marked data-live up to date. Without this script the page
// reloads itself (see <noscript> in its head), so nothing here is needed, only nicer.
(() => {
  "use strict";
  const part = document.querySelector("[data-live]");
  if (!part) return;
  const SOONEST = 1000;
  const LATEST = 15000;
  let seen = null;
  let wait = SOONEST;
  let timer = null;
  let isOver = false;

  // Asks often while things change, seldom while they do not, and no more when nothing will.
  async function look() {
    timer = null;
    try {
      const answer = await fetch(part.dataset.live, { headers: { Accept: "application/json" } });
      if (answer.status === 404 || answer.redirected) {
        isOver = true;
        return;
      }
      const text = await answer.text();
      const told = JSON.parse(text);
      const isNew = seen !== null && seen !== text;
      if (isNew) await swap();
      seen = text;
      wait = isNew ? SOONEST : Math.min(wait * 1.3, LATEST);
      if (told.is_finished) return;
    } catch {
      wait = Math.min(wait * 2, 2 * LATEST);
    }
    timer = setTimeout(look, document.hidden ? LATEST : wait);
  }

  async function swap() {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }

  // Whoever comes back to the page sees what came meanwhile: a push from a terminal, say.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || isOver) return;
    clearTimeout(timer);
    wait = SOONEST;
    look();
  });

  look();
})();
