/**
 * The few texts that the bridge itself says, when the server cannot be heard or understood.
 * Everything else that a user reads is written by the server.
 */
const MESSAGES = {
  en: {
    unreachableTitle: 'Livestorm cannot be reached',
    unreachableText:
      'The Livestorm add-on did not get an answer in time. Nothing is lost: please try again in a moment.',
    unreadableTitle: 'Something went wrong',
    unreadableText:
      'The Livestorm add-on got an answer it could not show. Please try again in a moment.',
    unauthorizedTitle: 'Livestorm needs your permission again',
    unauthorizedText:
      'Google did not say who you are, so nothing can be shown. Reload Calendar. If that does not help, remove the Livestorm add-on from your Google account, install it again and accept every permission it asks for.',
    retry: 'Try again',
  },
  fr: {
    unreachableTitle: 'Livestorm est injoignable',
    unreachableText:
      'Le module Livestorm n’a pas reçu de réponse à temps. Rien n’est perdu\u00a0: réessayez dans un instant.',
    unreadableTitle: 'Un problème est survenu',
    unreadableText:
      'Le module Livestorm a reçu une réponse qu’il n’a pas pu afficher. Réessayez dans un instant.',
    unauthorizedTitle: 'Livestorm a de nouveau besoin de votre autorisation',
    unauthorizedText:
      'Google n’a pas indiqué qui vous êtes, rien ne peut donc être affiché. Rechargez Google Agenda. Si cela ne suffit pas, supprimez le module Livestorm de votre compte Google, réinstallez-le et acceptez toutes les autorisations demandées.',
    retry: 'Réessayer',
  },
};

/**
 * The texts for a locale such as "fr-FR"; English where there are none.
 *
 * @param {string} locale
 * @returns {typeof MESSAGES.en}
 */
function messagesFor_(locale) {
  const language = locale.toLowerCase().split(/[-_]/)[0];
  return language === 'fr' ? MESSAGES.fr : MESSAGES.en;
}
