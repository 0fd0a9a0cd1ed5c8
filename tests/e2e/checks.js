// What axe-core does not look at, as sentences; an empty list is a page without complaints.
() => {
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const named = (element) => `${element.tagName.toLowerCase()} “${(element.innerText || element.getAttribute("aria-label") || element.id || "").trim().slice(0, 40)}”`;
  const complaints = [];
  const say = (sentence) => complaints.push(sentence);

  const headings = [...document.querySelectorAll("h1")].filter(seen);
  if (headings.length !== 1) say(`${headings.length} visible headings of level 1`);
  if (!document.title.includes(" – ") && !document.title.startsWith("Earsight")) say(`title “${document.title}” without its place`);
  if (document.querySelector("[role=alert]:not([hidden]) li, [data-problem-summary], #choice-error:not([hidden])") && !document.title.startsWith("Error: "))
    say(`a problem is shown, but the title is “${document.title}”`);
  document.querySelectorAll("[tabindex]").forEach((element) => element.tabIndex > 0 && say(`${named(element)} has a tabindex of its own`));

  // A link within a sentence is exempt; everything else to press has room for a thumb.
  const inSentence = (link) => [...link.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && /\w/.test(node.data));
  const pressed = [...document.querySelectorAll("a[href], button, select, summary, textarea, input:not([type=hidden])")];
  pressed.filter((element) => seen(element) && !element.matches(".skip") && !(element.matches("a") && inSentence(element))).forEach((element) => {
    const target = (element.matches("input[type=radio], input[type=checkbox]") && element.labels[0]) || element;
    const { width, height } = target.getBoundingClientRect();
    if (width < 43.5 || height < 43.5) say(`${named(target)} is ${Math.round(width)} × ${Math.round(height)}`);
  });

  const still = document.getAnimations().filter((animation) => animation.playState === "running");
  if (matchMedia("(prefers-reduced-motion: reduce)").matches && still.length) say(`${still.length} things move`);
  return complaints;
}
