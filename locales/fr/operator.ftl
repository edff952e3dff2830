# Connexion, et pages de l’exploitant.

office-label = Administration
signed-in-operator = Connexion : exploitant
signed-in = Connexion : { $name }
sign-out = Se déconnecter
other-organisation = Autre organisation
nav-overview = Vue d’ensemble
nav-health = État de santé
nav-organisations = Organisations
welcome-title = Connexion à Badgebridge
welcome-operator = Ce lien vous connecte comme exploitant de cette installation. Il ne sert qu’une fois.
welcome-administrator = Ce lien connecte { $name }, qui administre { $org }. Il ne sert qu’une fois.
welcome-foreign = Si vous n’avez pas demandé ce lien, fermez cette page.
welcome-sign-in = Se connecter
goodbye-title = Vous êtes déconnecté de Badgebridge
goodbye-text = Vous pouvez fermer cette fenêtre. Pour revenir, demandez un nouveau lien.
overview-title = Cette installation
overview-well = Tout ce qui a été vérifié va bien.
overview-fails = { $n ->
    [one] 1 vérification échoue et doit être corrigée.
   *[other] { $n } vérifications échouent et doivent être corrigées.
}
overview-looks = { $n ->
    [one] 1 point demande un regard.
   *[other] { $n } points demandent un regard.
}
overview-health = Voir toutes les vérifications
overview-address = Adresse publique
overview-version = Version
overview-organisations = Organisations
overview-registrations = Plateformes déclarées
overview-waiting = { $n ->
    [one] 1 déploiement attend d’être rattaché
   *[other] { $n } déploiements attendent d’être rattachés
}
begin-title = Pour commencer
begin-address = L’adresse publique
begin-key = La clé qui scelle les secrets
begin-organisation = La première organisation
begin-administrator = Un lien pour son administratrice ou administrateur
overview-first = Il n’y a pas encore d’organisation. Ajoutez la première, puis reliez-la à sa Factory.
health-title = État de santé
health-col-what = Quoi
health-col-found = Constat
health-col-do = À faire
health-ok = Bien
health-look = À regarder
health-fail = Échec
health-commands = Les commandes citées se tapent là où le programme tourne.
health-again = Vérifier à nouveau
organisations-title = Organisations
organisations-lead = Chaque organisation a son client Factory, ses plateformes, ses personnes et ses badges. Aucune n’en voit une autre.
organisations-none = Il n’y a pas encore d’organisation.
organisations-name = Nom
organisations-identity = Liaison
organisations-not-connected = Non reliée
organisations-token = Secret client
organisations-until = Certificat jusqu’au { $date }
organisations-open = Administrer
organisations-rename = Renommer
organisations-add = Ajouter une organisation
organisations-add-name = Nom de la nouvelle organisation
organisations-new-name = Nouveau nom de { $name }
bad-name-taken = Une organisation porte déjà ce nom. Choisissez-en un autre.
bad-name = Saisissez un nom de 1 à 200 caractères.
flash-saved = Enregistré.
err-sign-in = Connectez-vous d’abord
err-sign-in-do = Vous n’êtes pas connecté, ou la session a pris fin. Ouvrez un lien de connexion : l’exploitant en produit avec « badgebridge admin link », les administrateurs le demandent à l’exploitant.
err-link = Ce lien de connexion ne fonctionne plus
err-link-do = Il a servi, a expiré ou a été retiré. L’exploitant en produit un nouveau avec « badgebridge admin link », les administrateurs le demandent à l’exploitant.
err-operators = Seul l’exploitant peut faire cela
err-operators-do = Vous administrez une organisation. Adressez-vous à l’exploitant de cette installation.
err-choose = Choisissez d’abord une organisation
err-choose-do = Les pages d’administration montrent une organisation à la fois.
