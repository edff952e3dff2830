# Pages des apprenantes et apprenants.

my-title = Mes badges
my-none-yet = Vous n’avez pas encore de badge de ce cours. Quand vous en recevrez un, il figurera ici.
my-collect-mail = Envoyé à { $mail } le { $date }. Ouvrez le courriel et suivez son lien pour récupérer le badge.
my-noemail-do = Le cours ne transmet pas votre adresse courriel : le badge attend. Prévenez votre enseignant ou enseignante. Il part de lui-même dès qu’une adresse est connue.
my-valid = valable jusqu’au { $date }
my-nomail = Je n’ai pas reçu le courriel
my-nomail-do = Regardez d’abord dans les indésirables, et vérifiez que l’adresse est la vôtre. Si le courriel n’y est pas, demandez qu’on vous décerne le badge à nouveau.
my-private = Cette page n’est visible que de vous et de vos enseignantes et enseignants.
