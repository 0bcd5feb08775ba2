/** The page's own server: one function per request, JSON in and out. */

/** A refusal of the page's server; `message` is its text, `status` its HTTP status. */
export class PageApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
  });
  const text = await response.text();
  if (!response.ok) {
    let message = text;
    try {
      message = JSON.parse(text).error ?? text;
    } catch {
      // Not JSON: the text itself is all there is to show.
    }
    throw new PageApiError(response.status, message);
  }
  return text ? JSON.parse(text) : null;
}

const eventPath = (calendarId, eventId) =>
  `/page/api/calendars/${encodeURIComponent(calendarId)}/events/${encodeURIComponent(eventId)}`;

export const api = {
  state: () => call('GET', '/page/api/state'),
  catalogue: (language) => call('GET', `/page/static/i18n/${language}.json`),
  chooseAccount: (email) => call('PUT', '/page/api/account', { email }),
  chooseLanguage: (language) => call('PUT', '/page/api/language', { language }),
  /** Events that touch the days from `from` to before `to` (YYYY-MM-DD, page's zone). */
  events: (from, to) => call('GET', `/page/api/events?from=${from}&to=${to}`),
  event: (calendarId, eventId) => call('GET', eventPath(calendarId, eventId)),
  /** An id for an event that does not exist yet, as Calendar reserves one for a conference. */
  reserveEventId: () => call('POST', '/page/api/event-ids', {}),
  createEvent: (calendarId, form) =>
    call('POST', `/page/api/calendars/${encodeURIComponent(calendarId)}/events`, form),
  changeEvent: (calendarId, eventId, form) => call('PATCH', eventPath(calendarId, eventId), form),
  deleteEvent: (calendarId, eventId) => call('DELETE', eventPath(calendarId, eventId)),
  duplicateEvent: (calendarId, eventId) =>
    call('POST', `${eventPath(calendarId, eventId)}/duplicate`, {}),
  /** Answers an invitation, which lies on the person's own calendar. */
  answer: (eventId, answer) =>
    call('PUT', `/page/api/answers/${encodeURIComponent(eventId)}`, { answer }),
  controls: () => call('GET', '/page/api/controls'),
  setControl: (name, value) =>
    call('PUT', `/page/api/controls/${encodeURIComponent(name)}`, { value }),
  resetControls: () => call('DELETE', '/page/api/controls'),
};
