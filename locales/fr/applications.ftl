# Demander un badge, et examiner les demandes.

nav-applications = Demandes ({ $n })
pick-apply-line = Les personnes inscrites demandent { $badge } dans le cours.

ap-none = Pas de demande
ap-draft = Commencée
ap-sending = En route
ap-lost = Arrivée incertaine
ap-pending = En attente d’examen
ap-deciding = Décision en route
ap-approved = Approuvée
ap-rejected = Non approuvée
ap-refused = Non acceptée
ap-gone = N’existe plus

apply-start = Demander { $badge }
apply-form = Votre demande
apply-send = Envoyer la demande
apply-back = Revenir et modifier
apply-draft = Voici votre saisie ({ $time }). Elle est gardée 30 jours après votre dernière modification ; rien n’a encore été envoyé.
apply-as = Vous faites cette demande comme { $name }, { $mail }. Ces données viennent du cours.
apply-criteria = Critères
apply-choose = Choisir
apply-file-hint = Un fichier de { $n } Mo au plus : document, image, son ou vidéo.
apply-files-again = Les fichiers doivent être choisis à nouveau.
apply-code = Code d’obtention
apply-code-hint = Le code que vous avez reçu pour ce badge.
apply-attach = Montrer mes réponses comme preuve avec le badge
apply-sent = Voir ce que j’ai envoyé
apply-by-review = La décision revient à l’équipe enseignante.
apply-by-instant = Le badge est envoyé dès l’arrivée de votre demande.
apply-by-secret = Qui possède le code reçoit le badge aussitôt.
apply-by-peer = La décision revient aux autres personnes qui ont fait une demande.
apply-by-other = La décision revient aux responsables de ce badge.
apply-sending = Votre demande est enregistrée et en route. Vous pouvez fermer cette page.
apply-lost = Vous avez fait votre demande le { $date }, mais nous ne savons pas si elle est arrivée. Demandez à l’équipe enseignante, ou refaites une demande.
apply-pending = Vous avez fait votre demande le { $date }. Votre enseignant ou enseignante en est averti.
apply-approved = Approuvée le { $date }. Le badge arrive par courriel.
apply-rejected = Non approuvée le { $date }. Voici le message de { $who } :
apply-rejected-plain = Non approuvée le { $date }. Vous pouvez refaire une demande.
apply-refused = Votre demande n’a pas été acceptée. La raison figure ci-dessous. Corrigez-la et refaites une demande.
apply-vanished = Votre demande n’existe plus. Vous pouvez en refaire une.
apply-closed = Les demandes sont ouvertes du { $from } au { $to }.
apply-closed-until = Les demandes ouvrent le { $from }.
apply-closed-since = Les demandes étaient ouvertes jusqu’au { $to }.
apply-not-learner = Vous voyez cette page comme la voient les personnes inscrites. Elles seules font une demande.
apply-test = Vous voyez cette page comme étudiant test. Un étudiant test ne peut pas faire de demande.
apply-anonymous = Le cours ne dit pas qui vous êtes. Pour une demande, le cours doit transmettre noms et courriels.
apply-no-email = Le cours ne transmet pas votre adresse courriel, et le badge est envoyé par courriel. Demandez à l’équipe enseignante.
apply-elsewhere = Ce formulaire se remplit sur { $factory }, dans une fenêtre à part. Revenez ici ensuite.
apply-open = Ouvrir le formulaire sur { $factory }
apply-gone = Ce formulaire n’est plus proposé. Demandez à l’équipe enseignante.
flash-applied = Merci. Votre demande est enregistrée.
flash-application-kept = Gardée pendant 30 jours. Rien n’a encore été envoyé.

apps-title = Demandes à examiner
apps-lead = Les plus anciennes d’abord. Votre décision est envoyée à { $factory }, qui avertit la personne.
apps-away = { $factory } ne répond pas. Ce qui est montré a été lu plus tôt ; les décisions sont conservées et envoyées plus tard.
apps-waiting = En attente
apps-none = Aucune demande ne vous attend.
apps-choose = Choisir
apps-sent = Envoyée
apps-refused = Dernière décision non acceptée
apps-several = Décider pour toutes les demandes cochées
apps-message = Message aux personnes
apps-send = Envoyer la décision
apps-elsewhere = Décidées par d’autres
apps-others = Demandes antérieures
apps-also = Attendent aussi
apps-read = Les demandes de { $factory } ont été lues { $time }.
apps-unread = Les demandes de { $factory } sont lues pour la première fois.
needs-apps = { $n ->
    [one] { $n } personne demande { $badge }. La demande attend depuis { $d ->
        [0] moins d’un jour
        [one] { $d } jour
       *[other] { $d } jours
    }.
   *[other] { $n } personnes demandent { $badge }. La plus ancienne demande attend depuis { $d ->
        [0] moins d’un jour
        [one] { $d } jour
       *[other] { $d } jours
    }.
}
needs-word-apps = En attente
needs-see-apps = Examiner
app-title = { $name } demande { $badge }
app-somebody = Quelqu’un
app-sent = Envoyée le { $date }
app-from-factory = sur la page de { $factory }
app-person = Badges et progression de { $name }
app-decided = Décision prise le { $time }.
app-decided-else = { $who } a traité cette demande : { $time }.
app-elsewhere = La décision a été prise sur { $factory }.
app-refused = { $factory } ne l’a pas acceptée : { $reason }
app-answers = Réponses
app-no-answers = Aucune réponse n’est connue ici.
app-evidence = Fichiers
app-evidence-becomes = deviennent une preuve du badge si vous approuvez
app-download = (téléchargement)
app-files-hint = Les fichiers viennent des personnes inscrites : ouvrez-les avec prudence.
app-earlier = Demandes antérieures
app-your-decision = Votre décision
app-decision = Décision
app-approve = Approuver
app-approve-hint = { $name } reçoit { $badge } par courriel.
app-reject = Ne pas approuver
app-reject-hint = { $name } reçoit votre message et peut refaire une demande.
app-message = Message à { $name }
app-message-hint = Nécessaire si vous n’approuvez pas. Dites ce qui manque et ce qu’il faut faire.
app-send = Envoyer la décision et ouvrir la suivante
app-skip = Passer pour l’instant
app-need-instructor = La décision revient aux enseignantes et enseignants du cours.
app-by-instant = Décerné aussitôt : personne ne décide.
app-by-secret = Décerné à qui possède le code : personne ne décide.
app-by-peer = La décision revient aux autres personnes qui ont fait une demande.
app-by-other = La décision est prise dans Factory.
app-mail-subject = Vous avez obtenu { $badge }
app-mail-body = Votre demande pour { $badge } a été approuvée.
app-mail-rejected = Votre demande pour { $badge }
flash-decided = { $n ->
    [0] Rien n’a été décidé : quelqu’un a été plus rapide.
    [one] Votre décision est enregistrée et en route.
   *[other] { $n } décisions sont enregistrées et en route.
}
size-kb = { $n } ko
size-mb = { $n },{ $m } Mo

bad-no-file = Choisissez un fichier.
bad-file-kind = Choisissez un fichier d’un de ces types, avec la bonne extension : { $kinds }.
bad-not-an-address = Saisissez une adresse courriel comme nom@ecole.example.
bad-not-a-link = Saisissez une adresse web qui commence par https:// ou http://.
bad-not-a-number = Saisissez un nombre.
bad-no-code = Saisissez le code que vous avez reçu.
bad-message-needed = Dites ce qui manque et ce qu’il faut faire, en 10 caractères au moins.
bad-nothing-ticked = Cochez au moins une demande.
