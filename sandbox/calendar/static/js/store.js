/** What the page knows: who is signed in, which days are shown, and the events on them. */

import { api } from './api.js';
import { DAY, dateText, parseWall, plus, startOfDay, startOfWeek } from './wall_time.js';

const LOOK_EVERY_MS = 4000; // changes made elsewhere (Livestorm, a guest) show up about as fast as at Google

export class Store extends EventTarget {
  /** @param {Object} state the answer of `/page/api/state` */
  constructor(state) {
    super();
    this.account = state.account;
    this.accounts = state.accounts;
    this.calendars = state.calendars;
    this.zone = state.zone;
    this.addOn = state.addOn;
    this.zoneOffsetMs = state.zoneOffsetMs;
    this.events = [];
    this.hiddenCalendars = new Set();
    this.view = 'week';
    this.day = startOfDay(parseWall(state.now));
    this.ahead = parseWall(state.now).getTime() - Date.now(); // zone and simulator's clock in one
    this.seen = '';
  }

  /** The current wall time of the calendar's zone, by the simulator's clock. */
  now() {
    return new Date(Date.now() + this.ahead);
  }

  days() {
    if (this.view === 'day') return [this.day];
    const first = startOfWeek(this.day);
    return Array.from({ length: 7 }, (_, index) => plus(first, index * DAY));
  }

  show(day, view = this.view) {
    this.day = startOfDay(day);
    this.view = view;
    this.dispatchEvent(new Event('days'));
    return this.refresh();
  }

  step(direction) {
    return this.show(plus(this.day, direction * (this.view === 'day' ? 1 : 7) * DAY));
  }

  /**
   * Reads the shown days again; listeners hear `events` only when something differs.
   *
   * Never rejects: whoever turns a page or has saved something has no use for that. When it fails,
   * listeners hear `unread` with the reason, and `keepFresh` reads again soon.
   */
  async refresh() {
    const from = dateText(this.days()[0]);
    try {
      await this.read();
    } catch (failure) {
      if (dateText(this.days()[0]) !== from) return; // the person moved on meanwhile
      this.dispatchEvent(new CustomEvent('unread', { detail: failure }));
    }
  }

  async read() {
    const days = this.days();
    const from = dateText(days[0]);
    const answer = await api.events(from, dateText(plus(days[days.length - 1], DAY)));
    if (dateText(this.days()[0]) !== from) return; // the person moved on meanwhile
    this.ahead = parseWall(answer.now).getTime() - Date.now();
    const seen = JSON.stringify([from, this.view, answer.events]);
    if (seen === this.seen) return;
    this.seen = seen;
    this.events = answer.events;
    this.dispatchEvent(new Event('events'));
  }

  visibleEvents() {
    return this.events.filter((event) => !this.hiddenCalendars.has(event.calendarId));
  }

  toggleCalendar(calendarId) {
    if (!this.hiddenCalendars.delete(calendarId)) this.hiddenCalendars.add(calendarId);
    this.dispatchEvent(new Event('events'));
  }

  calendar(calendarId) {
    return this.calendars.find((calendar) => calendar.id === calendarId) ?? this.calendars[0];
  }

  /** Keeps looking for changes while the page is visible. */
  keepFresh() {
    setInterval(() => {
      if (document.visibilityState === 'visible') this.read().catch(() => {}); // the next one may do
    }, LOOK_EVERY_MS);
  }
}
