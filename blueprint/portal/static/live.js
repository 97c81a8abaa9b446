// Keeps the part of the page marked data-live up to date. Without this script the page
// reloads itself (see <noscript> in its head), so nothing here is needed, only nicer.
(() => {
  "use strict";
  const part = document.querySelector("[data-live]");
  if (!part) return;
  let seen = null;
  let wait = 1000;

  async function look() {
    try {
      const answer = await fetch(part.dataset.live, { headers: { Accept: "application/json" } });
      if (answer.status === 404 || answer.redirected) return;
      const text = await answer.text();
      if (seen !== null && seen !== text) await swap();
      seen = text;
      wait = 1000;
      if (JSON.parse(text).is_finished) return;
    } catch {
      wait = Math.min(wait * 2, 30000);
    }
    setTimeout(look, document.hidden ? Math.max(wait, 5000) : wait);
  }

  async function swap() {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }

  look();
})();
