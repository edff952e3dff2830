# Ouvertures sans témoins, et insertion d’éléments dans un cours.

storage-title = Ouverture…
storage-opening = Ouverture…
storage-wait = Si rien ne se passe en quelques secondes, continuez vous-même.
window-title = Ouvrir dans une nouvelle fenêtre
window-do = Votre navigateur ne garde pas de témoins pour les pages intégrées. Dans sa propre fenêtre, tout fonctionne. Rien n’est perdu.
window-once = Le bouton ne sert qu’une fois. Pour rouvrir la page plus tard, utilisez le lien du cours.
open-window = Ouvrir dans une nouvelle fenêtre
