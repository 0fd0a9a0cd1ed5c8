// A sound of the headphone check is answered after it was heard to its end: the page asks for that before it sends the
// form. A sound that does not load is let pass. Without this file nobody is asked, and the log tells of no listen.

import { say } from "./words.js";

// form: the one to be answered, with the data-heard of an earlier load; player: of its sound.
export function wireHearFirst(form, player) {
  if (!form || !player) return;
  const box = form.querySelector("[data-listen-error]");
  const title = document.title.replace(`${say("error")} `, "");
  const show = (isMissing) => {
    box.hidden = !isMissing;
    document.title = isMissing ? `${say("error")} ${title}` : title;
    if (isMissing) box.focus();
  };
  form.addEventListener("submit", (event) => {
    if (player.plays || player.failures || "heard" in form.dataset) return;
    event.preventDefault();
    show(true);
  });
  player.addEventListener("heard", ({ detail }) => detail.kind === "ended" && !box.hidden && show(false));
  box.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    player.button.focus();
  });
}
