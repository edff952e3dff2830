# Les clés de signature de l'outil.

nav-keys = Clés de signature
keys-title = Clés de signature
keys-lead = Avec sa clé de signature, cet outil prouve son identité aux plateformes, qui lisent la partie publique dans son jeu de clés.
keys-times = Une nouvelle clé est publiée { $before } heures avant de signer, et une ancienne le reste { $after } heures.
keys-id = Clé
keys-made = Créée
keys-waits = Signe à partir du { $when }
keys-signs = Signe depuis le { $when }
keys-stays = Publiée jusqu’au { $when }
keys-rotate = Créer une nouvelle clé
keys-waiting = Une nouvelle clé est publiée et signe à partir du { $when }. D’ici là, il n’y a rien à faire.
