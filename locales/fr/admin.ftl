# Administration d’une organisation : configuration, Factory, plateformes, cours, file d’envoi, journal, personnes, réglages.

nav-setup = Configuration
admin-title = Configurer Badgebridge
admin-count = { $n } étapes sur { $m } terminées
admin-glance = En bref
task-factory = Connecter Badge Factory
task-factory-hint = Un certificat qui nous permet de décerner en votre nom
task-lms = Déclarer votre plateforme
task-lms-hint = Pour que les cours puissent ouvrir l’outil
task-grades = Autoriser la lecture des notes et achèvements
task-grades-hint = Seulement pour les règles automatiques
task-courses = Choisir les badges par cours
task-courses-hint = D’ici là, chaque cours peut utiliser tous les badges publiés
task-people = Désigner les administrateurs et administratrices
task-people-hint = En plus de l’exploitant de cette installation
st-none = À faire
st-going = En cours
st-done = Terminé
st-problem = Problème
glance-factory = Liaison
glance-queue = Commandes en cours
glance-issued = Attributions des 7 derniers jours
glance-problems = Problèmes
glance-courses = Cours
fac-1 = Connectez-vous à la Factory comme administrateur ou administratrice.
fac-2 = Ouvrez Admin tools, puis API key, et appuyez sur Generate.
fac-3 = Collez ici tout le texte dans les 10 minutes.
fac-host = Votre Factory
fac-other = Une autre adresse
fac-other-hint = Seul l’exploitant voit ce champ. L’adresse commence par https:// et finit après l’hôte.
fac-key = Clé d’API
fac-hint = Environ 350 lettres et chiffres, sur une ou plusieurs lignes. Utilisée une fois, jamais conservée.
fac-connect = Connecter
fac-renew = Renouveler
fac-renew-text = Un nouveau certificat est essayé trois fois avant de remplacer celui-ci, qui est gardé 7 jours ensuite, au cas où la Factory refuserait le nouveau.
fac-with-certificate = Utiliser un certificat existant
fac-with-secret = Connecter avec identifiant client et secret
fac-client = Identifiant client
fac-certificate = Certificat (PEM)
fac-certificate-key = Sa clé privée (PEM), sans phrase secrète
fac-secret = Secret client
fac-sealed = Conservé chiffré, jamais affiché.
fac-not-shown-again = Par sécurité, votre saisie n’est pas réaffichée.
fac-connected = Relié
fac-id = Client
fac-valid = Valable jusqu’au
fac-last-ok = Dernier appel réussi
fac-test = Tester maintenant
fac-attempt = Dernière tentative, { $time }
fac-attempt-none = Aucune tentative pour l’instant.
fac-running = Nous interrogeons la Factory. Vous pouvez fermer cette page, le travail continue.
fac-look = Actualiser
fac-step-read = La saisie est lisible
fac-step-fresh = La clé est récente
fac-step-request = Clé privée et demande créées
fac-step-sign = Certificat signé par la Factory
fac-step-ping = Réponse à l’appel de test
fac-step-done = fait
fac-step-failed = échec
fac-step-idle = non atteint
fac-ok = Relié. La Factory répond.
fac-earlier = La liaison précédente fonctionne toujours et reste utilisée.
fac-pending = Un nouveau certificat attend : il sera utilisé dès qu’un test réussira.
fac-e-empty = Collez la clé d’API.
fac-e-cut = La clé semble tronquée. Copiez-la du premier au dernier caractère.
fac-e-foreign = Cette clé ne vient pas de { $host }. Choisissez l’autre Factory ou créez-y une clé.
fac-e-old = Cette clé d’API a plus de 10 minutes. Créez-en une nouvelle et collez-la ici.
fac-e-clock = D’après notre horloge, cette clé vient du futur. Demandez à l’exploitant de régler l’horloge.
fac-e-used = Cette clé d’API a déjà servi. Créez-en une nouvelle et collez-la ici.
fac-e-make = Impossible de créer une clé privée. C’est une erreur de notre part. Prévenez l’exploitant.
fac-e-refused = { $host } n’a pas signé la demande. Créez une nouvelle clé et réessayez.
fac-e-down = { $host } ne répond pas. Réessayez ; une clé d’API reste valable 10 minutes.
fac-e-not = Il n’y a pas de Factory à { $host }. Vérifiez l’adresse.
fac-e-unusable = La saisie ne peut pas être utilisée.
fac-e-ping = L’appel de test a échoué. Une liaison précédente reste utilisée.
fac-e-other = Votre organisation est déjà un autre client de la Factory. En changer ferait perdre la trace des badges décernés : adressez-vous à l’exploitant.
fac-e-taken = Ce client est déjà relié, pour une autre organisation. Adressez-vous à l’exploitant.
fac-e-none = Cette organisation n’a jamais été reliée.
fac-e-interrupted = Le travail a été interrompu. Créez une nouvelle clé d’API et réessayez.
fac-said = Réponse :
cert-days = { $n ->
    [one] Le certificat expire dans 1 jour, le { $date }.
   *[other] Le certificat expire dans { $n } jours, le { $date }.
}
cert-expired = Le certificat a expiré le { $date }. Les attributions sont conservées et partiront après le renouvellement.
bad-address = Saisissez une adresse qui commence par https:// et finit après l’hôte.
bad-typed-name = Saisissez { $name }, exactement comme ici.
disconnect-title = Déconnecter { $name } de la Factory ?
disconnect-withdraw-title = Des attributions de { $name } attendent
disconnect-stops = Ce qui s’arrête
disconnect-stops-1 = Aucun badge n’est envoyé, révoqué ni recherché. Les règles et les demandes continuent ; ce qu’elles accordent attend.
disconnect-stops-2 = Les pages montrent les badges tels qu’ils ont été lus en dernier.
disconnect-stops-3 = La clé privée ou le secret client est effacé ici définitivement. Une nouvelle connexion demande une nouvelle clé d’API, un certificat ou un secret du même client.
disconnect-stays = Les badges déjà décernés restent valables. Rien ne change dans la Factory.
disconnect-unsure = { $n ->
    [one] Pour 1 envoi, nous ignorons si la Factory l’a exécuté. Il est conservé, et vérifié après la prochaine connexion.
   *[other] Pour { $n } envois, nous ignorons si la Factory les a exécutés. Ils sont conservés, et vérifiés après la prochaine connexion.
}
disconnect-waits = { $n ->
    [one] 1 attribution attend une connexion à la Factory.
   *[other] { $n } attributions attendent une connexion à la Factory.
}
disconnect-queued = { $n ->
    [one] 1 attribution n’est pas encore envoyée. Que devient-elle ?
   *[other] { $n } attributions ne sont pas encore envoyées. Que deviennent-elles ?
}
disconnect-keep = Elles attendent et partent après la prochaine connexion
disconnect-withdraw = Elles sont retirées : personne ne reçoit ces badges
disconnect-withdraw-link = Les retirer
disconnect-withdraw-now = { $n ->
    [one] Retirer 1 attribution
   *[other] Retirer { $n } attributions
}
disconnect-type = Saisissez le nom de l’organisation pour continuer
disconnect-now = Déconnecter
flash-disconnected = Déconnecté. Ce qui attend partira après la prochaine connexion.
flash-queue-withdrawn = { $n ->
    [one] Déconnecté. 1 attribution a été retirée.
   *[other] Déconnecté. { $n } attributions ont été retirées.
}
