# Les personnes d’un cours, et ce qui a changé à leur sujet.

nav-people = Personnes
people-list-title = Personnes
people-list-lead = Choisissez une personne pour voir quels badges elle reçoit, lesquels non, et pourquoi.
people-list-none = Personne ne suit encore ce cours, pour autant qu’on sache.
person-address = Il a été envoyé à { $old }. Le cours indique maintenant { $new }. Rien n’est renvoyé automatiquement.
person-address-again = Le décerner à la nouvelle adresse
person-address-revoke = Pour l’envoyer à la nouvelle adresse, révoquez d’abord celui-ci, puis décernez-le à nouveau.
copied-rules = Règles du cours d’origine
copied-rules-text = Une règle reprise est un brouillon : elle ne décerne rien avant que vous l’ayez revue et activée. Les activités ont d’autres identifiants dans une copie.
copied-rule-use = Reprendre comme brouillon
