// What every page of a visit has: the personal link to copy, the warning before the end, and the personal code that
// a link carries behind its "#", where no server and no log sees it.

import { wireCopying } from "./copy.js";
import { wireDeadline } from "./deadline.js";
import { standBy } from "./standby.js";

function takeCode(field) {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !code) return;
  field.value = code;
  history.replaceState(null, "", location.pathname); // gone from the address bar and from the history
}

takeCode(document.querySelector("[data-code]"));
wireCopying();
wireDeadline();
standBy(document.body.dataset);
