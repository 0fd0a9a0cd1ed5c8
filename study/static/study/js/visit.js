// What every page of a visit has: the personal link to copy, the warning before the end, and the personal code that
// a link carries behind its "#", where no server and no log sees it.

import { wireCopying } from "./copy.js";
import { wireDeadline } from "./deadline.js";
import { standBy } from "./standby.js";

// Somebody may have typed or cut the address: what is no code must not stop the page.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function takeCode(field) {
  if (!field || location.hash.length < 2) return;
  field.value = decoded(location.hash.slice(1));
  history.replaceState(null, "", location.pathname); // gone from the address bar and from the history
}

takeCode(document.querySelector("[data-code]"));
wireCopying();
wireDeadline();
standBy(document.body.dataset);
