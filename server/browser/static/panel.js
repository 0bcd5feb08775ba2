// Escape closes the side panel, as it closes every dialog: it follows the panel's own "Close".
document.addEventListener("keydown", (event) => {
  const close = document.querySelector("[data-closes]");
  if (event.key === "Escape" && close) close.click();
});
