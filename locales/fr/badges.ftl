# Administration : badges de Factory, profil de l’organisation, événements, rapports.

nav-badges = Badges
nav-events = Événements
nav-reports = Rapports
nav-issuer = Émetteur
yes = Oui
no = Non

# L’âge de ce qui est affiché
age-read = Lu dans Factory { $time }.
age-failing = Factory ne répond pas depuis { $time }.
age-shown = Voici sa dernière réponse, { $time }.
age-nothing = Rien n’a encore été lu. Revenez plus tard.

# La liste
badges-admin = Badges
badges-search = Nom, description ou étiquette
badges-category = Catégorie
badges-language = Langue
badges-awards = Attributions
badges-many = plus de 10 000
badges-changed = Modifié
badges-none = Il n’y a pas encore de badge, ou Factory n’a pas encore été lu.
badges-none-fit = Aucun badge ne correspond.
badges-back = Tous les badges
badge-published = Publié
badge-draft = Brouillon
badge-deleted = Supprimé

# Un badge
badge-is-gone = Factory n’a plus ce badge. Les badges déjà décernés restent valables.
badge-not-read = Lecture en cours dans Factory.
badge-criteria = Critères
badge-no-criteria = Il n’y en a pas.
badge-facts = Données
badge-message = Message
badge-metadata = Vos propres données
badge-made = Créé
badge-change = Modifier ce badge
badge-delete-link = Supprimer ce badge
badge-events = Voir ses événements
badge-for-months = { $n ->
    [one] { $n } mois
   *[other] { $n } mois
}
badge-until-date = Jusqu’au { $date }

# Le formulaire
badge-new = Nouveau badge
badge-edit = Modifier { $name }
badge-form-lead = Les modifications ne touchent pas les badges déjà décernés.
badge-form-languages = Ses textes dans d’autres langues ({ $list }) restent tels quels.
badge-name = Nom
badge-description = Description
badge-picture = Image
badge-picture-hint = Un PNG carré de 400 à 1 200 pixels, de 1 Mo au plus. Les plus grandes sont réduites.
badge-picture-again = Choisissez à nouveau le fichier : il n’est pas gardé pendant la correction.
badge-picture-now = Utilisée actuellement
badge-criteria-hint = Texte simple, une ligne vide entre les paragraphes, « - » pour les listes, **gras**, *italique*, [mots](https://…). Le HTML est aussi accepté.
badge-preview = Prévisualiser les critères
badge-preview-title = Aperçu
badge-validity = Combien de temps est-il valable ?
badge-endless = Sans fin
badge-months = Pendant quelques mois
badge-months-n = Nombre de mois
badge-until = Jusqu’à un jour
badge-until-day = Quel jour
badge-tags = Étiquettes
badge-tags-hint = Séparées par des virgules.
badge-message-hint = Ce que les personnes reçoivent avec ce badge, sauf indication contraire. Une partie vide ici doit être donnée à chaque fois.
badge-subject = Objet
badge-body = Texte
badge-link = Texte du lien
badge-footer = Pied du message
badge-more = Plus
badge-metadata-hint = « clé: valeur », une par ligne. Personne hors de votre organisation ne les voit.
badge-css = Style de la page des critères (CSS)
badge-is-draft = C’est un brouillon : personne ne peut encore le recevoir.
badge-save = Enregistrer le badge

# Supprimer
badge-delete-title = Supprimer { $name } ?
badge-delete-text = Les badges déjà décernés restent valables. Personne ne pourra plus recevoir ce badge. C’est définitif.
badge-delete-rules = { $n ->
    [0] Aucune règle ne s’arrête.
    [one] { $n } règle s’arrête.
   *[other] { $n } règles s’arrêtent.
}
badge-delete-forms = { $n ->
    [0] Aucun formulaire de demande ne s’arrête.
    [one] { $n } formulaire de demande s’arrête.
   *[other] { $n } formulaires de demande s’arrêtent.
}
badge-delete-name = Saisissez le nom du badge
badge-delete-now = Supprimer ce badge
badge-delete-keep = Le conserver

# Modifications en route
edits-title = Enregistrement en cours
edit-on-its-way = Une modification est en route.
edit-see = Voir où elle en est
edit-create = Nouveau badge : { $name }
edit-change = Modification de { $name }
edit-delete = Suppression de { $name }
edit-profile = Modification du profil de l’émetteur
edit-ready = En attente
edit-sending = Envoi en cours
edit-unsure = Vérification
edit-done = Enregistrée
edit-refused = Refusée
edit-parked = Décision requise
edit-dropped = Abandonnée
edit-says-ready = Votre modification est gardée ici et partira dès que Factory répondra. Vous pouvez fermer cette page.
edit-says-sending = Votre modification est envoyée à Factory. Vous pouvez fermer cette page.
edit-says-unsure = La réponse s’est perdue. Nous demandons à Factory s’il a votre modification avant tout nouvel envoi. Vous pouvez fermer cette page.
edit-says-done = Factory l’a reçue. La liste des badges est relue.
edit-says-deleted = Factory l’a supprimé. La liste des badges est relue.
edit-says-refused = Factory ne l’a pas acceptée. Rien n’a changé. Rouvrez le formulaire, corrigez et enregistrez.
edit-says-parked = La réponse s’est perdue deux fois, et Factory ne la montre pas. Regardez-y. Ensuite, renvoyez-la ou abandonnez-la.
edit-says-dropped = Elle a été abandonnée. Nous n’envoyons rien.
edit-factory-said = Réponse de Factory :
edit-again = Renvoyer
edit-drop = Abandonner
edit-form = Rouvrir le formulaire
edit-thing = Voir l’état actuel

# L’organisation
issuer-title = Profil de l’émetteur
issuer-lead = Factory l’affiche sur chaque badge.
issuer-not-read = Le profil est en cours de lecture dans Factory.
issuer-url = Adresse web
issuer-description = Description
issuer-email = Courriel
issuer-picture = Logo
issuer-save = Enregistrer le profil
issuer-tier = Formule
issuer-paid = Payée jusqu’au
issuer-limit = Badges par an
issuer-country = Pays
issuer-verified = Vérifiée
issuer-suspended = Suspendue

# Événements
events-title = Événements de Factory
events-lead = Tout ce qui a été décerné, par ce programme et par d’autres. Leur nombre est demandé d’abord, puis ils sont lus page par page.
events-email = Adresse
events-consumer = Décerné par (intégration)
events-order = Ordre
events-oldest = Les plus anciens d’abord
events-newest = Les plus récents d’abord
events-limit = Au plus
events-offset = Omettre les premiers
events-count-only = Seulement les compter
events-dates-hint = Factory ne dit pas si ses dates sont celles du badge ou de l’appel. Cherchez un peu plus large.
events-search = Chercher des événements
events-latest = Recherches de votre organisation depuis 24 heures
events-all = Tous les événements
events-again = Chercher à nouveau
search-title = { $n ->
    [one] { $n } événement
   *[other] { $n } événements
}
search-title-counting = Recherche d’événements
search-counting = Comptage
search-reading = Lecture
search-done = Terminée
search-failed = Échec
search-progress = { $n } lus sur { $m }.
search-error = Factory ne répond pas comme il le devrait. Ce qui a été lu reste ; nous réessayons.
search-read = Demandée { $time }.
event-of = Événement : { $badge }
event-of-id = Événement { $id }
event-facts = Données
event-issued = Date d’attribution
event-called = Envoyé
event-until = Valable jusqu’au
event-people = Destinataires
event-revoked = Révoqué
event-revoked-on = Révoqué le
event-declined = Refusé
event-log = Note de l’intégration
csv-event = Événement
csv-badge-id = Identifiant du badge
csv-count = Nombre

# Rapports
reports-title = Rapports
reports-not-read = Le rapport est en cours de calcul.
reports-counted = Compté { $time }.
reports-total = { $n ->
    [0] Rien n’a été décerné pendant cette période.
    [one] { $n } badge a été décerné pendant cette période.
   *[other] { $n } badges ont été décernés pendant cette période.
}
reports-over-time = Attributions dans le temps
reports-few = Trop peu pour un graphique.
reports-by-badge = Attributions par badge
reports-by-course = Attributions par cours
reports-no-course = Hors de tout cours
reports-funnel = Demandes
reports-applications = Demandes
reports-no-applications = Personne n’a fait de demande pendant cette période.
reports-applied = Demandées
reports-decided = Traitées
reports-approved = Approuvées
reports-asked = On sait si le badge a été récupéré pour { $n } demandes approuvées sur { $m }.

# Ce qui peut être faux
bad-picture = Choisissez une image au format PNG. Les autres fichiers ne sont pas pris, quel que soit leur nom.
bad-picture-small = Choisissez une image d’au moins 400 pixels de chaque côté.
bad-picture-large = Choisissez une image d’au plus 4 096 pixels de chaque côté.
bad-picture-square = Choisissez une image carrée : aussi large que haute.
bad-active-html = Retirez ce qui s’exécute, charge ou envoie : scripts, styles, cadres, formulaires, et attributs comme onclick.
bad-not-the-name = Saisissez le nom exactement comme il est affiché.
bad-under-way = Une modification est encore en cours d’enregistrement. Attendez qu’elle soit terminée, puis enregistrez à nouveau.
bad-changed-elsewhere = Le badge a été modifié dans Factory entre-temps. Regardez sa page ; votre saisie est gardée ici. Enregistrez à nouveau pour remplacer ce qui s’y trouve.
bad-not-known-yet = Ceci n’a pas encore été lu dans Factory. Rouvrez la page dans un instant.
bad-dates-cross = Choisissez un dernier jour qui ne précède pas le premier.
bad-metadata-line = La ligne { $n } n’est pas « clé: valeur ». Utilisez des lettres, chiffres, points et traits d’union pour la clé.

# Un badge dans un cours
badge-gone = Ce badge n’est plus proposé dans { $factory }. Les attributions passées restent valables.
badge-here-no-rule = Aucune règle de ce cours ne le donne.
badge-here-placed = Placé dans ce cours comme
badge-here-who = Qui l’a reçu dans ce cours
badge-here-nobody = Personne ne l’a encore reçu dans ce cours.
badge-here-all = Les { $n } dans l’historique
