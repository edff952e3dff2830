# Mikä lomakkeessa on väärin.

bad-no-badge = Valitse merkki
bad-badge-gone = Tätä merkkiä ei enää tarjota. Valitse toinen
bad-nobody = Valitse ainakin yksi henkilö
bad-many-people = Yhdessä tilauksessa voi olla { $n } henkilöä. Poista osa ja myönnä heille toisessa tilauksessa
bad-many-lines = Kerralla luetaan enintään { $n } riviä. Lisää loput sen jälkeen
bad-nothing-to-add = Liitä ainakin yksi sähköpostiosoite tai valitse tiedosto
bad-file-large = Tiedosto on suurempi kuin { $n } Mt. Jaa se osiin
bad-file-unreadable = Tämä ei ole UTF-8-muotoinen CSV-tiedosto. Tallenna se muodossa ”CSV UTF-8” ja valitse uudelleen
bad-file-no-email = Tiedostossa ei ole saraketta ”email”. Lisää tämä sana sarakkeen ensimmäiselle riville
bad-not-a-date = Anna päivä, esimerkiksi 2026-11-21
bad-date-ahead = Myöntöpäivä ei voi olla tulevaisuudessa. Valitse tämä tai aiempi päivä
bad-date-old = Myöntöpäivä voi olla enintään { $n } vuotta sitten. Valitse myöhempi päivä
bad-has-ended = Merkki olisi jo päättynyt. Valitse muu voimassaolo tai myöhempi myöntöpäivä
bad-ends-before = Merkki päättyisi ennen kuin se annetaan. Valitse myöhempi päivä
bad-months = Anna kuukausien määrä väliltä 1–{ $n }
bad-missing = Anna teksti
bad-long = Anna enintään { $n } merkkiä
bad-not-chosen = Valitse jokin näistä
bad-factory = Factory ei hyväksynyt tätä: { $reason }
