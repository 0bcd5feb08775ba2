/** Where events go in a day's column: pure arithmetic, no elements. */

import { DAY, dateText, minutesOfDay, parseWall, plus } from './wall_time.js';

const SHORTEST_SHOWN = 30; // minutes: anything shorter could not hold its own title

/** The part of each timed event that falls on `day`, in minutes of that day. */
export function piecesOn(day, events) {
  const next = plus(day, DAY);
  return events
    .filter((event) => !event.allDay)
    .map((event) => ({ event, start: parseWall(event.start), end: parseWall(event.end) }))
    .filter(({ start, end }) => start < next && (end > day || (start >= day && +start === +end)))
    .map(({ event, start, end }) => {
      const from = start < day ? 0 : minutesOfDay(start);
      const until = end >= next ? 24 * 60 : minutesOfDay(end);
      return { event, from, until: Math.max(until, Math.min(from + SHORTEST_SHOWN, 24 * 60)) };
    })
    .sort((a, b) => a.from - b.from || b.until - a.until);
}

/**
 * Gives each piece a column so that pieces at the same time stand side by side.
 *
 * @returns {Array<{event: Object, from: number, until: number, column: number, columns: number}>}
 */
export function columnsFor(pieces) {
  const placed = [];
  let group = [];
  let groupEnd = -1;
  const finish = () => {
    const columns = Math.max(0, ...group.map((piece) => piece.column)) + 1;
    for (const piece of group) placed.push({ ...piece, columns });
    group = [];
  };
  for (const piece of pieces) {
    if (piece.from >= groupEnd) finish();
    const busy = new Set(
      group.filter((other) => other.until > piece.from).map((other) => other.column),
    );
    let column = 0;
    while (busy.has(column)) column += 1;
    group.push({ ...piece, column });
    groupEnd = Math.max(group.length === 1 ? piece.until : groupEnd, piece.until);
  }
  finish();
  return placed;
}

/** All-day events of the shown days, as rows of bars: `{event, first, last, row}` (day indexes). */
export function allDayBars(days, events) {
  const rows = [];
  const bars = [];
  const shown = events
    .filter((event) => event.allDay)
    .sort((a, b) => a.start.localeCompare(b.start) || a.title.localeCompare(b.title));
  for (const event of shown) {
    const covered = days
      .map((day, index) => ({ text: dateText(day), index }))
      .filter(({ text }) => text >= event.start.slice(0, 10) && text < event.end.slice(0, 10));
    if (!covered.length) continue;
    const first = covered[0].index;
    const last = covered[covered.length - 1].index;
    let row = rows.findIndex((end) => end < first);
    if (row < 0) row = rows.push(-1) - 1;
    rows[row] = last;
    bars.push({ event, first, last, row });
  }
  return bars;
}
