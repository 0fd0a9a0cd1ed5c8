// Hear your own picture: the form, the wait, the music with its moving roll. Every page works without this file.

import { Player, wireVolume } from "./sound.js";
import { LANGUAGE } from "./words.js";

const SECONDS_PER_STEP = 0.125;
const UNITS_PER_STEP = 10;
const ASK_AGAIN_MS = [500, 700, 1000, 1000, 1500, 2000];
const AFTER_A_LOSS_MS = 4000;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// A page begins at its heading, or at what is wrong with what was sent.
document.querySelector("[data-focus], h1")?.focus({ preventScroll: true });

wireForm(document.querySelector("[data-send]"));
followProgress(document.querySelector("[data-progress]"));
wireMusic(document.querySelector("[data-heard]"));
wireVolume(document.querySelector("[data-volume]"));

// The chosen picture is shown before it leaves, and one that is too large is not sent at all.
function wireForm(form) {
  if (!form) return;
  const input = form.elements.picture;
  const error = form.querySelector("[data-picture-error]");
  const chosen = form.querySelector("[data-chosen]");
  const refuse = (sentence) => {
    error.textContent = sentence;
    error.hidden = !sentence;
    input.setAttribute("aria-invalid", String(Boolean(sentence)));
  };
  input.addEventListener("change", () => {
    const file = input.files[0];
    URL.revokeObjectURL(chosen.src);
    chosen.hidden = true;
    refuse(file && file.size > Number(form.dataset.most) ? form.dataset.tooLarge : "");
    if (file) chosen.src = URL.createObjectURL(file);
  });
  chosen.addEventListener("load", () => { chosen.hidden = false; });
  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (form.dataset.sent) event.preventDefault();
    else if (file && file.size > Number(form.dataset.most)) {
      event.preventDefault();
      refuse(form.dataset.tooLarge);
      input.focus();
    } else {
      form.dataset.sent = "yes";
      form.querySelector("[data-send-state]").textContent = form.dataset.sending;
      form.querySelector("[data-send-button]").textContent = form.dataset.sending;
    }
  });
  const word = form.querySelector("[data-send-button]").textContent;
  addEventListener("pageshow", () => { // also by Back
    delete form.dataset.sent;
    form.querySelector("[data-send-button]").textContent = word;
  });
}

// Asks how far the picture is until it has ended, then shows the page that says so.
async function followProgress(box) {
  if (!box) return;
  const words = box.querySelector("[data-words]");
  const bar = box.querySelector("[data-bar]");
  const lost = box.querySelector("[data-lost]");
  box.querySelector("[data-only-plain]").hidden = true;
  for (let round = 0; ; round += 1) {
    await wait(ASK_AGAIN_MS[Math.min(round, ASK_AGAIN_MS.length - 1)]);
    try {
      const answer = await fetch(box.dataset.progress, { credentials: "same-origin", headers: LANGUAGE });
      if (answer.status >= 500) throw new Error("later");
      const told = answer.ok ? await answer.json() : { active: false };
      lost.hidden = true;
      if (!told.active) break;
      bar.value = told.step;
      if (words.textContent !== told.words) words.textContent = told.words; // said once, not every second
    } catch {
      lost.hidden = false;
      await wait(AFTER_A_LOSS_MS);
    }
  }
  location.reload();
}

// The line moves with the music and the note that sounds is lit; with less motion only the notes are.
function wireMusic(section) {
  if (!section) return;
  const player = new Player(section.querySelector("[data-player]"));
  const audio = player.audio;
  const box = section.querySelector("[data-piano-roll]");
  const head = box.querySelector("[data-playhead]");
  const bars = [...box.querySelectorAll("rect")].map((rect) => {
    const x = rect.x.baseVal.value;
    return { rect, from: x, to: x + rect.width.baseVal.value };
  });
  const width = box.querySelector("svg").viewBox.baseVal.width;
  let frame = 0;
  const keepInView = (share) => { // a long melody turns its page
    const place = share * box.scrollWidth;
    const seen = place >= box.scrollLeft && place <= box.scrollLeft + 0.9 * box.clientWidth;
    if (!seen && box.scrollWidth > box.clientWidth) box.scrollLeft = place - 0.1 * box.clientWidth;
  };
  const draw = () => {
    const now = Math.min((audio.currentTime / SECONDS_PER_STEP) * UNITS_PER_STEP, width);
    head.setAttribute("transform", `translate(${now.toFixed(1)} 0)`);
    bars.forEach((bar) => bar.rect.classList.toggle("lit", sounds(bar, now)));
    keepInView(now / width);
    frame = audio.paused ? 0 : requestAnimationFrame(draw);
  };
  const sounds = (bar, now) => !audio.ended && audio.currentTime > 0 && bar.from <= now && now < bar.to;
  const start = () => { frame ||= requestAnimationFrame(draw); };
  audio.addEventListener("playing", start);
  audio.addEventListener("seeked", start);
  audio.addEventListener("ended", start);
}
