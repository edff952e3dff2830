# Ce qui ne va pas dans un formulaire.

bad-no-badge = Choisissez un badge
bad-badge-gone = Ce badge n’est plus proposé. Choisissez-en un autre
bad-nobody = Choisissez au moins une personne
bad-many-people = Une commande compte { $n } personnes au plus. Retirez-en, puis décernez aux autres dans une seconde commande
bad-many-lines = { $n } lignes au plus sont lues à la fois. Ajoutez le reste ensuite
bad-nothing-to-add = Collez au moins une adresse courriel, ou choisissez un fichier
bad-file-large = Le fichier dépasse { $n } Mo. Divisez-le
bad-file-unreadable = Ce n’est pas un fichier CSV en UTF-8. Enregistrez-le comme « CSV UTF-8 » et choisissez-le à nouveau
bad-file-no-email = Le fichier n’a pas de colonne « email ». Écrivez ce mot sur la première ligne de la colonne
bad-not-a-date = Saisissez une date comme 2026-11-21
bad-date-ahead = La date d’attribution ne peut pas être à venir. Choisissez aujourd’hui ou un jour passé
bad-date-old = La date d’attribution remonte à { $n } ans au plus. Choisissez un jour plus récent
bad-has-ended = Le badge aurait déjà pris fin. Choisissez une autre validité, ou une date d’attribution plus tardive
bad-ends-before = Le badge prendrait fin avant d’être décerné. Choisissez un jour plus tardif
bad-months = Saisissez un nombre de mois de 1 à { $n }
bad-missing = Saisissez un texte
bad-long = Saisissez { $n } caractères au plus
bad-not-chosen = Choisissez l’une de ces réponses
bad-factory = Factory a refusé : { $reason }
