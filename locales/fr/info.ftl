# Aide, confidentialité, préférences.

help-issue = Décerner un badge
help-issue-text = Choisissez le badge, puis les personnes, relisez le message, vérifiez et envoyez. Rien ne part avant la dernière étape, et chaque étape validée est conservée 14 jours.
help-hold = Une attribution est en suspens
help-hold-text = Une personne n’a pas d’adresse courriel dans ce cours. L’attribution est conservée et part d’elle-même dès que le cours transmet une adresse.
help-away = Factory ne répond pas
help-away-text = Vos commandes sont d’abord conservées ici. Elles partent dès le retour de Factory, et personne ne reçoit un badge deux fois.
help-wrong = J’ai décerné à la mauvaise personne
help-wrong-text = Ouvrez l’attribution dans l’historique et révoquez-la. Les liens vers le badge indiquent alors qu’il n’est plus valable. Le courriel envoyé ne peut pas être rappelé.
help-mail = Le courriel n’est pas arrivé
help-open = La page ne s’ouvre pas, ou dit qu’elle est trop ancienne
help-open-text = Retournez au cours et ouvrez le lien à nouveau. Si le navigateur bloque les témoins des pages intégrées, ouvrez le lien dans un nouvel onglet.

privacy-title = Quelles données sont conservées
privacy-kept = Ce qui est conservé ici
privacy-kept-1 = Votre nom et votre adresse courriel, tels que le cours les transmet.
privacy-kept-2 = Les cours où vous ouvrez cet outil, et votre rôle.
privacy-kept-3 = Les badges qui vous sont décernés ici : lesquels, quand, par qui, et le déroulement de l’envoi.
privacy-kept-5 = Ce que vous envoyez avec une demande de badge : réponses, et fichiers jusqu’à 180 jours après la décision. Factory le reçoit, et l’équipe enseignante du cours le lit.
privacy-kept-4 = Votre choix de langue et d’apparence.
privacy-goes = Où vont ces données
privacy-goes-to = Pour chaque attribution, { $org } envoie votre nom et votre adresse courriel à { $factory }, qui crée le badge et vous écrit.
privacy-goes-text = Pour chaque attribution, votre nom et votre adresse courriel sont envoyés au service Factory de votre organisation, qui crée le badge et vous écrit.
privacy-not = Ce qui n’est pas fait
privacy-not-text = Pas de pistage, pas de publicité, rien de tiers n’est chargé dans ces pages.
privacy-who = Qui les voit
privacy-who-text = Vous voyez vos propres attributions. Les enseignantes et enseignants voient celles de leur cours ; les auxiliaires les voient sans adresse. L’administration de votre organisation voit toutes les siennes.
privacy-long = Combien de temps
privacy-long-text = Le détail des envois est conservé 180 jours, et le journal de qui a fait quoi, 2 ans. Votre organisation peut effacer votre nom et votre adresse à tout moment : adressez-vous à son administration.
privacy-cookies = Témoins
privacy-cookies-text = Un témoin garde votre session au plus 12 heures, un autre protège seulement le moment de l’ouverture. Les deux sont nécessaires et ne servent à rien d’autre.

preferences-title = Langue et apparence
preferences-language = Langue
preferences-theme = Apparence
theme-light = Clair
theme-dark = Sombre
theme-auto = Comme mon appareil
