# Accueil, historique, événement, attribution, révocation.

home-title = Badges de ce cours
count-people = { $n ->
    [one] { $n } personne
   *[other] { $n } personnes
}
count-badges = { $n ->
    [one] { $n } badge
   *[other] { $n } badges
}
count-awards = { $n ->
    [one] { $n } attribution depuis le { $date }
   *[other] { $n } attributions depuis le { $date }
}
needs-title = À traiter
needs-none = Rien à traiter.
needs-count = { $n ->
    [one] { $n } élément
   *[other] { $n } éléments
}
needs-all = Tout afficher ({ $n })
needs-word-hold = En suspens
needs-word-refused = Échec
needs-word-parked = Décision requise
needs-word-unrevoked = Non révoqué
needs-word-unmade = Arrêté à mi-chemin
needs-word-unlooked = Pas examiné
needs-noemail = { $name } a obtenu { $badge }, mais le cours ne transmet pas son adresse courriel.
needs-refused = { $n ->
    [one] { $n } attribution de { $badge } a été refusée.
   *[other] { $n } attributions de { $badge } ont été refusées.
}
needs-parked = { $n ->
    [one] { $n } attribution de { $badge } a été envoyée deux fois sans réponse. Plus rien ne part avant votre décision.
   *[other] { $n } attributions de { $badge } ont été envoyées deux fois sans réponse. Plus rien ne part avant votre décision.
}
needs-unrevoked = Factory ne retire pas { $badge } à { $name }. Nous continuons d’essayer.
needs-unmade = Une commande de { $badge } n’a pas été menée à terme. Votre administrateur peut la reprendre.
needs-unlooked = Les règles n’ont pas pu être appliquées à { $name }.
needs-see-hold = Voir que faire
needs-see-refused = Voir la raison
needs-see-parked = Vérifier et décider
needs-see-unrevoked = Voir l’attribution
needs-see-unmade = Voir la commande
needs-see-unlooked = Voir cette personne
open-title = En cours
open-running = Envoi
open-draft = Inachevé
open-running-line = { $badge } : { $n } sur { $m }
open-draft-line = { $n ->
    [0] { $badge }, personne n’est encore choisi
    [one] { $badge } pour { $n } personne
   *[other] { $badge } pour { $n } personnes
}
open-draft-empty = Aucun badge choisi pour l’instant
open-changed = · modifié { $time }
open-watch = Suivre
open-go-on = Reprendre
badges-title = Badges
home-unread = Les badges sont lus pour la première fois.
home-empty-allowed = Aucun badge n’est encore autorisé dans ce cours. Demandez à { $admin } d’en autoriser un.
home-empty-allowed-any = Aucun badge n’est encore autorisé dans ce cours. Demandez à l’administration d’en autoriser un.
home-empty-awards = Personne n’a encore reçu de badge dans ce cours.
home-empty-issue = Décerner le premier
issue-short = Décerner
badge-gone-short = N’est plus proposé
recent-title = Attributions récentes
recent-all = Tout l’historique

history-title = Historique
history-none = Aucune attribution ne correspond à ces filtres.
history-pages = Pages de l’historique
filter-title = Filtrer
filter-any = Tous
filter-person = Nom ou courriel contenant
filter-how = Origine
filter-from = Du
filter-to = Au
filter-show = Afficher
filter-clear = Effacer les filtres
filter-clear-all = Effacer tous les filtres
filter-on-its-way = En route
filter-held = En suspens
filter-revoked = Révoqué
per-page = Lignes par page :
per-page-n = { $n } lignes par page

event-title = { $badge }, décerné le { $date }
event-by = Décerné par
event-mail = Courriel envoyé
event-id = Événement dans Factory
event-recipients = Destinataires
event-nobody = Factory ne montre encore personne pour cet événement.
event-pages = Pages des destinataires
event-revoke = Révoquer pour les personnes sélectionnées

award-title = { $badge } pour { $name }
award-reason = Raison indiquée :
award-link = Badge
award-revoke = Révoquer cette attribution
means-queued = Elle est conservée et sera envoyée. Il n’y a rien à faire.
means-checking = La réponse s’est perdue. Nous interrogeons Factory avant tout nouvel envoi : personne ne reçoit le badge deux fois.
means-noemail = Le cours ne transmet pas d’adresse courriel. L’attribution attend et part d’elle-même dès qu’une adresse est connue.
means-failed = Factory l’a refusée. Corrigez la cause, puis décernez à nouveau.
means-parked = Elle a été envoyée deux fois et aucune réponse n’est venue. Vérifiez dans Factory si la personne a le badge, puis prévenez l’administration.
means-revoking = La révocation est en route vers Factory.
means-withdrawn = Elle a été reprise avant l’envoi. Personne n’en a été averti.
means-revoked = Les liens vers ce badge indiquent qu’il n’est plus valable.
trail-title = Ce qui s’est passé
trail-zone = heures en { $zone }
did-asked = Demandé par { $who }
did-ruled = Sa règle a trouvé les conditions remplies
did-held = En attente d’une adresse courriel
did-released = Une adresse courriel est arrivée
did-sent = Envoyé : Factory l’a accepté
did-not-reached = Factory était injoignable, rien n’a été envoyé
did-answer-lost = Envoyé, mais la réponse s’est perdue
did-found = Vérifié : Factory l’a
did-not-found = Vérifié : Factory ne l’a pas
did-refused = Factory l’a refusé
did-asked-to-wait = Factory nous a demandé d’attendre
did-tried-again = Nouvel essai demandé par { $who }
did-parked = Arrêté jusqu’à la décision d’une personne
did-revoke-asked = Révocation demandée par { $who }
did-revoked = Factory l’a révoqué
did-withdrawn = Repris par { $who } avant l’envoi
did-twice = Factory l’a en double

extra-title = Décerné deux fois
extra-text = Factory a créé deux événements pour une seule commande : chaque personne concernée a le badge en double. Les deux courriels sont partis. Le second événement peut être révoqué, le premier reste.
extra-kept = Premier événement, conservé
extra-event = Second événement
extra-revoke = Révoquer le second événement
extra-ask = Révoquer le second événement de { $badge } ?
extra-people = Personnes concernées
extra-warn = Les liens vers le badge du second événement indiqueront qu’il n’est plus valable. Le badge du premier événement reste valable. C’est définitif.
extra-keep = Conserver les deux
extra-late-title = Décerné tardivement
extra-late-text = Factory a créé cet événement après l’abandon de la commande : les personnes concernées ont le badge bien qu’il ait été repris ici.
extra-late-event = Événement tardif
extra-late-revoke = Révoquer l’événement tardif
extra-late-ask = Révoquer l’événement tardif de { $badge } ?
extra-late-warn = Les liens vers le badge de cet événement indiqueront qu’il n’est plus valable. C’est définitif ; vous pourrez le décerner à nouveau.
extra-late-keep = Le conserver
extra-asked = Sa révocation est en route vers Factory.
extra-failed = Factory n’a pas pris la révocation. Demandez-la à nouveau, ou prévenez l’administration.

revoke-title = Révoquer { $badge } pour { $name } ?
revoke-title-n = Révoquer { $badge } pour { $n } personnes ?
revoke-since = décerné le { $date }
revoke-warn = Les liens vers ce badge indiqueront qu’il n’est plus valable. C’est définitif ; vous pourrez le décerner à nouveau.
revoke-not-sent = Ce qui n’est pas encore parti est repris : personne n’en est averti.
revoke-why = Pourquoi ?
reason-mistake = Décerné par erreur
reason-wrong-person = Mauvaise personne ou mauvaise adresse
reason-work-withdrawn = Le travail a été retiré
reason-other = Autre
revoke-note = Ce qui s’est passé
revoke-note-hint = Seul le personnel peut le lire. Ce texte est conservé avec l’attribution.
revoke-tell-yourself = Nous ne pouvons pas écrire à votre place. Prévenez { $name }.
revoke-tell-all = Nous ne pouvons pas écrire à votre place. Prévenez ces personnes.
revoke-now = Révoquer ce badge
revoke-now-n = Révoquer { $n } badges
revoke-keep = Le conserver
revoke-keep-n = Les conserver

# Graphiques
plot-by-day = Attributions par jour
plot-by-week = Attributions par semaine
plot-by-month = Attributions par mois
plot-day = Jour
plot-week = Semaine du
plot-month = Mois du
plot-awards = Attributions
plot-describes = { $n } périodes à partir du { $from }. Le maximum est de { $most } à partir du { $when }. { $total } en tout.
show-numbers = Afficher les chiffres
funnel-title = { $badge } : du cours à la boîte aux lettres
funnel-step = Étape
funnel-people = Personnes
funnel-people-here = Dans le cours
funnel-email = Transmettent une adresse courriel
funnel-awarded = Ont obtenu le badge ici
funnel-sent = Ont reçu l’envoi du badge
