/** Date and time of an event being written: start, end, all-day, repeat. */

import { el, freshId } from './dom.js';
import { t } from './i18n.js';
import { DAY, dateText, parseWall, plus, timeText, wallText, weekdayName } from './wall_time.js';

/**
 * @param {import('./draft.js').Draft} draft
 * @param {{compact?: boolean}} [options] compact leaves out an end date that says nothing new
 */
export function timeField(draft, { compact = false } = {}) {
  const ids = freshId('when');
  const field = (name, type, label, onChange) =>
    el('input', {
      id: `${ids}-${name}`,
      type,
      class: 'field',
      'aria-label': label,
      data: { field: name },
      on: {
        change: (event) => {
          if (event.target.value) onChange(event.target.value);
          else draw();
        },
      },
    });
  const startDay = field('start-date', 'date', t('time.start_date'), (value) =>
    draft.moveStart(`${value}T${timeText(parseWall(draft.start))}`),
  );
  const startTime = field('start-time', 'time', t('time.start_time'), (value) =>
    draft.moveStart(`${dateText(parseWall(draft.start))}T${value}`),
  );
  const endTime = field('end-time', 'time', t('time.end_time'), (value) =>
    draft.moveEnd(`${dateText(parseWall(draft.end))}T${value}`),
  );
  const endDay = field('end-date', 'date', t('time.end_date'), (value) =>
    draft.allDay
      ? draft.moveEnd(wallText(plus(parseWall(value), DAY)))
      : draft.moveEnd(`${value}T${timeText(parseWall(draft.end))}`),
  );
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
    const end = parseWall(draft.end);
    startDay.value = dateText(parseWall(draft.start));
    startTime.value = timeText(parseWall(draft.start));
    endTime.value = timeText(end);
    endDay.value = dateText(draft.allDay ? plus(end, -DAY) : end);
    startTime.hidden = draft.allDay;
    endTime.hidden = draft.allDay;
    endDay.hidden = compact && !draft.allDay && startDay.value === endDay.value;
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
      startDay,
      startTime,
      el('span', { class: 'faint', text: t('time.to') }),
      endTime,
      endDay,
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
