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
  de: {
    unreachableTitle: 'Livestorm ist nicht erreichbar',
    unreachableText:
      'Das Livestorm-Add-on hat nicht rechtzeitig eine Antwort erhalten. Nichts ist verloren: Versuchen Sie es gleich noch einmal.',
    unreadableTitle: 'Etwas ist schiefgelaufen',
    unreadableText:
      'Das Livestorm-Add-on hat eine Antwort erhalten, die es nicht anzeigen konnte. Versuchen Sie es gleich noch einmal.',
    unauthorizedTitle: 'Livestorm braucht erneut Ihre Erlaubnis',
    unauthorizedText:
      'Google hat nicht mitgeteilt, wer Sie sind, daher kann nichts angezeigt werden. Laden Sie Google Kalender neu. Hilft das nicht, entfernen Sie das Livestorm-Add-on aus Ihrem Google-Konto, installieren Sie es erneut und erteilen Sie alle Berechtigungen, um die es bittet.',
    retry: 'Erneut versuchen',
  },
  es: {
    unreachableTitle: 'Livestorm no está disponible',
    unreachableText:
      'El complemento de Livestorm no ha recibido respuesta a tiempo. No se ha perdido nada: vuelva a intentarlo dentro de un momento.',
    unreadableTitle: 'Se ha producido un error',
    unreadableText:
      'El complemento de Livestorm ha recibido una respuesta que no ha podido mostrar. Vuelva a intentarlo dentro de un momento.',
    unauthorizedTitle: 'Livestorm necesita de nuevo su permiso',
    unauthorizedText:
      'Google no ha indicado quién es usted, por lo que no se puede mostrar nada. Vuelva a cargar Google Calendar. Si no basta, quite el complemento de Livestorm de su cuenta de Google, instálelo de nuevo y acepte todos los permisos que pida.',
    retry: 'Volver a intentarlo',
  },
};

/**
 * The texts for a locale such as "fr-FR"; English where there are none.
 *
 * @param {string} locale
 * @returns {typeof MESSAGES.en}
 */
function messagesFor_(locale) {
  const [language = ''] = locale.toLowerCase().split(/[-_]/);
  const texts = new Map(Object.entries(MESSAGES));
  return texts.get(language) ?? MESSAGES.en;
}
