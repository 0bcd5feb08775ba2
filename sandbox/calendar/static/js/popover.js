/** Dialogs, bubbles and menus: placing, focus, Escape and clicks outside. */

import { el } from './dom.js';

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), ' +
  'textarea:not([disabled]), [tabindex="0"]';
const MARGIN = 8; // CSS pixels between a pop-over and its anchor or the window's edge
const open = [];
let closingEvent = null;

/** The element a panel points at; events are drawn anew, and then it is the new one. */
function present(anchor) {
  if (anchor.isConnected || !anchor.dataset?.key) return anchor;
  return document.querySelector(`[data-key="${CSS.escape(anchor.dataset.key)}"]`) ?? anchor;
}

function place(panel, anchor, side) {
  const target = present(anchor);
  if (!target.isConnected) return;
  const box = panel.getBoundingClientRect();
  const around = target.getBoundingClientRect();
  const height = document.documentElement.clientHeight;
  // Beside an event there is the calendar's own area; the add-on's panel stays free.
  const width =
    side === 'beside'
      ? document.getElementById('main').getBoundingClientRect().right
      : document.documentElement.clientWidth;
  let left;
  let top;
  if (side === 'below') {
    left = around.left;
    top = around.bottom + 4;
    if (top + box.height > height - MARGIN) top = Math.max(MARGIN, around.top - box.height - 4);
  } else {
    left = around.right + MARGIN;
    if (left + box.width > width - MARGIN) left = around.left - box.width - MARGIN;
    top = around.top - 24;
  }
  panel.style.left = `${Math.max(MARGIN, Math.min(left, width - box.width - MARGIN))}px`;
  panel.style.top = `${Math.max(MARGIN, Math.min(top, height - box.height - MARGIN))}px`;
}

/**
 * Shows `content` in a floating panel.
 *
 * @param {Object} options
 * @param {Node} options.content
 * @param {Element} [options.anchor] what it points at; centred and modal without one
 * @param {'beside'|'below'} [options.side]
 * @param {string} [options.label] accessible name
 * @param {string} [options.role]
 * @param {string} [options.className]
 * @param {() => void} [options.onClose]
 * @param {string} [options.focus] selector of what gets the focus first
 * @returns {{panel: HTMLElement, close: () => void, replace: () => void}}
 */
export function showPopover({
  content,
  anchor = null,
  side = 'beside',
  label = '',
  role = 'dialog',
  className = '',
  onClose = () => {},
  focus = null,
}) {
  const before = document.activeElement;
  const panel = el(
    'div',
    { class: `popover ${className}`, role, 'aria-label': label, tabindex: '-1' },
    content,
  );
  if (!anchor && role === 'dialog') panel.setAttribute('aria-modal', 'true');
  const backdrop = anchor ? null : el('div', { class: 'backdrop' });
  const root = document.getElementById('floating');
  if (backdrop) root.append(backdrop);
  root.append(panel);

  const reposition = () => anchor && place(panel, anchor, side);
  if (!anchor) panel.classList.add('popover-centred');
  reposition();

  let closed = false;
  function close() {
    if (closed) return;
    closed = true;
    open.splice(open.indexOf(entry), 1);
    document.removeEventListener('pointerdown', outside, true);
    layout.disconnect();
    panel.remove();
    backdrop?.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
    onClose();
  }
  function outside(event) {
    // A menu opened from inside this panel is a panel of its own, later in the list.
    const later = open.slice(open.indexOf(entry));
    if (later.some((other) => other.panel.contains(event.target))) return;
    if (event.target.closest?.('[data-keeps-popovers]')) return;
    closingEvent = event;
    close();
  }
  const entry = { panel, close };
  open.push(entry);
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') keepFocusInside(panel, event);
  });
  document.addEventListener('pointerdown', outside, true);
  const layout = new ResizeObserver(() => reposition());
  layout.observe(document.getElementById('main'));
  layout.observe(panel);
  ((focus && panel.querySelector(focus)) || panel.querySelector(FOCUSABLE) || panel).focus({
    preventScroll: true,
  });
  return { panel, close, reposition };
}

function keepFocusInside(panel, event) {
  const stops = [...panel.querySelectorAll(FOCUSABLE)].filter((stop) => stop.offsetParent);
  if (!stops.length) return;
  const first = stops[0];
  const last = stops[stops.length - 1];
  if (event.shiftKey && document.activeElement === first) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}

export function closePopovers() {
  for (const entry of [...open].reverse()) entry.close();
}

/** Whether this pointer press already served to close something, and should do nothing more. */
export const closedAPopover = (event) => event === closingEvent;

/**
 * A drop-down menu.
 *
 * @param {Element} anchor
 * @param {Array<{label: string, detail?: string, picture?: Node, checked?: boolean,
 *     choose: () => void}>} items
 * @param {string} label accessible name
 */
export function showMenu(anchor, items, label) {
  const list = el('div', { class: 'menu-items' });
  const menu = showPopover({
    content: list,
    anchor,
    side: 'below',
    label,
    role: 'menu',
    className: 'menu',
  });
  for (const item of items) {
    list.append(
      el(
        'button',
        {
          type: 'button',
          class: 'menu-item',
          role: item.checked === undefined ? 'menuitem' : 'menuitemradio',
          'aria-checked': item.checked === undefined ? null : String(item.checked),
          on: {
            click: () => {
              menu.close();
              item.choose();
            },
          },
        },
        item.picture,
        el(
          'span',
          { class: 'menu-text' },
          el('span', { text: item.label }),
          item.detail && el('span', { class: 'menu-detail', text: item.detail }),
        ),
      ),
    );
  }
  menu.reposition();
  list.firstElementChild?.focus();
  list.addEventListener('keydown', (event) => {
    const entries = [...list.children];
    const at = entries.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    entries[(at + step + entries.length) % entries.length].focus();
  });
  return menu;
}

/**
 * Asks a question and answers with the chosen value, or `null` when closed.
 *
 * @param {{title: string, body?: Node, choices: Array<{label: string, value: *, kind?: string}>}}
 *     question
 * @returns {Promise<*>}
 */
export function ask({ title, body = null, choices }) {
  return new Promise((resolve) => {
    let answer = null;
    const actions = el('div', { class: 'dialog-actions' });
    const box = el('div', { class: 'ask' }, el('h2', { text: title }), body, actions);
    const dialog = showPopover({ content: box, label: title, onClose: () => resolve(answer) });
    for (const choice of choices) {
      actions.append(
        el('button', {
          type: 'button',
          class: `button button-${choice.kind ?? 'plain'}`,
          text: choice.label,
          on: {
            click: () => {
              answer = typeof choice.value === 'function' ? choice.value() : choice.value;
              dialog.close();
            },
          },
        }),
      );
    }
    actions.lastElementChild.focus();
  });
}
