/* Keeps what is shown of running jobs fresh: every [data-poll] is fetched again from its address until it says no more. */
(() => {
  "use strict";
  const PAUSE = 2000;
  const MOST_PAUSE = 30000;
  let pause = PAUSE;

  async function refresh(part) {
    const answer = await fetch(part.dataset.poll, { credentials: "same-origin", redirect: "error" });
    if (answer.status === 404) return part.removeAttribute("data-poll"); // no longer theirs to see
    if (!answer.ok) throw new Error(answer.status);
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
    const focused = part.contains(document.activeElement) && document.activeElement.id;
    part.replaceWith(drawn);
    if (focused) (document.getElementById(focused) || drawn.querySelector("button, a"))?.focus();
  }

  async function turn() {
    const parts = [...document.querySelectorAll("[data-poll]")];
    if (!parts.length) return;
    if (!document.hidden) {
      const outcomes = await Promise.allSettled(parts.map(refresh));
      // A server that does not answer, or a sign-in that ended, is asked less and less often.
      pause = outcomes.every((each) => each.status === "fulfilled") ? PAUSE : Math.min(pause * 2, MOST_PAUSE);
    }
    setTimeout(turn, pause);
  }

  setTimeout(turn, PAUSE / 4);
})();
