# Hallinta: merkit Factoryssa, organisaation profiili, tapahtumat, raportit.

nav-badges = Merkit
nav-events = Tapahtumat
nav-reports = Raportit
nav-issuer = Myöntäjä
yes = Kyllä
no = Ei

# Kuinka vanhaa näkyvä on
age-read = Luettu Factorysta { $time }.
age-failing = Factory ei vastaa, alkaen { $time }.
age-shown = Näin se vastasi { $time }.
age-nothing = Mitään ei ole vielä luettu. Katso myöhemmin uudelleen.

# Luettelo
badges-admin = Merkit
badges-search = Nimi, kuvaus tai tunniste
badges-category = Luokka
badges-language = Kieli
badges-awards = Myönnöt
badges-many = yli 10 000
badges-changed = Muutettu
badges-none = Merkkejä ei vielä ole, tai Factorya ei ole vielä luettu.
badges-none-fit = Mikään merkki ei vastaa.
badges-back = Kaikki merkit
badge-published = Julkaistu
badge-draft = Luonnos
badge-deleted = Poistettu

# Yksi merkki
badge-is-gone = Factorylla ei enää ole tätä merkkiä. Saadut merkit pysyvät voimassa.
badge-not-read = Tätä luetaan Factorysta.
badge-criteria = Kriteerit
badge-no-criteria = Niitä ei ole.
badge-facts = Tiedot
badge-message = Viesti
badge-metadata = Omat tietonne
badge-made = Tehty
badge-change = Muuta tätä merkkiä
badge-delete-link = Poista tämä merkki
badge-events = Näytä sen tapahtumat
badge-for-months = { $n ->
    [one] { $n } kuukausi
   *[other] { $n } kuukautta
}
badge-until-date = { $date } asti

# Lomake
badge-new = Uusi merkki
badge-edit = Muuta: { $name }
badge-form-lead = Muutokset eivät koske jo saatuja merkkejä.
badge-form-languages = Sen muunkieliset tekstit ({ $list }) pysyvät ennallaan.
badge-name = Nimi
badge-description = Kuvaus
badge-picture = Kuva
badge-picture-hint = Neliönmuotoinen PNG, 400–1 200 kuvapistettä ja enintään 1 Mt. Suuremmat pienennetään.
badge-picture-again = Valitse tiedosto uudelleen: sitä ei säilytetä lomaketta korjattaessa.
badge-picture-now = Nyt käytössä
badge-criteria-hint = Tavallista tekstiä, kappaleiden välissä tyhjä rivi, luetteloissa ”- ”, **lihava**, *kursiivi*, [sanat](https://…). Myös HTML käy.
badge-preview = Esikatsele kriteerit
badge-preview-title = Esikatselu
badge-validity = Kuinka kauan se on voimassa?
badge-endless = Ei loppua
badge-months = Joitakin kuukausia
badge-months-n = Kuukausien määrä
badge-until = Tiettyyn päivään asti
badge-until-day = Mikä päivä
badge-tags = Tunnisteet
badge-tags-hint = Pilkuilla erotettuina.
badge-message-hint = Mitä henkilöt saavat tämän merkin mukana, ellei tilaus sano muuta. Tässä tyhjä osa on annettava joka kerta.
badge-subject = Aihe
badge-body = Teksti
badge-link = Linkin sanat
badge-footer = Alaosa
badge-more = Lisää
badge-metadata-hint = ”avain: arvo”, yksi rivillä. Kukaan organisaationne ulkopuolella ei näe niitä.
badge-css = Kriteerisivun tyyli (CSS)
badge-is-draft = Tämä on luonnos: sitä ei voi vielä antaa kenellekään.
badge-save = Tallenna merkki

# Poistaminen
badge-delete-title = Poistetaanko { $name }?
badge-delete-text = Jo myönnetyt merkit pysyvät voimassa. Tätä merkkiä ei voi enää antaa kenellekään. Tätä ei voi kumota.
badge-delete-rules = { $n ->
    [0] Mikään sääntö ei pysähdy.
    [one] { $n } sääntö pysähtyy.
   *[other] { $n } sääntöä pysähtyy.
}
badge-delete-forms = { $n ->
    [0] Mikään hakulomake ei pysähdy.
    [one] { $n } hakulomake pysähtyy.
   *[other] { $n } hakulomaketta pysähtyy.
}
badge-delete-name = Kirjoita merkin nimi
badge-delete-now = Poista tämä merkki
badge-delete-keep = Pidä se

# Matkalla olevat muutokset
edits-title = Tallennetaan
edit-on-its-way = Muutos on matkalla.
edit-see = Katso, missä vaiheessa se on
edit-create = Uusi merkki: { $name }
edit-change = Muutos: { $name }
edit-delete = Poistetaan: { $name }
edit-profile = Myöntäjän profiilin muutos
edit-ready = Odottaa
edit-sending = Lähetetään
edit-unsure = Tarkistetaan
edit-done = Tallennettu
edit-refused = Evätty
edit-parked = Vaatii päätöksen
edit-dropped = Luovuttu
edit-says-ready = Muutoksesi on tallessa täällä ja lähetetään Factoryyn heti, kun se vastaa. Voit sulkea tämän sivun.
edit-says-sending = Muutostasi lähetetään Factoryyn. Voit sulkea tämän sivun.
edit-says-unsure = Vastaus katosi. Kysymme Factorylta, onko sillä muutoksesi, ennen kuin mitään lähetetään uudelleen. Voit sulkea tämän sivun.
edit-says-done = Factorylla on se. Merkkiluettelo luetaan uudelleen.
edit-says-deleted = Factory on poistanut sen. Merkkiluettelo luetaan uudelleen.
edit-says-refused = Factory ei ottanut sitä vastaan. Mitään ei muutettu. Avaa lomake uudelleen, korjaa ja tallenna.
edit-says-parked = Vastaus katosi kahdesti, eikä Factory näytä sitä. Katso sieltä. Lähetä se sitten uudelleen tai luovu siitä.
edit-says-dropped = Siitä luovuttiin. Emme lähetä mitään.
edit-factory-said = Factory sanoi:
edit-again = Lähetä uudelleen
edit-drop = Luovu
edit-form = Avaa lomake uudelleen
edit-thing = Katso nykytila

# Organisaatio
issuer-title = Myöntäjän profiili
issuer-lead = Factory näyttää tämän jokaisessa merkissä.
issuer-not-read = Profiilia luetaan Factorysta.
issuer-url = Verkko-osoite
issuer-description = Kuvaus
issuer-email = Sähköposti
issuer-picture = Logo
issuer-save = Tallenna profiili
issuer-tier = Tilaus
issuer-paid = Maksettu asti
issuer-limit = Merkkejä vuodessa
issuer-country = Maa
issuer-verified = Varmennettu
issuer-suspended = Keskeytetty

# Tapahtumat
events-title = Tapahtumat Factoryssa
events-lead = Kaikki, mitä tämä ohjelma ja muut ovat myöntäneet. Ensin kysytään niiden määrä; sitten ne luetaan sivu kerrallaan.
events-email = Osoite
events-consumer = Myöntäjäohjelma (integraatio)
events-order = Järjestys
events-oldest = Vanhimmat ensin
events-newest = Uusimmat ensin
events-limit = Enintään
events-offset = Jätä alusta pois
events-count-only = Laske vain määrä
events-dates-hint = Factory ei kerro, ovatko sen päivät merkin vai kutsun. Hae hieman väljemmin.
events-search = Hae tapahtumia
events-latest = Organisaatiosi haut viimeisten 24 tunnin ajalta
events-all = Kaikki tapahtumat
events-again = Hae uudelleen
search-title = { $n ->
    [one] { $n } tapahtuma
   *[other] { $n } tapahtumaa
}
search-title-counting = Haetaan tapahtumia
search-counting = Lasketaan
search-reading = Luetaan
search-done = Valmis
search-failed = Epäonnistui
search-progress = { $n }/{ $m } luettu.
search-error = Factory ei vastaa niin kuin pitäisi. Luettu säilyy; yritämme uudelleen.
search-read = Pyydetty { $time }.
event-of = Tapahtuma: { $badge }
event-of-id = Tapahtuma { $id }
event-facts = Tiedot
event-issued = Myöntöpäivä
event-called = Lähetetty
event-until = Voimassa asti
event-people = Saajat
event-revoked = Peruttu
event-revoked-on = Peruttu päivänä
event-declined = Hylätty
event-log = Ohjelman merkintä
csv-event = Tapahtuma
csv-badge-id = Merkin tunnus
csv-count = Määrä

# Raportit
reports-title = Raportit
reports-not-read = Raporttia lasketaan.
reports-counted = Laskettu { $time }.
reports-total = { $n ->
    [0] Tänä aikana ei myönnetty mitään.
    [one] Tänä aikana myönnettiin { $n } merkki.
   *[other] Tänä aikana myönnettiin { $n } merkkiä.
}
reports-over-time = Myönnöt ajan mukaan
reports-few = Liian vähän kuvioon.
reports-by-badge = Myönnöt merkeittäin
reports-by-course = Myönnöt kursseittain
reports-no-course = Kurssien ulkopuolella
reports-funnel = Hakemukset
reports-applications = Hakemukset
reports-no-applications = Kukaan ei hakenut tänä aikana.
reports-applied = Haettu
reports-decided = Päätetty
reports-approved = Hyväksytty
reports-asked = Merkin noutaminen tiedetään { $n } hyväksytystä hakemuksesta, yhteensä { $m }.

# Mikä voi olla väärin
bad-picture = Valitse PNG-muotoinen kuva. Muita tiedostoja ei oteta, nimestä riippumatta.
bad-picture-small = Valitse kuva, jonka joka sivulla on vähintään 400 kuvapistettä.
bad-picture-large = Valitse kuva, jonka joka sivulla on enintään 4 096 kuvapistettä.
bad-picture-square = Valitse neliönmuotoinen kuva: yhtä leveä kuin korkea.
bad-active-html = Poista se, mikä suorittaa, lataa tai lähettää: skriptit, tyylit, kehykset, lomakkeet ja määritteet kuten onclick.
bad-not-the-name = Kirjoita nimi täsmälleen kuten se näkyy.
bad-under-way = Aiempaa muutosta tallennetaan vielä. Odota, kunnes se on valmis, ja tallenna sitten uudelleen.
bad-changed-elsewhere = Merkkiä muutettiin Factoryssa työskennellessäsi. Katso sen sivu; syöttämäsi on tässä tallella. Tallenna uudelleen korvataksesi sen.
bad-not-known-yet = Tätä ei ole vielä luettu Factorysta. Avaa sivu hetken kuluttua uudelleen.
bad-dates-cross = Valitse viimeinen päivä, joka ei ole ennen ensimmäistä.
bad-metadata-line = Rivi { $n } ei ole muotoa ”avain: arvo”. Käytä avaimessa kirjaimia, numeroita, pisteitä ja yhdysviivoja.

# Merkki kurssilla
badge-gone = Tätä merkkiä ei enää tarjota palvelussa { $factory }. Aiemmat myönnöt pysyvät voimassa.
badge-here-no-rule = Mikään tämän kurssin sääntö ei anna sitä.
badge-here-placed = Sijoitettu tälle kurssille nimellä
badge-here-who = Kuka on saanut sen tältä kurssilta
badge-here-nobody = Kukaan ei ole vielä saanut sitä tältä kurssilta.
badge-here-all = Kaikki { $n } historiassa
