# Les accès à l'administration, et l'authentification unique.

sign-in-title = Se connecter à l’administration
sign-in-sso = Les exploitants se connectent avec le compte de leur établissement.
sign-in-with = Se connecter avec { $name }
sign-in-else = Ou ouvrez un lien de connexion : l’exploitant en produit avec « badgebridge admin link », les administrateurs le demandent à l’exploitant.
sign-in-link = Ouvrez un lien de connexion : l’exploitant en produit avec « badgebridge admin link », les administrateurs le demandent à l’exploitant.
sign-in-ways = Accès possibles
err-sso = Vous n’êtes pas connecté
err-sso-state = Cette connexion a été commencée dans un autre navigateur, est trop ancienne ou a déjà servi. Recommencez.
err-sso-declined = La connexion a été interrompue du côté de votre compte. Recommencez si vous voulez vous connecter.
err-sso-silent = Le service de connexion de votre établissement ne répond pas. Réessayez dans un instant. Un lien de connexion fonctionne sans lui.
err-sso-token = La réponse du service de connexion de votre établissement n’est pas valable. Recommencez ; si cela persiste, donnez la référence à l’exploitant.
err-sso-allowed = Vous ne pouvez pas vous connecter ici
err-sso-allowed-do = Votre compte n’appartient à aucun des groupes autorisés, et son adresse n’est pas dans la liste. Adressez-vous à l’exploitant de cette installation.
err-sso-address-do = Votre adresse est dans la liste, mais le service de connexion de votre établissement ne confirme pas qu’elle est à vous. Faites-la confirmer là-bas, puis recommencez.
