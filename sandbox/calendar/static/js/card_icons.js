/** Icons of cards: Google's names, drawn with the page's own set, or an image of the add-on. */

import { el, icon } from './dom.js';

const KNOWN = {
  BOOKMARK: 'bookmark',
  CLOCK: 'clock',
  DESCRIPTION: 'notes',
  EMAIL: 'mail',
  EVENT_PERFORMER: 'person',
  EVENT_SEAT: 'people',
  INVITE: 'calendar',
  MEMBERSHIP: 'person',
  MULTIPLE_PEOPLE: 'people',
  PERSON: 'person',
  PHONE: 'phone',
  STAR: 'star',
  TICKET: 'bookmark',
  VIDEO_CAMERA: 'video',
  VIDEO_PLAY: 'video',
};

const MATERIAL = {
  account_circle: 'person',
  block: 'error',
  calendar_month: 'calendar',
  calendar_today: 'calendar',
  check: 'check',
  check_circle: 'check-circle',
  content_copy: 'copy',
  delete: 'delete',
  description: 'notes',
  edit: 'edit',
  error: 'error',
  event: 'calendar',
  group: 'people',
  groups: 'people',
  help: 'question',
  history: 'clock',
  info: 'info',
  link: 'link',
  link_off: 'link',
  login: 'person',
  mail: 'mail',
  open_in_new: 'open',
  pending: 'clock',
  person: 'person',
  refresh: 'refresh',
  schedule: 'clock',
  settings: 'settings',
  sync: 'refresh',
  sync_disabled: 'error',
  sync_problem: 'error',
  videocam: 'video',
  warning: 'error',
};

/** @param {Object} data ICON of the card shapes in `apps_script/services.js` */
export function cardIcon(data) {
  const className = data.imageType === 'CIRCLE' ? 'card-icon round' : 'card-icon';
  if (data.iconUrl) {
    return el('img', { class: className, src: data.iconUrl, alt: data.altText ?? '' });
  }
  const name = data.materialIcon ? MATERIAL[data.materialIcon.name] : KNOWN[data.knownIcon];
  const picture = icon(name ?? 'dot', className);
  if (!data.altText) return picture;
  return el('span', { role: 'img', 'aria-label': data.altText, class: 'card-icon-box' }, picture);
}
