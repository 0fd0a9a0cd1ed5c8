// Buttons that copy what stands in a field: data-copy names the field, data-copied is said afterwards.

export function wireCopying() {
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const source = document.getElementById(button.dataset.copy);
    const word = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      source.select();
      try {
        await navigator.clipboard.writeText(source.value);
      } catch {
        document.execCommand("copy"); // plain http has no clipboard API
      }
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = word; }, 2000);
    });
  });
}
