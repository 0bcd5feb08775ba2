/** Short messages at the bottom of the window, read aloud by screen readers. */

const SHOWN_MS = 6000; // long enough to read a sentence twice

let timer = null;

export function notify(text) {
  const bar = document.getElementById('snackbar');
  bar.textContent = text;
  bar.classList.add('shown');
  clearTimeout(timer);
  timer = setTimeout(() => bar.classList.remove('shown'), SHOWN_MS);
}
