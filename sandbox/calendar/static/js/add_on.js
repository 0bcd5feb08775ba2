/**
 * The installed add-on: its manifest, and running its functions as Calendar does.
 *
 * Event objects have the shape of developers.google.com/workspace/add-ons/concepts/event-objects.
 */

import { localeTag } from './i18n.js';

// The limit of the add-on runtime (developers.google.com/apps-script/guides/services/quotas).
const EXECUTION_LIMIT_MS = 30_000;

/** The add-on failed: it threw, or took longer than Google allows. */
export class AddOnError extends Error {}

export class AddOn {
  /**
   * @param {Object} description `addOn` of `/page/api/state`
   * @param {import('./store.js').Store} store
   */
  constructor(description, store) {
    this.store = store;
    this.name = description.name;
    this.logoUrl = description.logoUrl;
    this.colors = description.colors;
    this.solutions = description.solutions;
    this.universalActions = description.universalActions;
    this.settingsFunction = description.settingsFunction;
    this.description = description;
  }

  /** Runs one function in a fresh worker; answers with plain data. */
  run(functionName, argument) {
    return new Promise((resolve, reject) => {
      const worker = new Worker('/page/static/js/add_on_worker.js');
      const finish = (settle, value) => {
        clearTimeout(limit);
        worker.terminate();
        settle(value);
      };
      const limit = setTimeout(
        () => finish(reject, new AddOnError('Exceeded maximum execution time')),
        EXECUTION_LIMIT_MS,
      );
      worker.onerror = (event) => {
        event.preventDefault();
        finish(reject, new AddOnError(event.message || 'The script could not be loaded'));
      };
      worker.onmessage = ({ data }) =>
        data.error ? finish(reject, new AddOnError(data.error)) : finish(resolve, data.result);
      worker.postMessage({
        scripts: this.description.scripts,
        settings: {
          openLinkUrlPrefixes: this.description.openLinkUrlPrefixes,
          userLocale: localeTag(),
        },
        functionName,
        argument,
      });
    });
  }

  common(extra = {}) {
    const common = { hostApp: 'CALENDAR', platform: 'WEB', ...extra };
    if (this.description.useLocaleFromApp) {
      common.userLocale = localeTag();
      common.timeZone = { id: this.store.zone, offset: this.store.zoneOffsetMs };
    }
    return common;
  }

  /** `calendar` of the event object for the event a person has open, or nothing. */
  calendarPart(context) {
    if (!context) return {};
    const access = this.description.currentEventAccess;
    const calendar = { calendarId: context.calendarId };
    if (context.id) calendar.id = context.id;
    if (context.seriesId) calendar.recurringEventId = context.seriesId;
    if (access) calendar.organizer = { email: context.organizer ?? this.store.account.email };
    if (access === 'READ' || access === 'READ_WRITE') {
      const editable = context.editable ?? true;
      calendar.attendees = (context.guests ?? []).map((guest) => ({
        email: guest.email,
        displayName: guest.name ?? '',
        optional: Boolean(guest.optional),
        organizer: Boolean(guest.organizer),
        self: guest.email === this.store.account.email,
        resource: false,
        responseStatus: guest.answer,
        comment: '',
        additionalGuests: 0,
      }));
      calendar.capabilities = {
        canSeeAttendees: context.guestsCanSeeOtherGuests !== false || editable,
        canAddAttendees: editable || context.guestsCanInviteOthers !== false,
        canSeeConferenceData: true,
        canSetConferenceData: editable,
        canAddAttachments: editable,
      };
      if (context.conferenceData) calendar.conferenceData = context.conferenceData;
    }
    return { calendar };
  }

  homepage() {
    return this.run(this.description.homepageFunction, { commonEventObject: this.common() });
  }

  eventOpen(context) {
    return this.run(this.description.eventOpenFunction, {
      commonEventObject: this.common(),
      ...this.calendarPart(context),
    });
  }

  /** A click on a card: `parameters` come from the card, `formInputs` from what was typed. */
  click(functionName, { context, parameters, formInputs }) {
    return this.run(functionName, {
      commonEventObject: this.common({ parameters, formInputs }),
      ...this.calendarPart(context),
    });
  }

  /** Calendar passes only where the event is: it may not exist yet. */
  createConference(solution, calendarId, eventId) {
    return this.run(solution.onCreateFunction, { eventData: { calendarId, eventId } });
  }

  settingsUrl() {
    return this.run(this.settingsFunction);
  }
}
