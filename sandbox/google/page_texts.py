"""The words of the sign-in and consent pages, in English and French."""

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "simulated": "Simulated Google",
        "choose": "Choose an account",
        "to_continue": "to continue in the sandbox",
        "signed_out": "These accounts exist only on this computer. There are no passwords.",
        "wants": "wants access to your Google Account",
        "signed_in_as": "Signed in as",
        "switch": "Use another account",
        "select": "Select what {app} can access",
        "only_identity": "{app} will only learn your name and e-mail address.",
        "identity": "See your primary e-mail address and associate you with your account",
        "always": "Always included",
        "trust": "Make sure you trust {app}",
        "trust_why": "You may be sharing sensitive information with this site or app. You will "
        "be sent to {host}.",
        "cancel": "Cancel",
        "allow": "Continue",
        "refused": "Access blocked",
        "refused_why": "This application’s request is not valid. Error: {reason}",
        "not_google": "This page is part of a simulator and is not Google’s.",
    },
    "fr": {
        "simulated": "Google simulé",
        "choose": "Choisissez un compte",
        "to_continue": "pour continuer dans le bac à sable",
        "signed_out": "Ces comptes n’existent que sur cet ordinateur. Ils n’ont pas de mot de "
        "passe.",
        "wants": "souhaite accéder à votre compte Google",
        "signed_in_as": "Connecté en tant que",
        "switch": "Utiliser un autre compte",
        "select": "Sélectionnez ce à quoi {app} peut accéder",
        "only_identity": "{app} ne connaîtra que votre nom et votre adresse e-mail.",
        "identity": "Consulter votre adresse e-mail principale et vous associer à votre compte",
        "always": "Toujours inclus",
        "trust": "Assurez-vous de faire confiance à {app}",
        "trust_why": "Vous êtes susceptible de partager des informations sensibles avec ce site ou "
        "cette application. Vous serez redirigé vers {host}.",
        "cancel": "Annuler",
        "allow": "Continuer",
        "refused": "Accès bloqué",
        "refused_why": "La demande de cette application n’est pas valide. Erreur : {reason}",
        "not_google": "Cette page fait partie d’un simulateur et n’est pas celle de Google.",
    },
}

SCOPE_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "calendar": "See, edit, share and permanently delete all the calendars you can access",
        "calendar.readonly": "See and download any calendar you can access",
        "calendar.events": "View and edit events on all your calendars",
        "calendar.events.readonly": "View events on all your calendars",
        "calendar.events.owned": "See, create, change and delete events on calendars you own",
        "calendar.events.owned.readonly": "See the events on calendars you own",
        "calendar.calendarlist": "See, add and remove the calendars you are subscribed to",
        "calendar.calendarlist.readonly": "See the list of calendars you are subscribed to",
    },
    "fr": {
        "calendar": "Voir, modifier, partager et supprimer définitivement tous les agendas "
        "auxquels vous avez accès",
        "calendar.readonly": "Voir et télécharger tous les agendas auxquels vous avez accès",
        "calendar.events": "Afficher et modifier les événements de tous vos agendas",
        "calendar.events.readonly": "Afficher les événements de tous vos agendas",
        "calendar.events.owned": "Voir, créer, modifier et supprimer les événements des agendas "
        "qui vous appartiennent",
        "calendar.events.owned.readonly": "Voir les événements des agendas qui vous appartiennent",
        "calendar.calendarlist": "Voir, ajouter et supprimer les agendas auxquels vous êtes abonné",
        "calendar.calendarlist.readonly": "Voir la liste des agendas auxquels vous êtes abonné",
    },
}


def language_of(header: str | None) -> str:
    """``fr`` when the browser's first language is French, ``en`` otherwise."""
    return "fr" if (header or "").strip().lower().startswith("fr") else "en"


def texts(language: str) -> dict[str, str]:
    """The words of all pages in that language."""
    return TEXTS[language]


def scope_text(language: str, scope: str) -> str:
    """What a scope allows, in words; an unknown one is shown as it is."""
    return SCOPE_TEXTS[language].get(scope.rsplit("/auth/", 1)[-1], scope)
