/** An event being written: what the quick dialog and the full editor both edit. */

import { api } from './api.js';
import { DAY, HOUR, dateText, parseWall, plus, startOfDay, wallText } from './wall_time.js';

const COPIED = [
  'title',
  'allDay',
  'start',
  'end',
  'repeat',
  'description',
  'guestsCanInviteOthers',
  'guestsCanSeeOtherGuests',
];

/**
 * Emits `change` whenever a field shown elsewhere may have changed, `title` while the title is
 * typed, and `saving` to let fields hand in what is typed but not taken yet.
 */
export class Draft extends EventTarget {
  constructor(fields) {
    super();
    Object.assign(this, fields);
    /** `none`, `creating`, `attached`, `sign-in` or `failed`; with what that state shows. */
    this.conferencing = fields.conference
      ? { state: 'attached', conference: fields.conference }
      : { state: 'none' };
    this.conferenceChanged = false;
    this.before = JSON.stringify(this.ownForm());
  }

  static forSlot(calendarId, start, end, allDay) {
    return new Draft({
      isNew: true,
      calendarId,
      id: null,
      title: '',
      allDay,
      start: wallText(start),
      end: wallText(end),
      repeat: 'none',
      description: '',
      guests: [],
      guestsCanInviteOthers: true,
      guestsCanSeeOtherGuests: true,
      conference: null,
    });
  }

  static forEvent(event) {
    return new Draft({
      ...structuredClone(event),
      isNew: false,
      conference: event.conference,
    });
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  set(fields) {
    Object.assign(this, fields);
    this.changed();
  }

  /** Moves the start and keeps the duration, as Calendar does. */
  moveStart(text) {
    const length = parseWall(this.end).getTime() - parseWall(this.start).getTime();
    this.set({ start: text, end: wallText(plus(parseWall(text), length)) });
  }

  /** Sets the end; one before the start is taken to be on the same day, an hour later. */
  moveEnd(text) {
    const start = parseWall(this.start);
    const end = parseWall(text);
    this.set({ end: wallText(end > start ? end : plus(start, this.allDay ? DAY : HOUR)) });
  }

  /** All-day events start and end at midnight; the end is the day after the last. */
  setAllDay(allDay) {
    const start = parseWall(this.start);
    if (allDay) {
      const first = startOfDay(start);
      const lastDay = startOfDay(plus(parseWall(this.end), -1));
      this.set({
        allDay,
        start: wallText(first),
        end: wallText(plus(lastDay < first ? first : lastDay, DAY)),
      });
    } else {
      const morning = plus(startOfDay(start), 9 * HOUR);
      this.set({ allDay, start: wallText(morning), end: wallText(plus(morning, HOUR)) });
    }
  }

  addGuest(email) {
    if (this.guests.some((guest) => guest.email === email)) return;
    this.set({ guests: [...this.guests, { email, answer: 'needsAction' }] });
  }

  removeGuest(email) {
    this.set({ guests: this.guests.filter((guest) => guest.email !== email) });
  }

  /** The event's id, reserving one when the event is not saved yet. */
  async reservedId() {
    if (!this.id) this.id = (await api.reserveEventId()).id;
    return this.id;
  }

  setConferencing(conferencing) {
    this.conferencing = conferencing;
    this.conferenceChanged = true;
    this.changed();
  }

  ownForm() {
    const form = Object.fromEntries(COPIED.map((name) => [name, this[name]]));
    if (this.allDay) {
      form.start = dateText(parseWall(this.start));
      form.end = dateText(parseWall(this.end));
    }
    form.guests = this.guests.map((guest) => guest.email);
    return form;
  }

  /** Whether the person has changed anything. */
  isDirty() {
    return this.conferenceChanged || JSON.stringify(this.ownForm()) !== this.before;
  }

  /** What is sent to the server: only what changed for an existing event. */
  form() {
    const form = this.ownForm();
    if (!this.isNew) {
      const before = JSON.parse(this.before);
      for (const name of Object.keys(form)) {
        if (JSON.stringify(form[name]) === JSON.stringify(before[name])) delete form[name];
      }
      // A start without its end could not be told from an event that became shorter.
      if ('start' in form || 'end' in form || 'allDay' in form) {
        const { allDay, start, end } = this.ownForm();
        Object.assign(form, { allDay, start, end });
      }
    } else if (this.id) form.id = this.id;
    if (this.conferenceChanged) {
      form.conference =
        this.conferencing.state === 'attached' ? this.conferencing.conference.choice : null;
    }
    return form;
  }

  /** Saves as a new event, or changes `target` (`event` or the whole `series`). */
  save(target = 'event') {
    if (this.isNew) return api.createEvent(this.calendarId, this.form());
    const id = target === 'series' ? this.seriesId : this.id;
    const originalStart = JSON.parse(this.before).start;
    return api.changeEvent(this.calendarId, id, { ...this.form(), target, originalStart });
  }
}
