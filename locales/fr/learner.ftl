# Pages des apprenantes et apprenants.

my-title = Mes badges
my-way = En cours
my-earned = Obtenus
my-checked = vérifié { $time }
my-none-yet = Vous n’avez pas encore de badge de ce cours. Quand vous en recevrez un, il figurera ici.
my-waits = Il nous faut votre courriel.
my-waits-do = Un badge vous attend jusqu’à ce qu’une adresse soit connue.
my-collect-mail = Envoyé à { $mail } le { $date }. Ouvrez le courriel et suivez son lien pour récupérer le badge.
my-noemail-do = Le cours ne transmet pas votre adresse courriel : le badge attend. Prévenez votre enseignant ou enseignante. Il part de lui-même dès qu’une adresse est connue.
my-valid = valable jusqu’au { $date }
my-nomail = Je n’ai pas reçu le courriel
my-nomail-do = Regardez d’abord dans les indésirables, et vérifiez que l’adresse est la vôtre. Si le courriel n’y est pas, demandez qu’on vous décerne le badge à nouveau.
my-private = Cette page n’est visible que de vous et de vos enseignantes et enseignants.
my-application = Votre demande pour { $badge }
my-share = Partager
my-verify = Vérifier
my-criteria = Critères

card-how = Comment l’obtenir
card-have = Vous avez { $value }
card-goal = Badge à { $goal }
card-togo = Encore { $n } points.
card-left = { $n } sur { $m }, le reste est à faire.
card-any = Une seule de ces conditions suffit.
card-done = Fait
card-open = À faire
card-paused = Votre enseignant ou enseignante a mis ce badge en pause.
card-unknown = Vos résultats ne sont pas encore là.
card-unread = Rien n’a encore été lu dans votre cours.
card-age = Lu dans votre cours { $time }.
card-soon = Tout est fait. Le badge est en route.
card-wait = Tout est fait. Vous recevrez le badge le { $date }.
card-noemail = Tout est fait. Le badge attend que le cours transmette une adresse courriel.
card-teacher = Tout est fait. Votre enseignant ou enseignante décide si vous recevez le badge.
card-has = Vous avez ce badge, ou il est en route.
card-taken = Ce badge a été retiré. Votre enseignant ou enseignante peut le décerner à nouveau.
card-not-learner = Seules les personnes qui suivent ce cours l’obtiennent.
card-not-active = Vous n’êtes pas actif ou active dans ce cours.
card-apply = Demander { $badge }

mail-heading = Où vont vos badges
mail-goes = Vos badges sont envoyés à { $mail }.
mail-from = D’où vient cette adresse
mail-from-lms = { $lms } nous l’a donnée quand vous avez ouvert cette page. Personne ne l’a saisie ici.
mail-wrong = Elle n’est pas juste ?
mail-wrong-do = Modifiez-la dans votre profil dans { $lms }, puis rouvrez cette page depuis le cours. Les badges déjà envoyés restent liés à l’ancienne adresse ; votre enseignant ou enseignante peut vous les décerner à nouveau.
mail-none = { $lms } ne nous donne pas votre adresse courriel.
mail-waiting = { $n ->
    [one] Un badge l’attend.
   *[other] { $n } badges l’attendent.
}
mail-do = Ce que vous pouvez faire
mail-do-1 = Vérifiez dans votre profil dans { $lms } que votre adresse y figure et peut être transmise aux outils, puis rouvrez cette page depuis le cours.
mail-do-2 = Demandez à votre enseignant ou enseignante, qui peut décerner le badge à l’adresse que vous indiquez.
mail-own = Donner une adresse ici
mail-own-off = On ne peut pas donner d’adresse ici : cette installation ne peut pas envoyer le code qui prouverait qu’une adresse est la vôtre. Sans cette preuve, quelqu’un d’autre pourrait prendre vos badges.
mail-earlier = Adresses précédentes
mail-earlier-do = Des badges y ont été envoyés. Ils y restent valables.

data-title = Ce qui est conservé à votre sujet
data-intro = Voici ce qui est enregistré ici à votre sujet, à cet instant.
data-you = Vous
data-lms = Plateforme de cours
data-sub = Votre numéro sur cette plateforme
data-aliases = Vos autres numéros
data-courses = Cours dans lesquels vous avez ouvert cet outil
data-rest = Le reste
data-awards = Badges décernés, y compris retirés
data-applications = Demandes
data-files = Fichiers transmis
data-facts = Résultats et achèvements lus dans vos cours
data-signals = Messages de vos cours à leur sujet
data-grades = Notes renvoyées pour des badges
data-ask = Les obtenir, corriger, effacer
data-ask-text = L’administration de votre organisation peut vous remettre le tout dans un fichier, et l’effacer. Votre nom et votre adresse se corrigent sur la plateforme de cours, et ici à votre prochaine visite.
