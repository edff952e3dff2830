# Flux : ce que les plateformes et d’autres envoient, et les signaux qui attendent un nom.

nav-feeds = Flux
feeds-title = Flux
feeds-lead = Un flux est une adresse à laquelle votre plateforme, ou un programme voisin, envoie les nouvelles d’achèvement et de notes.
feeds-none = Il n’y a pas de flux pour cette plateforme. L’exploitant en crée un avec la commande badgebridge feed add.
feeds-name = Flux
feeds-taken = Nouvelles reçues
feeds-last = Dernière nouvelle
feeds-refused = Sans preuve, refusées
feeds-error = Dernière erreur
feeds-waiting = { $n ->
    [one] { $n } nouvelle attend.
   *[other] { $n } nouvelles attendent.
}
feed-title = Flux { $name }
feed-on = Actif
feed-off = Inactif
feed-kind = Type
feed-address = Adresse
feed-has-key = Il existe une seconde adresse contenant une clé ; elle a été affichée une fois.
feed-rotated = Secret créé
feed-repeated = Renvoyées, sans effet
feed-ignored = Ne disent rien d’utile
feed-unreadable = Illisibles
feed-limited = Arrivées trop vite
feed-dropped = Comptées, non conservées
feed-kept = Des 10 000 dernières conservées
feed-kept-counts = { $new } nouvelles, { $matched } associées, { $waiting } en attente, { $dropped } sans usage
feed-secret = Secret
feed-secret-text = Le secret a été affiché une fois, à sa création. L’exploitant en crée un nouveau avec cette commande ; le précédent reste valable 24 heures.
feed-test = Essai
feed-test-body = Ce que l’expéditeur envoie
feed-test-hint = Le texte est lu comme s’il était arrivé, rien n’est conservé. La signature de l’expéditeur n’est pas examinée.
feed-test-send = Envoyer l’essai
feed-test-read = { $n ->
    [one] Lu : { $n } signal ; { $ignored } événements ne disent rien d’utile.
   *[other] Lu : { $n } signaux ; { $ignored } événements ne disent rien d’utile.
}
feed-test-taken = Le cours et la personne sont connus : il serait pris en compte.
feed-drop-test = Il concerne un compte de test : il serait écarté.
feed-drop-staff = Il concerne une personne qui n’apprend pas dans ce cours : il serait écarté.
feed-drop-course = Il concerne un autre cours que celui du flux : il serait écarté.
signal-completed = Achevé
signal-uncompleted = N’est plus achevé
signal-passed = Réussi
signal-failed = Échoué
signal-score = Une note
signal-concluded = Cours terminé
signal-hint = Quelque chose a changé
signal-award = Un badge de la plateforme
parked-course = Aucun cours ne porte ce nom ici.
parked-courses = Plusieurs cours portent ce nom.
parked-person = Personne ne porte ce nom ici.
parked-people = Plusieurs personnes portent ce nom.
parked-enrolment = La personne est connue, mais pas dans ce cours. La nouvelle attend la prochaine liste.
unmatched-title = Nouvelles en attente
unmatched-lead = Ces nouvelles nomment un cours ou une personne inconnus ici. Elles sont gardées 30 jours et revues d’elles-mêmes dès qu’un lancement ou une liste apporte ce nom.
unmatched-none = Rien n’attend.
unmatched-who = Personne, telle qu’envoyée :
unmatched-where = Cours, tel qu’envoyé :
unmatched-course = Quel est ce cours ? Son identifiant dans la plateforme
unmatched-person = Qui est-ce ? Adresse courriel ou identifiant dans la plateforme
unmatched-say = Associer
unmatched-discard = Écarter
flash-signals-matched = Enregistré. Tout ce qui attendait ce nom est revu.
flash-signal-discarded = Écarté. La nouvelle est comptée, et ce qu’elle disait est oublié.
bad-feed-body = Ce texte est illisible : { $place }.
bad-not-found-here = Rien ici ne porte cet identifiant ou cette adresse. Saisissez ceux du cours ou de la personne.
