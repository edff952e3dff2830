// Shortens the way; every page works without it.
(() => {
  "use strict";
  const framed = window.parent !== window;

  // 1. In an LMS's frame: wish for a height, and for the top after a page change.
  if (framed) {
    const tell = (message) => window.parent.postMessage(message, "*"); // nothing secret is in it
    let last = 0;
    let timer = 0;
    const height = () => {
      const body = document.body;
      const want = Math.min(8000, Math.max(320, Math.ceil(body.getBoundingClientRect().height) + 2));
      if (Math.abs(want - last) <= 8) return;
      const first = last === 0;
      last = want;
      tell({ subject: "lti.frameResize", height: want });
      if (first) tell(JSON.stringify({ subject: "lti.frameResize", height: want }));
    };
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(height, 100);
    };
    if ("ResizeObserver" in window) new ResizeObserver(later).observe(document.body);
    window.addEventListener("load", height);
    tell({ subject: "lti.scrollToTop" });
  }

  // 2. After a refused form: the summary gets the focus.
  const errors = document.getElementById("errors");
  if (errors) errors.focus();

  // 3. Work under way: the region is fetched again after 1, 2, 3, then every 5 seconds.
  const live = document.getElementById("live");
  const said = document.getElementById("live-said");
  if (live && live.dataset.address) {
    const waits = [1, 2, 3];
    let quarter = live.firstElementChild ? live.firstElementChild.dataset.quarter : "";
    const again = () => setTimeout(look, (waits.shift() || 5) * 1000);
    const look = async () => {
      if (document.hidden) return again();
      try {
        const answer = await fetch(live.dataset.address, {
          credentials: "same-origin",
          headers: { Accept: "text/html" },
          redirect: "error",
        });
        if (!answer.ok) return again();
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        const part = parsed.querySelector("[data-quarter]");
        if (!part) return again();
        const done = part.dataset.done === "true";
        if (done || !live.contains(document.activeElement)) live.replaceChildren(part);
        if (said && part.dataset.quarter !== quarter) {
          quarter = part.dataset.quarter;
          said.textContent = part.dataset.said;
        }
        if (done) {
          const title = document.querySelector("h1");
          if (title) title.textContent = part.dataset.heading;
          document.title = part.dataset.heading + " – Badgebridge";
          const stop = document.getElementById("live-stop");
          if (stop && !stop.contains(document.activeElement)) stop.remove();
          return undefined;
        }
        return again();
      } catch {
        return again();
      }
    };
    again();
  }

  // 4. People are ticked: the numbers that the page names follow. The server counts anew in any case.
  const numbers = document.querySelectorAll("[data-count]");
  if (numbers.length) {
    const ticks = [...document.querySelectorAll('input[type="checkbox"][name="person"]')];
    const ticked = () => ticks.filter((tick) => tick.checked).length;
    // what was ticked when the server counted, not what a browser restored after going back
    const shown = ticks.filter((tick) => tick.defaultChecked).length;
    const written = new Intl.NumberFormat(document.documentElement.lang);
    const follow = () => {
      for (const place of numbers) {
        const n = Number(place.dataset.count) - shown + ticked();
        const words = n === 0 ? place.dataset.none : n === 1 ? place.dataset.one : place.dataset.many;
        place.textContent = words.replace("2", written.format(n));
      }
    };
    for (const tick of ticks) tick.addEventListener("change", follow);
    window.addEventListener("pageshow", follow);
  }

  // 5. Work under way on a page without parts: it is opened again, as its own link would.
  const reopened = document.querySelector("a[data-again]");
  if (reopened) setTimeout(() => location.replace(reopened.href), 2000);
})();
