/** Who is signed in, and in which language the page and the add-on speak. */

import { api } from './api.js';
import { el, icon } from './dom.js';
import { avatar } from './guests_field.js';
import { language, t } from './i18n.js';
import { showMenu, showPopover } from './popover.js';
import { notify } from './snackbar.js';

const LANGUAGES = { en: 'English', fr: 'Français', de: 'Deutsch', es: 'Español' };

/** A page drawn anew is the surest way to leave nothing of the other account or language. */
const again = () => window.location.reload();

const refused = (failure) => notify(t('event.not_saved', { reason: failure.message }));

export function languageButton() {
  return el(
    'button',
    {
      type: 'button',
      class: 'button button-plain language-button',
      'aria-haspopup': 'menu',
      'aria-label': t('language.choose'),
      on: {
        click: (event) =>
          showMenu(
            event.currentTarget,
            Object.entries(LANGUAGES).map(([code, label]) => ({
              label,
              checked: code === language(),
              choose: () => api.chooseLanguage(code).then(again, refused),
            })),
            t('language.choose'),
          ),
      },
    },
    icon('globe'),
    el('span', { text: language().toUpperCase() }),
  );
}

export function accountButton(store) {
  const { account, accounts } = store;
  const open = (event) => {
    const content = el(
      'div',
      { class: 'account-menu' },
      el('p', { class: 'account-email', text: account.email }),
      avatar(account.name, 'large'),
      el('p', { class: 'account-hello', text: t('account.hello', { name: account.name }) }),
      el('p', { class: 'faint', text: t('account.switch') }),
      el(
        'div',
        { class: 'account-list' },
        accounts
          .filter((other) => other.email !== account.email)
          .map((other) =>
            el(
              'button',
              {
                type: 'button',
                class: 'account-row',
                on: { click: () => api.chooseAccount(other.email).then(again, refused) },
              },
              avatar(other.name, 'small'),
              el(
                'span',
                { class: 'menu-text' },
                el('span', { text: other.name }),
                el('span', { class: 'menu-detail', text: other.email }),
              ),
            ),
          ),
      ),
    );
    showPopover({
      content,
      anchor: event.currentTarget,
      side: 'below',
      label: t('account.label', { name: account.name }),
      className: 'account-popover',
    });
  };
  return el(
    'button',
    {
      type: 'button',
      class: 'account-button',
      'aria-haspopup': 'dialog',
      'aria-label': t('account.label', { name: account.name }),
      title: `${account.name} (${account.email})`,
      on: { click: open },
    },
    avatar(account.name),
  );
}
