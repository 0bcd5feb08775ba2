/**
 * A day and a time of day to choose. Not the browser's own fields: those speak the browser's
 * language, and people switch the language of the page.
 */

import { el } from './dom.js';
import { Month } from './month.js';
import { showPopover } from './popover.js';
import {
  MINUTE,
  dateText,
  minutesOfDay,
  plus,
  shortDateLabel,
  startOfDay,
  timeLabel,
  timeText,
} from './wall_time.js';

const STEP = 15; // minutes between the times offered, as in Calendar

/**
 * A button with a day, which opens a month.
 *
 * @param {string} label accessible name
 * @param {string} name value of `data-field`
 * @param {{today: () => Date, pick: (text: string) => void}} choice
 * @returns {{element: HTMLElement, show: (day: Date) => void}}
 */
export function dayControl(label, name, { today, pick }) {
  let shown = today();
  const open = () => {
    const body = el('div', { class: 'month' });
    const popover = showPopover({
      content: body,
      anchor: element,
      side: 'below',
      label,
      className: 'month-popover',
      focus: '.month-day.shown',
    });
    new Month(body, {
      today,
      marked: () => [shown],
      pick: (day) => {
        popover.close();
        pick(dateText(day));
      },
    });
    popover.reposition();
    body.querySelector('.month-day.shown')?.focus();
  };
  const element = el('button', {
    type: 'button',
    class: 'field day-control',
    'aria-haspopup': 'dialog',
    data: { field: name },
    on: { click: open },
  });
  const show = (day) => {
    shown = day;
    element.textContent = shortDateLabel(day);
    element.setAttribute('aria-label', `${label}: ${shortDateLabel(day)}`);
  };
  return { element, show };
}

/**
 * A list of times of day.
 *
 * @param {string} label accessible name
 * @param {string} name value of `data-field`
 * @param {(text: string) => void} pick called with `HH:MM`
 * @returns {{element: HTMLElement, show: (time: Date, since?: Date) => void}} `since` leaves out
 *     what is not after it on the same day
 */
export function timeControl(label, name, pick) {
  const element = el('select', {
    class: 'field time-control',
    'aria-label': label,
    data: { field: name },
    on: { change: () => pick(element.value) },
  });
  const show = (time, since = null) => {
    const midnight = startOfDay(time);
    const first = since && dateText(since) === dateText(time) ? since : null;
    const offered = new Set([minutesOfDay(time)]);
    for (let minutes = 0; minutes < 24 * 60; minutes += STEP) {
      if (!first || minutes > minutesOfDay(first)) offered.add(minutes);
    }
    const options = [...offered]
      .sort((a, b) => a - b)
      .map((minutes) => plus(midnight, minutes * MINUTE));
    element.replaceChildren(
      ...options.map((option) =>
        el('option', {
          value: timeText(option),
          text: timeLabel(option),
        }),
      ),
    );
    element.value = timeText(time);
  };
  return { element, show };
}
