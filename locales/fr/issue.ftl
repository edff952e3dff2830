# Les quatre étapes, l’avancement et le résultat.

steps-label = Étapes pour décerner un badge
step-badge = Badge
step-people = Personnes
step-message = Message
step-check = Vérification
step-done = (fait)
step-n-of-m = Étape { $n } sur { $m }

badge-title = Quel badge ?
badge-search-label = Badges
badge-search = Trouver un badge
badge-legend = Choisissez un badge
badge-found = { $n } sur { $m } affichés
badge-none-found = Aucun badge ne correspond à cette recherche.
badge-earned = { $n ->
    [0] Personne ici ne l’a encore
    [one] { $n } personne ici l’a
   *[other] { $n } personnes ici l’ont
}

people-title = Qui reçoit ce badge ?
change-badge = Changer de badge
people-search-label = Membres du cours
people-search = Chercher par nom ou courriel
people-show = Afficher
show-everyone = Tout le monde
show-without = Pas encore décerné
show-no-email = Sans courriel
show-selected = Ma sélection
people-in-course = { $n ->
    [one] { $n } personne dans le cours
   *[other] { $n } personnes dans le cours
}
roster-read = Liste lue { $time }.
roster-again = Relire
roster-reading = La liste des personnes est en cours de lecture.
roster-rereading = Liste lue { $time }, relecture en cours.
roster-failed = Liste lue { $time }. Le dernier essai a échoué.
roster-never = La liste des personnes n’a pas pu être lue.
roster-not-offered = Votre plateforme ne transmet pas la liste des personnes.
people-all = { $n ->
    [one] Sélectionner { $n } personne sans ce badge
   *[other] Sélectionner les { $n } personnes sans ce badge
}
people-none = Effacer la sélection
people-selected = { $n ->
    [one] { $n } sélectionnée
   *[other] { $n } sélectionnées
}
people-empty = Personne n’est dans la liste. Vous pouvez toujours coller des adresses courriel.
people-none-found = Personne ne correspond à cette recherche.
people-caption = Membres du cours, page { $n } sur { $m }
people-pages = Pages des membres du cours
people-range = Personnes { $from } à { $to } sur { $n }.
selection-kept = Votre sélection est conservée quand vous changez de page.
row-none = Pas décerné
row-hasit = L’a depuis le { $date }
row-again = Décerner à nouveau
row-gets-again = Le reçoit à nouveau
row-on-its-way = En route
row-held = Retenu par une règle
row-by-hand = Décerner à la main
row-gets-by-hand = Le reçoit à la main
row-noemail = Sans courriel : attendra
row-no-email-shared = Adresse non transmise par la plateforme
row-invited = N’a pas encore rejoint le cours
paste-title = Pas dans la liste ?
paste-label = Coller des adresses courriel
paste-hint = Une par ligne. Un nom peut précéder l’adresse :
csv-label = Ou téléverser un fichier CSV
csv-hint = Colonnes « name » et « email », { $n } lignes au plus. Vous voyez chaque ligne avant tout envoi.
paste-add = Ajouter à la sélection
pasting-off = Seules les personnes de ce cours peuvent être ajoutées.
pasting-domains = Des personnes extérieures au cours peuvent être ajoutées si leur adresse se termine par : { $domains }.
pasting-any = Des personnes extérieures au cours peuvent être ajoutées.
noemail-title = { $name } n’a pas de courriel
noemail-title-n = { $n } personnes sélectionnées n’ont pas de courriel
noemail-text = La sélection est conservée. Une telle attribution attend que le cours transmette une adresse. Personne d’autre n’est retardé.
lines-title = Ce que vous avez ajouté
lines-count = { $bad ->
    [0] { $n } lignes, toutes ajoutées
   *[other] { $n } lignes, dont { $bad } non ajoutées
}
line-n = Ligne { $n }
line-found = { $name }, dans le cours
line-added = { $email }, hors du cours
line-outside = Hors du cours : cette adresse ne peut pas être ajoutée
line-again = Identique à la ligne { $n }
line-unreadable = Ce n’est pas une adresse courriel
line-drop = Retirer
people-next = { $n ->
    [0] Continuer
    [one] Continuer avec { $n } personne
   *[other] Continuer avec { $n } personnes
}
later = Enregistrer et finir plus tard

message-title = Que reçoivent les personnes ?
message-mail = Le courriel
message-dates = Dates
message-extra = Autres options
message-reset = Reprendre le texte du badge
field-subject = Objet
field-subject-hint = Ce que les personnes voient dans leur boîte.
field-body = Texte
field-body-hint = Dites à quoi sert le badge. Le lien pour le récupérer suit de lui-même.
field-link = Mots du lien
field-link-hint = Le lien sur lequel on appuie pour récupérer le badge.
field-footer = Dernière ligne
field-footer-hint = Par exemple votre nom et votre bureau.
field-award-date = Date d’attribution
field-award-date-hint = Aujourd’hui ou plus tôt, au plus cinq ans en arrière.
field-valid = Valable jusqu’au
field-months = Mois
field-until = Dernier jour
valid-own-months = { $n ->
    [one] Selon le badge : { $n } mois
   *[other] Selon le badge : { $n } mois
}
valid-own-until = Selon le badge : jusqu’au { $date }
valid-own-forever = Selon le badge : sans fin
valid-months = Un nombre de mois
valid-date = Un jour fixe
valid-forever = Sans fin
field-criteria = Ajout aux critères
field-criteria-hint = Toute personne qui voit le badge peut lire cette ligne.
field-order = Nom de cette commande
field-order-hint = Visible du personnel seulement, pour retrouver cette commande.
preview = Afficher l’aperçu
preview-title = Aperçu
preview-link = lien pour récupérer le badge
preview-note = Factory peut le présenter à sa façon.
back-people = Retour aux personnes

check-title = Vérifiez avant l’envoi
check-next = La suite
word-badge = le badge
word-people = les personnes
word-again = qui le reçoit à nouveau
word-instead = pour qui une règle est remplacée
word-award-date = la date d’attribution
word-valid = la durée de validité
word-mail = le courriel
word-criteria = les critères
word-order = le nom de cette commande
show-names = { $n ->
    [one] Afficher le nom
   *[other] Afficher les { $n } noms
}
check-held = Sans courriel. Ces attributions attendent que le cours transmette une adresse.
check-again = Ces personnes ont déjà ce badge et le reçoivent une fois de plus.
check-instead = Une règle retient ce badge pour ces personnes. Elles le reçoivent maintenant à la main, et ce que la règle retient est repris : personne ne le reçoit deux fois.
date-today = { $date } (aujourd’hui)
issue-now = { $n ->
    [one] Décerner { $n } badge maintenant
   *[other] Décerner { $n } badges maintenant
}
issue-hold = { $n ->
    [one] Conserver { $n } attribution en attente
   *[other] Conserver { $n } attributions en attente
}
back-message = Retour au message
issue-next-1 = { $factory } envoie à chaque personne un courriel avec un lien pour récupérer le badge.
issue-next-2 = Si Factory est occupé ou indisponible, nous réessayons. Personne ne reçoit le badge deux fois.
issue-next-3 = Vous pourrez révoquer un badge, mais un courriel envoyé ne peut pas être rappelé.

order-title = Attribution de { $badge }
order-title-done = Décerné : { $badge }
order-note = Lancée par { $who } à { $time }. Vous pouvez fermer cette page, le travail continue.
order-note-dated = Lancée par { $who } le { $time }. Vous pouvez fermer cette page, le travail continue.
order-note-done = Lancée par { $who } à { $time }.
order-note-done-dated = Lancée par { $who } le { $time }.
order-n-of-m = { $n ->
    [one] { $n } envoyé sur { $m }
   *[other] { $n } envoyés sur { $m }
}
order-left = { $n ->
    [one] Encore { $n } seconde environ
   *[other] Encore { $n } secondes environ
}
order-done = { $n ->
    [one] Terminé. { $badge } a été envoyé à { $n } personne.
   *[other] Terminé. { $badge } a été envoyé à { $n } personnes.
}
order-part = { $n ->
    [one] { $n } envoyé, { $h } en suspens, { $f } en échec. Les raisons figurent dans la liste.
   *[other] { $n } envoyés, { $h } en suspens, { $f } en échec. Les raisons figurent dans la liste.
}
order-withdrawn = { $n ->
    [one] { $n } non envoyé.
   *[other] { $n } non envoyés.
}
order-held-next = Ce qui est en suspens part de soi-même dès qu’une adresse est connue.
order-away = { $factory } ne répond pas. Votre commande est conservée et partira dès son retour.
order-caption = Personnes de cette commande. Les états changent ici ; il n’y a rien à faire.
order-caption-done = Personnes de cette commande.
order-pages = Pages des personnes
issue-others = Décerner à d’autres
live-on = Cette page se met à jour d’elle-même.
live-stop = Arrêter la mise à jour
live-off = Cette page ne change pas.
live-start = Mettre à jour automatiquement
live-now = Mettre à jour maintenant
