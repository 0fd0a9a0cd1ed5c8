// One melody sounds at a time. The page works without this file.
document.addEventListener("play", (event) => {
  document.querySelectorAll("audio").forEach((other) => {
    if (other !== event.target) other.pause();
  });
}, true);
