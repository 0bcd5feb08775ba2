/**
 * Arithmetic on wall times. The server gives and takes times as `YYYY-MM-DDTHH:MM` in the
 * calendar's own zone, so the browser never converts zones: it holds each wall time in a `Date` as
 * if it were UTC and only ever reads the UTC fields back.
 */

import { localeTag, t } from './i18n.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** @param {string} text `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM` */
export function parseWall(text) {
  return new Date(`${text.length === 10 ? `${text}T00:00` : text.slice(0, 16)}:00Z`);
}

export const wallText = (date) => date.toISOString().slice(0, 16);
export const dateText = (date) => date.toISOString().slice(0, 10);
export const timeText = (date) => date.toISOString().slice(11, 16);
export const plus = (date, milliseconds) => new Date(date.getTime() + milliseconds);
export const startOfDay = (date) => parseWall(dateText(date));
export const sameDay = (a, b) => dateText(a) === dateText(b);

/** The Monday on or before `date`: the seeded calendars are European. */
export function startOfWeek(date) {
  const day = startOfDay(date);
  return plus(day, -((day.getUTCDay() + 6) % 7) * DAY);
}

export function minutesOfDay(date) {
  return date.getUTCHours() * 60 + date.getUTCMinutes();
}

const formats = new Map();

/** Intl formatters are slow to make; one is kept per language and set of options. */
function format(options) {
  const key = `${localeTag()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(localeTag(), { timeZone: 'UTC', ...options }));
  }
  return formats.get(key);
}

const capital = (text) => text.charAt(0).toLocaleUpperCase(localeTag()) + text.slice(1);
const TIME = { hour: 'numeric', minute: '2-digit' };
const LONG_DAY = { weekday: 'long', day: 'numeric', month: 'long' };

export const timeLabel = (date) => format(TIME).format(date);
/** The hour of a grid line: `2 PM`, but `14:00` where clocks have 24 hours. */
export function hourLabel(date) {
  const short = format({ hour: 'numeric' });
  return short.resolvedOptions().hour12 ? short.format(date) : timeLabel(date);
}
export const weekdayLabel = (date) => format({ weekday: 'short' }).format(date);
export const weekdayLetter = (date) => format({ weekday: 'narrow' }).format(date);
export const weekdayName = (date) => format({ weekday: 'long' }).format(date);
export const dayLabel = (date) => capital(format(LONG_DAY).format(date));
export const shortDayLabel = (date) =>
  capital(format({ weekday: 'short', day: 'numeric', month: 'short' }).format(date));
export const shortDateLabel = (date) =>
  capital(format({ day: 'numeric', month: 'short', year: 'numeric' }).format(date));
export const monthLabel = (date) => capital(format({ month: 'long', year: 'numeric' }).format(date));

/** The heading of a range of days: one month, or two when it crosses a month's end. */
export function rangeLabel(first, last) {
  if (dateText(first).slice(0, 7) === dateText(last).slice(0, 7)) return monthLabel(first);
  return capital(format({ month: 'short', year: 'numeric' }).formatRange(first, last));
}

export const timeRangeLabel = (start, end) => format(TIME).formatRange(start, end);

/** When an event takes place, as a sentence part: day and times, or days alone. */
export function eventTimeLabel(event) {
  const start = parseWall(event.start);
  const end = parseWall(event.end);
  if (event.allDay) {
    const last = plus(end, -DAY);
    return sameDay(start, last) || last < start
      ? dayLabel(start)
      : capital(format({ day: 'numeric', month: 'long' }).formatRange(start, last));
  }
  if (sameDay(start, end)) return `${dayLabel(start)} ⋅ ${timeRangeLabel(start, end)}`;
  return t('time.from_to', {
    from: `${shortDayLabel(start)}, ${timeLabel(start)}`,
    to: `${shortDayLabel(end)}, ${timeLabel(end)}`,
  });
}

export function repeatLabel(event) {
  if (event.repeat === 'daily') return t('repeat.daily');
  if (event.repeat === 'weekly') {
    return t('repeat.weekly_on', { day: weekdayName(parseWall(event.start)) });
  }
  return event.repeat === 'other' ? t('repeat.other') : '';
}
