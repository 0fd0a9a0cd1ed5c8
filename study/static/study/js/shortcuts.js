// Single-key shortcuts, off until the volunteer switches them on: who speaks to the computer, or brushes a key,
// must not answer by accident. What was chosen is remembered on this device.

const STORED = "earsight-shortcuts";

function remembered() {
  try {
    return localStorage.getItem(STORED) === "on";
  } catch {
    return false;
  }
}

function remember(isOn) {
  try {
    localStorage.setItem(STORED, isOn ? "on" : "off");
  } catch {
    // A full or forbidden storage only means that the next visit asks again.
  }
}

const isTyping = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range])");

// box: the hidden label with a checkbox; targets: the element that each key presses, by the key in lower case.
export function wireShortcuts(box, targets) {
  const elements = new Map(Object.entries(targets).filter(([, element]) => element));
  const checkbox = box.querySelector("input");
  const announce = () => {
    elements.forEach((element) => element.removeAttribute("aria-keyshortcuts"));
    if (!checkbox.checked) return;
    elements.forEach((element, key) => {
      const others = element.getAttribute("aria-keyshortcuts");
      element.setAttribute("aria-keyshortcuts", others ? `${others} ${key.toUpperCase()}` : key.toUpperCase());
    });
  };
  checkbox.checked = remembered();
  box.hidden = false;
  document.addEventListener("keydown", () => { box.dataset.keyboard = ""; }, { once: true });
  announce();
  checkbox.addEventListener("change", () => {
    remember(checkbox.checked);
    announce();
  });
  document.addEventListener("keydown", (event) => {
    if (!checkbox.checked || event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    const element = elements.get(event.key.toLowerCase());
    if (!element?.offsetParent) return; // nothing to press, or not on the page now
    event.preventDefault();
    element.focus();
    element.click();
  });
}
