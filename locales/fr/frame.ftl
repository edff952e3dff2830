# Cadre, navigation, avis, mots communs.

skip = Aller au contenu principal
nav-label = Badges de ce cours
nav-home = Accueil
nav-issue = Décerner un badge
nav-history = Historique
issued-by = Les badges sont décernés par { $org } au moyen de { $factory }.
help = Aide
privacy = Confidentialité
light-dark = Clair ou sombre
title-error = Erreur :{ " " }
errors-title = Il y a un problème
error-word = Erreur :{ " " }
new-window-hint = (s’ouvre dans une nouvelle fenêtre)
continue = Continuer
save = Enregistrer
cancel = Annuler
change = Modifier
search = Rechercher
next = Suivant
previous = Précédent
optional = (facultatif)
reference = Référence
download-csv = Télécharger en CSV
look-again = Regarder à nouveau
back-home = Retour à l’accueil
back-badges = Retour aux badges
back-course = Retour au cours
back-lms = Aller à votre plateforme
see-award = Voir l’attribution
see-event = Voir l’événement
see-event-n = Voir l’événement { $n }
elsewhere-in-another-course = Décerné dans un autre cours
see-order = Voir la commande
see-assertion = Voir la page publique
not-selectable = Ne peut pas être sélectionné

percent = { $value } %
when-today = Aujourd’hui, { $time }
when-yesterday = Hier, { $time }
ago-now = à l’instant
ago-minutes = { $n ->
    [one] il y a { $n } minute
   *[other] il y a { $n } minutes
}
ago-hours = { $n ->
    [one] il y a { $n } heure
   *[other] il y a { $n } heures
}
ago-date = le { $date }

n-of-m = { $n } sur { $m }
n-people = { $n ->
    [one] { $n } personne
   *[other] { $n } personnes
}
n-waiting = { $n } en attente
page-n = Page { $n }
range = { $from } à { $to } sur { $n }
and-more = et { $n } de plus

col-badge = Badge
col-people = Personnes
col-earned = Obtenu
col-action = Action
col-person = Personne
col-when = Quand
col-state = État
col-time = Heure
col-date = Date
col-how = Comment et par qui
col-links = Liens
col-name = Nom
col-selected = Sélection
col-this-badge = Ce badge
col-line = Ligne
col-text = Texte
col-result = Résultat
col-hold = En suspens
col-again = À nouveau
col-instead = Au lieu d’une règle
col-mail = Courriel

# États d’une attribution
aw-queued = En file d’attente
aw-sending = Envoi en cours
aw-checking = Vérification
aw-waiting = En attente jusqu’au { $date }
aw-sent = Envoyé
aw-collected = Récupéré
aw-noemail = Sans courriel
aw-breaker = Arrêté
aw-review = À revoir
aw-failed = Échec
aw-parked = Décision requise
aw-unreleased = Pas encore publié
aw-revoking = Révocation en cours
aw-withdrawn = Non envoyé
aw-revoked = Révoqué le { $date }
aw-expired = Expiré le { $date }
my-aw-queued = En route
my-aw-sent = Pas encore récupéré
my-aw-collected = Obtenu
my-aw-noemail = Il nous faut votre courriel
my-aw-failed = Retardé : votre enseignant ou enseignante en voit la raison
my-aw-revoking = Retiré
my-aw-revoked = Retiré le { $date }
cause-hand = À la main
cause-rule = Par une règle
cause-application = Sur candidature
cause-elsewhere = Fait ailleurs

# Avis
notice-away = { $factory } ne répond pas depuis { $time }.
notice-away-do = Vous pouvez continuer : les attributions sont conservées et envoyées plus tard.
notice-refuses = { $factory } refuse nos appels.
notice-refuses-do = Les attributions sont conservées et partiront une fois le problème réglé. Prévenez l’administration.
notice-old = Les badges de cette page ont été lus { $time }.
notice-old-do = Ils seront relus dès que possible.
notice-roster = Votre plateforme ne nous laisse pas lire la liste des personnes de ce cours.
notice-roster-do = Vous pouvez toujours coller des adresses courriel. Prévenez l’administration.
notice-cert-ends = { $days ->
    [0] La connexion à { $factory } prend fin dans les 24 heures.
    [one] La connexion à { $factory } prend fin dans { $days } jour.
   *[other] La connexion à { $factory } prend fin dans { $days } jours.
}
notice-cert-ends-do = Prévenez l’administration, qui peut la renouveler.
notice-cert-expired = La connexion à { $factory } a expiré.
notice-cert-expired-do = Les attributions sont conservées et partiront après le renouvellement.
notice-test = Vous voyez cette page comme étudiant test.
notice-test-do = Rien n’est envoyé ni enregistré.
notice-anonymous = Le cours ne dit pas qui vous êtes.
notice-anonymous-do = Vous pouvez lire la description des badges ; pour en obtenir, le cours doit transmettre noms et courriels.
notice-twice = { $badge } a été décerné deux fois à { $name }.
notice-twice-do = Le second événement peut être révoqué.
notice-late = { $badge } a été décerné à { $name } après avoir été abandonné.
notice-late-do = L’événement tardif peut être révoqué.

# Après un envoi de formulaire
flash-draft-kept = Votre commande est conservée 14 jours. L’accueil la montre sous « En cours ».
flash-added = { $n ->
    [0] Personne n’a été ajouté. La liste dit pourquoi.
    [one] { $n } personne a été ajoutée à la sélection.
   *[other] { $n } personnes ont été ajoutées à la sélection.
}
flash-roster = La liste des personnes est en cours de relecture. Regardez à nouveau dans un instant.
flash-revoking = { $n ->
    [one] { $n } badge est en cours de révocation. Dès que Factory l’aura fait, les liens vers ce badge répondront « n’est plus valable ».
   *[other] { $n } badges sont en cours de révocation. Dès que Factory l’aura fait, les liens vers ces badges répondront « n’est plus valable ».
}
flash-revoking-event = L’événement est en cours de révocation.
flash-preferences = Votre choix est enregistré.
