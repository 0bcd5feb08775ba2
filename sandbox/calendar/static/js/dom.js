/**
 * Building and clearing elements. Text always goes in as text nodes, so that nothing an event or a
 * card contains can become markup; the one exception, `cleanedHtml`, names what it trusts.
 */

const SVG = 'http://www.w3.org/2000/svg';
const SPRITE = '/page/static/icons/sprite.svg';

/**
 * Makes an element.
 *
 * @param {string} tag
 * @param {Object} attributes `class`, `text`, `on` (map of listeners), `data` (map of data-*),
 *     properties that exist on the element, and plain attributes for everything else.
 *     `null`, `undefined` and `false` attributes are left out.
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'text') element.textContent = value;
    else if (name === 'on') {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    } else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'value' || name === 'checked') element[name] = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** One icon of the sprite, decorative: the control around it carries the label. */
export function icon(name, className = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `icon ${className}`.trim());
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/** A button that shows only an icon; its label is read aloud and shown on hover. */
export function iconButton(name, label, onClick, attributes = {}) {
  const { class: extra = '', ...rest } = attributes;
  return el(
    'button',
    {
      type: 'button',
      class: `icon-button ${extra}`.trim(),
      'aria-label': label,
      title: label,
      on: { click: onClick },
      ...rest,
    },
    icon(name),
  );
}

/** A text button. `kind` is one of `filled`, `tonal`, `outlined`, `plain`. */
export function button(label, onClick, { kind = 'plain', ...attributes } = {}) {
  return el('button', {
    type: 'button',
    ...attributes,
    class: `button button-${kind} ${attributes.class ?? ''}`.trim(),
    text: label,
    on: { click: onClick },
  });
}

export function spinner(label) {
  return el(
    'div',
    { class: 'spinner-row', role: 'status' },
    el('span', { class: 'spinner', 'aria-hidden': 'true' }),
    el('span', { text: label }),
  );
}

/** HTML the server has already cleaned (event descriptions, card text). */
export function cleanedHtml(html, className) {
  const element = el('div', { class: className });
  element.innerHTML = html;
  for (const link of element.querySelectorAll('a[href]')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  return element;
}

let lastId = 0;

/** A fresh id, to tie a label to its control. */
export function freshId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}
