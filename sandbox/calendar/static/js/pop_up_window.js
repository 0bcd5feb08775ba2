/** Browser windows opened from the page: sign-in pages, links of cards. */

const WIDTH = 520; // what Google's own consent window measures, near enough
const HEIGHT = 680;
const LOOK_EVERY_MS = 250; // a closed window sends no event to its opener

/**
 * Opens a pop-up. Must run inside a click, or the browser blocks it.
 *
 * @param {string} url
 * @param {() => void} [onClosed] called once, after the person or the page closed it
 * @returns {boolean} whether a window opened
 */
export function openPopUp(url, onClosed = () => {}) {
  const left = window.screenX + Math.max(0, (window.outerWidth - WIDTH) / 2);
  const top = window.screenY + Math.max(0, (window.outerHeight - HEIGHT) / 2);
  const popUp = window.open(
    url,
    '_blank',
    `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`,
  );
  if (!popUp) return false;
  const timer = setInterval(() => {
    if (!popUp.closed) return;
    clearInterval(timer);
    onClosed();
  }, LOOK_EVERY_MS);
  return true;
}

export const openTab = (url) => window.open(url, '_blank', 'noopener');
