/** The small month at the left: a quick way to another week. */

import { el, iconButton } from './dom.js';
import { t } from './i18n.js';
import {
  DAY,
  dateText,
  dayLabel,
  monthLabel,
  parseWall,
  plus,
  sameDay,
  startOfWeek,
  weekdayLetter,
} from './wall_time.js';

const WEEKS = 6; // the most weeks a month can touch

export class Month {
  constructor(root, store) {
    this.root = root;
    this.store = store;
    this.follow();
    store.addEventListener('days', () => this.follow());
  }

  follow() {
    this.month = parseWall(`${dateText(this.store.day).slice(0, 7)}-01`);
    this.draw();
  }

  turn(direction) {
    const next = new Date(this.month);
    next.setUTCMonth(next.getUTCMonth() + direction);
    this.month = next;
    this.draw();
  }

  draw() {
    const first = startOfWeek(this.month);
    const shown = new Set(this.store.days().map(dateText));
    const grid = el('div', { class: 'month-grid' });
    for (let index = 0; index < 7; index += 1) {
      grid.append(
        el('span', {
          class: 'month-letter',
          'aria-hidden': 'true',
          text: weekdayLetter(plus(first, index * DAY)),
        }),
      );
    }
    for (let index = 0; index < WEEKS * 7; index += 1) {
      const day = plus(first, index * DAY);
      const classes = ['month-day'];
      if (day.getUTCMonth() !== this.month.getUTCMonth()) classes.push('other-month');
      if (shown.has(dateText(day))) classes.push('shown');
      if (sameDay(day, this.store.now())) classes.push('today');
      grid.append(
        el('button', {
          type: 'button',
          class: classes.join(' '),
          'aria-label': dayLabel(day),
          text: String(day.getUTCDate()),
          on: { click: () => this.store.show(day) },
        }),
      );
    }
    this.root.replaceChildren(
      el(
        'div',
        { class: 'month-head' },
        el('span', { class: 'month-name', text: monthLabel(this.month) }),
        iconButton('chevron-left', t('nav.previous_month'), () => this.turn(-1), {
          class: 'small',
        }),
        iconButton('chevron-right', t('nav.next_month'), () => this.turn(1), { class: 'small' }),
      ),
      grid,
    );
  }
}
