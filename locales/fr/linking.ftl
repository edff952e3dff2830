# Ouvertures sans témoins, et insertion d’éléments dans un cours.

storage-title = Ouverture…
storage-opening = Ouverture…
storage-wait = Si rien ne se passe en quelques secondes, continuez vous-même.
window-title = Ouvrir dans une nouvelle fenêtre
window-do = Votre navigateur ne garde pas de témoins pour les pages intégrées. Dans sa propre fenêtre, tout fonctionne. Rien n’est perdu.
window-once = Le bouton ne sert qu’une fois. Pour rouvrir la page plus tard, utilisez le lien du cours.
open-window = Ouvrir dans une nouvelle fenêtre

pick-title = Que voulez-vous placer ici ?
pick-one = Choisissez un élément
pick-several = Choisissez un ou plusieurs éléments
pick-place = Placer dans le cours
pick-return = Continuer vers { $lms }
pick-not-here = { $lms } n’autorise pas ce type d’élément ici.
pick-where = Votre choix retourne à { $lms } ({ $host }).
pick-teachers = Badges pour l’équipe enseignante
pick-teachers-line = Ouvre les badges de ce cours pour l’équipe enseignante ; les autres voient les leurs.
pick-mine = Mes badges
pick-mine-line = Montre à chaque personne ses propres badges.
pick-progress = { $badge } : progression
pick-progress-line = Montre à chaque personne si elle a { $badge }.
pick-grades = Note
pick-graded = Le badge compte comme activité notée
pick-graded-hint = Pour la progression seulement. Qui obtient le badge reçoit la note complète ; le révoquer retire la note.
pick-done = Insertion dans votre cours
pick-nothing = Rien n’a été choisi
pick-unchanged = Rien n’a été modifié
pick-unchanged-do = Ce qui était placé reste tel quel. Vous pouvez fermer cette page.
pick-goes = La réponse va à { $lms } ({ $host }). Si rien ne se passe, appuyez sur le bouton.

copied-title = Éléments d’un autre cours
copied-text = Ce cours a été copié. Ses liens mènent encore aux éléments du cours précédent. Rien n’est utilisé ici sans votre accord.
copied-none = Il n’y a rien à reprendre.
copied-from = De { $course }
copied-graded = noté
copied-use = Utiliser ici
notice-copied = { $n ->
    [one] { $n } élément d’un cours précédent peut être utilisé ici.
   *[other] { $n } éléments d’un cours précédent peuvent être utilisés ici.
}
notice-copied-do = Rien n’est utilisé sans votre accord.
notice-copied-link = Voir les éléments
flash-copied = L’élément est utilisé dans ce cours.

progress-none = Vous n’avez pas encore ce badge.
progress-all = Tous mes badges
