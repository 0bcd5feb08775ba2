/** Date and time of an event being written: start, end, all-day, repeat. */

import { dayControl, timeControl } from './date_controls.js';
import { el, freshId } from './dom.js';
import { t } from './i18n.js';
import {
  DAY,
  dateText,
  parseWall,
  plus,
  sameDay,
  timeText,
  wallText,
  weekdayName,
} from './wall_time.js';

/**
 * @param {import('./draft.js').Draft} draft
 * @param {{today: () => Date, compact?: boolean}} options compact leaves out an end date that says
 *     nothing new
 */
export function timeField(draft, { today, compact = false }) {
  const ids = freshId('when');
  const start = () => parseWall(draft.start);
  const end = () => parseWall(draft.end);
  const startDay = dayControl(t('time.start_date'), 'start-date', {
    today,
    pick: (day) => draft.moveStart(`${day}T${timeText(start())}`),
  });
  const startTime = timeControl(t('time.start_time'), 'start-time', (time) =>
    draft.moveStart(`${dateText(start())}T${time}`),
  );
  const endTime = timeControl(t('time.end_time'), 'end-time', (time) =>
    draft.moveEnd(`${dateText(end())}T${time}`),
  );
  const endDay = dayControl(t('time.end_date'), 'end-date', {
    today,
    pick: (day) =>
      draft.allDay
        ? draft.moveEnd(wallText(plus(parseWall(day), DAY)))
        : draft.moveEnd(`${day}T${timeText(end())}`),
  });
  const allDay = el('input', {
    id: `${ids}-all-day`,
    type: 'checkbox',
    on: { change: (event) => draft.setAllDay(event.target.checked) },
  });
  const repeat = el('select', {
    class: 'field',
    'aria-label': t('repeat.label'),
    on: { change: (event) => draft.set({ repeat: event.target.value }) },
  });
  function draw() {
    const last = draft.allDay ? plus(end(), -DAY) : end();
    startDay.show(start());
    startTime.show(start());
    endTime.show(end(), start());
    endDay.show(last);
    startTime.element.hidden = draft.allDay;
    endTime.element.hidden = draft.allDay;
    endDay.element.hidden = compact && !draft.allDay && sameDay(start(), last);
    allDay.checked = draft.allDay;
    const choices = ['none', 'daily', 'weekly', ...(draft.repeat === 'other' ? ['other'] : [])];
    repeat.replaceChildren(
      ...choices.map((choice) => {
        const text =
          choice === 'weekly'
            ? t('repeat.weekly_on', { day: weekdayName(parseWall(draft.start)) })
            : t(`repeat.${choice}`);
        return el('option', { value: choice, text });
      }),
    );
    repeat.value = draft.repeat;
    // One occurrence of a series has no rule of its own to change.
    repeat.disabled = Boolean(draft.seriesId);
  }
  draft.addEventListener('change', draw);
  draw();
  return el(
    'div',
    { class: 'time-field' },
    el(
      'div',
      { class: 'time-row' },
      startDay.element,
      startTime.element,
      el('span', { class: 'faint', text: t('time.to') }),
      endTime.element,
      endDay.element,
    ),
    el(
      'div',
      { class: 'time-row' },
      el(
        'label',
        { class: 'check', for: `${ids}-all-day` },
        allDay,
        el('span', { text: t('time.all_day') }),
      ),
      repeat,
    ),
  );
}
