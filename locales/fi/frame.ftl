# Kehys, valikot, ilmoitukset ja kaikkialla käytetyt sanat.

skip = Siirry pääsisältöön
nav-label = Tämän kurssin osaamismerkit
nav-home = Etusivu
nav-issue = Myönnä merkki
nav-history = Historia
issued-by = Merkit myöntää { $org } palvelussa { $factory }.
help = Ohje
privacy = Tietosuoja
light-dark = Vaalea tai tumma
title-error = Virhe:{ " " }
errors-title = Lomakkeessa on korjattavaa
error-word = Virhe:{ " " }
new-window-hint = (avautuu uuteen ikkunaan)
continue = Jatka
save = Tallenna
cancel = Peruuta
change = Muuta
search = Hae
next = Seuraava
previous = Edellinen
optional = (valinnainen)
reference = Viite
download-csv = Lataa CSV-tiedostona
look-again = Katso uudelleen
back-home = Takaisin etusivulle
back-badges = Takaisin merkkeihin
back-course = Takaisin kurssille
back-lms = Siirry oppimisalustaan
see-award = Näytä myöntö
see-event = Näytä tapahtuma
see-event-n = Näytä tapahtuma { $n }
elsewhere-in-another-course = Myönnetty toisella kurssilla
see-order = Näytä tilaus
see-assertion = Näytä julkinen sivu
not-selectable = Ei valittavissa

percent = { $value } %
when-today = Tänään klo { $time }
when-yesterday = Eilen klo { $time }
ago-now = hetki sitten
ago-minutes = { $n ->
    [one] { $n } minuutti sitten
   *[other] { $n } minuuttia sitten
}
ago-hours = { $n ->
    [one] { $n } tunti sitten
   *[other] { $n } tuntia sitten
}
ago-date = { $date }

n-of-m = { $n } / { $m }
n-people = { $n ->
    [one] { $n } henkilö
   *[other] { $n } henkilöä
}
n-waiting = { $n } odottaa
page-n = Sivu { $n }
range = { $from }–{ $to }, yhteensä { $n }
and-more = ja { $n } muuta

col-badge = Merkki
col-people = Henkilöt
col-earned = Saanut
col-action = Toiminto
col-person = Henkilö
col-when = Milloin
col-state = Tila
col-time = Aika
col-date = Päivä
col-how = Miten ja kuka
col-links = Linkit
col-name = Nimi
col-selected = Valittu
col-this-badge = Tämä merkki
col-line = Rivi
col-text = Teksti
col-result = Tulos
col-hold = Odottaa
col-again = Uudelleen
col-instead = Säännön sijasta
col-mail = Sähköposti

# Myönnön tilat
aw-queued = Jonossa
aw-sending = Lähetetään
aw-checking = Tarkistetaan
aw-waiting = Odottaa { $date } asti
aw-sent = Lähetetty
aw-collected = Noudettu
aw-noemail = Ei sähköpostia
aw-breaker = Pysäytetty
aw-review = Katso uudelleen
aw-failed = Epäonnistui
aw-parked = Vaatii päätöksen
aw-unreleased = Ei vielä julkaistu
aw-revoking = Perutaan
aw-withdrawn = Ei lähetetty
aw-revoked = Peruttu { $date }
aw-expired = Vanhentunut { $date }
my-aw-queued = Matkalla
my-aw-sent = Noutamatta
my-aw-collected = Saatu
my-aw-noemail = Tarvitsemme sähköpostiosoitteesi
my-aw-failed = Viivästynyt: opettajasi näkee syyn
my-aw-revoking = Otettu takaisin
my-aw-revoked = Otettu takaisin { $date }
cause-hand = Käsin
cause-rule = Säännön perusteella
cause-application = Hakemuksen perusteella
cause-elsewhere = Tehty muualla

# Pysyvät ilmoitukset
notice-away = { $factory } ei vastaa, alkaen { $time }.
notice-away-do = Voit jatkaa: myönnöt säilytetään ja lähetetään myöhemmin.
notice-refuses = { $factory } ei hyväksy kutsujamme.
notice-refuses-do = Myönnöt säilytetään ja lähetetään, kun asia on ratkaistu. Kerro järjestelmänvalvojallesi.
notice-old = Tämän sivun merkit luettiin { $time }.
notice-old-do = Ne luetaan uudelleen niin pian kuin mahdollista.
notice-roster = Oppimisalustasi ei anna lukea, keitä kurssilla on.
notice-roster-do = Voit silti liittää sähköpostiosoitteita. Kerro järjestelmänvalvojallesi.
notice-cert-ends = { $days ->
    [0] Yhteys palveluun { $factory } päättyy vuorokauden sisällä.
    [one] Yhteys palveluun { $factory } päättyy { $days } päivän kuluttua.
   *[other] Yhteys palveluun { $factory } päättyy { $days } päivän kuluttua.
}
notice-cert-ends-do = Kerro järjestelmänvalvojallesi, joka voi uusia sen.
notice-cert-expired = Yhteys palveluun { $factory } on päättynyt.
notice-cert-expired-do = Myönnöt säilytetään ja lähetetään, kun järjestelmänvalvojasi on uusinut yhteyden.
notice-test = Näet tämän sivun testiopiskelijana.
notice-test-do = Mitään ei lähetetä eikä tallenneta.
notice-anonymous = Kurssisi ei kerro, kuka olet.
notice-anonymous-do = Voit lukea merkeistä; merkin saamiseksi kurssin on jaettava nimet ja sähköpostiosoitteet.
notice-twice = { $name } sai merkin { $badge } kahdesti.
notice-twice-do = Toinen tapahtuma voidaan perua.
notice-late = { $name } sai merkin { $badge }, vaikka siitä oli luovuttu.
notice-late-do = Myöhäinen tapahtuma voidaan perua.

# Mitä lähetys teki
flash-draft-kept = Tilaustasi säilytetään 14 päivää. Etusivulla se on kohdassa ”Kesken”.
flash-added = { $n ->
    [0] Ketään ei lisätty. Luettelo kertoo syyn.
    [one] { $n } henkilö lisättiin valintaan.
   *[other] { $n } henkilöä lisättiin valintaan.
}
flash-roster = Henkilöluetteloa luetaan uudelleen. Katso hetken kuluttua.
flash-revoking = { $n ->
    [one] { $n } merkkiä perutaan. Kun Factory on tehnyt sen, linkit vastaavat ”ei enää voimassa”.
   *[other] { $n } merkkiä perutaan. Kun Factory on tehnyt sen, linkit vastaavat ”ei enää voimassa”.
}
flash-revoking-event = Tapahtumaa perutaan.
flash-preferences = Valintasi on tallennettu.
