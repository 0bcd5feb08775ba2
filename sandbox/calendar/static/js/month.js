/** A small month to choose a day from. */

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
  /**
   * @param {HTMLElement} root
   * @param {{today: () => Date, marked: () => Date[], pick: (day: Date) => void}} choice `marked`
   *     are the days that stand out; the first one's month is shown first
   */
  constructor(root, choice) {
    this.root = root;
    this.choice = choice;
    this.follow();
  }

  /** Shows the month of the marked days. */
  follow() {
    const days = this.choice.marked();
    this.month = parseWall(`${dateText(days[days.length - 1]).slice(0, 7)}-01`);
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
    const marked = new Set(this.choice.marked().map(dateText));
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
      if (marked.has(dateText(day))) classes.push('shown');
      if (sameDay(day, this.choice.today())) classes.push('today');
      grid.append(
        el('button', {
          type: 'button',
          class: classes.join(' '),
          'aria-label': dayLabel(day),
          'aria-pressed': String(marked.has(dateText(day))),
          data: { day: dateText(day) },
          text: String(day.getUTCDate()),
          on: { click: () => this.choice.pick(day) },
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
