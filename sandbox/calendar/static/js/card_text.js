/**
 * The little HTML that card text may hold (`b i u s font a time br`), copied element by element:
 * whatever else the text contains comes through as text.
 */

const ALLOWED = new Set(['B', 'I', 'U', 'S', 'STRONG', 'EM', 'STRIKE', 'FONT', 'A', 'TIME', 'BR']);
const SAFE_LINK = /^(https?:|mailto:|tel:)/i;
const COLOR = /^#[0-9a-f]{6}$/i;

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      const lines = node.data.split('\n');
      lines.forEach((line, index) => {
        if (index) to.append(document.createElement('br'));
        to.append(line);
      });
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      if (!ALLOWED.has(node.tagName)) copy(node, to);
      else to.append(copyElement(node));
    }
  }
}

function copyElement(node) {
  if (node.tagName === 'FONT') {
    const span = document.createElement('span');
    const color = node.getAttribute('color') ?? '';
    if (COLOR.test(color)) span.style.color = color;
    copy(node, span);
    return span;
  }
  const element = document.createElement(node.tagName);
  if (node.tagName === 'A' && SAFE_LINK.test(node.getAttribute('href') ?? '')) {
    element.href = node.getAttribute('href');
    element.target = '_blank';
    element.rel = 'noopener noreferrer';
  }
  copy(node, element);
  return element;
}

/** @returns {HTMLElement} a span with the text and its allowed marks */
export function cardText(html, className = '') {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const span = document.createElement('span');
  span.className = className;
  copy(parsed.body, span);
  return span;
}
