# Myöntämisen neljä vaihetta, edistyminen ja tulos.

steps-label = Merkin myöntämisen vaiheet
step-badge = Merkki
step-people = Henkilöt
step-message = Viesti
step-check = Tarkistus
step-done = (valmis)
step-n-of-m = Vaihe { $n }/{ $m }

badge-title = Mikä merkki?
badge-search-label = Merkit
badge-search = Etsi merkki
badge-legend = Valitse yksi merkki
badge-found = { $n }/{ $m } näkyvissä
badge-none-found = Mikään merkki ei vastaa hakua.
badge-earned = { $n ->
    [0] Kenelläkään täällä ei vielä ole sitä
    [one] { $n } henkilöllä täällä on se
   *[other] { $n } henkilöllä täällä on se
}

people-title = Kuka saa tämän merkin?
change-badge = Vaihda merkki
people-search-label = Kurssin jäsenet
people-search = Etsi nimellä tai sähköpostilla
people-show = Näytä
show-everyone = Kaikki
show-without = Ei vielä myönnetty
show-no-email = Ilman sähköpostia
show-selected = Valitsemani henkilöt
people-in-course = { $n ->
    [one] { $n } henkilö kurssilla
   *[other] { $n } henkilöä kurssilla
}
roster-read = Luettu { $time }.
roster-again = Lue uudelleen
roster-reading = Henkilöluetteloa luetaan.
roster-rereading = Luettu { $time }, luetaan uudelleen.
roster-failed = Luettu { $time }. Viimeisin yritys epäonnistui.
roster-never = Henkilöluetteloa ei voitu lukea.
roster-not-offered = Oppimisalustasi ei jaa henkilöluetteloa.
people-all = { $n ->
    [one] Valitse { $n } henkilö, jolla ei ole tätä merkkiä
   *[other] Valitse kaikki { $n }, joilla ei ole tätä merkkiä
}
people-none = Tyhjennä valinta
people-selected = { $n } valittu
people-empty = Ketään ei ole luettelossa. Voit silti liittää sähköpostiosoitteita.
people-none-found = Kukaan ei vastaa hakua.
people-caption = Kurssin jäsenet, sivu { $n }/{ $m }
people-pages = Kurssin jäsenten sivut
people-range = Henkilöt { $from }–{ $to }, yhteensä { $n }.
selection-kept = Valintasi säilyy, kun vaihdat sivua.
row-none = Ei myönnetty
row-hasit = Saanut { $date }
row-again = Myönnä uudelleen
row-gets-again = Saa sen uudelleen
row-on-its-way = Matkalla
row-held = Sääntö pitää odottamassa
row-by-hand = Myönnä käsin
row-gets-by-hand = Saa sen käsin
row-noemail = Ei sähköpostia: odottaa
row-no-email-shared = Oppimisalusta ei jaa sähköpostia
row-invited = Ei ole vielä liittynyt kurssille
paste-title = Eikö henkilö ole luettelossa?
paste-label = Liitä sähköpostiosoitteita
paste-hint = Yksi rivillä. Voit kirjoittaa nimen ensin:
csv-label = Tai lähetä CSV-tiedosto
csv-hint = Sarakkeet ”name” ja ”email”, enintään { $n } riviä. Näet jokaisen rivin, ennen kuin mitään lähetetään.
paste-add = Lisää valintaan
pasting-off = Vain tämän kurssin henkilöitä voi lisätä.
pasting-domains = Kurssin ulkopuolisia voi lisätä, jos osoitteen loppu on: { $domains }.
pasting-any = Kurssin ulkopuolisia voi lisätä.
noemail-title = Sähköposti puuttuu: { $name }
noemail-title-n = { $n } valitulla henkilöllä ei ole sähköpostia
noemail-text = He pysyvät valittuina. Tällainen myöntö odottaa, kunnes kurssi jakaa osoitteen. Kukaan muu ei viivästy.
lines-title = Mitä lisäsit
lines-count = { $bad ->
    [0] { $n } riviä, kaikki lisätty
   *[other] { $n } riviä, { $bad } lisäämättä
}
line-n = Rivi { $n }
line-found = { $name }, kurssilla
line-added = { $email }, kurssin ulkopuolelta
line-outside = Ei kurssilla: tätä osoitetta ei saa lisätä
line-again = Sama kuin rivi { $n }
line-unreadable = Tämä ei ole sähköpostiosoite
line-drop = Poista
people-next = { $n ->
    [0] Jatka
    [one] Jatka: { $n } henkilö
   *[other] Jatka: { $n } henkilöä
}
later = Tallenna ja jatka myöhemmin

message-title = Mitä he saavat?
message-mail = Sähköposti
message-dates = Päivät
message-extra = Lisää
message-reset = Käytä merkin tekstiä
field-subject = Aihe
field-subject-hint = Mitä henkilöt näkevät postilaatikossaan.
field-body = Teksti
field-body-hint = Kerro, mistä merkki annetaan. Noutolinkki tulee perään itsestään.
field-link = Linkin sanat
field-link-hint = Linkki, jota painamalla merkki noudetaan.
field-footer = Viimeinen rivi
field-footer-hint = Esimerkiksi nimesi ja toimistosi.
field-award-date = Myöntöpäivä
field-award-date-hint = Tänään tai aiemmin, enintään viisi vuotta sitten.
field-valid = Voimassa asti
field-months = Kuukautta
field-until = Viimeinen päivä
valid-own-months = { $n ->
    [one] Kuten merkissä: { $n } kuukausi
   *[other] Kuten merkissä: { $n } kuukautta
}
valid-own-until = Kuten merkissä: { $date } asti
valid-own-forever = Kuten merkissä: ei loppua
valid-months = Kuukausien määrä
valid-date = Tietty päivä
valid-forever = Ei loppua
field-criteria = Lisäys kriteereihin
field-criteria-hint = Kaikki merkin näkevät voivat lukea tämän rivin.
field-order = Tämän tilauksen nimi
field-order-hint = Vain henkilökunta näkee sen löytääkseen tilauksen uudelleen.
preview = Näytä esikatselu
preview-title = Esikatselu
preview-link = linkki merkin noutamiseen
preview-note = Factory voi näyttää sen omassa ulkoasussaan.
back-people = Takaisin henkilöihin

check-title = Tarkista ennen lähettämistä
check-next = Mitä seuraavaksi tapahtuu
word-badge = merkkiä
word-people = henkilöitä
word-again = ketkä saavat sen uudelleen
word-instead = keiden kohdalla sääntö korvataan
word-award-date = myöntöpäivää
word-valid = voimassaoloaikaa
word-mail = sähköpostia
word-criteria = kriteereitä
word-order = tilauksen nimeä
show-names = { $n ->
    [one] Näytä nimi
   *[other] Näytä { $n } nimeä
}
check-held = Ei sähköpostia. Nämä myönnöt odottavat, kunnes kurssi jakaa osoitteen.
check-again = Heillä on tämä merkki, ja he saavat sen vielä kerran.
check-instead = Sääntö pitää tämän merkin heille odottamassa. He saavat sen nyt käsin, ja säännön myöntö otetaan takaisin: kukaan ei saa sitä kahdesti.
date-today = { $date } (tänään)
issue-now = { $n ->
    [one] Myönnä { $n } merkki nyt
   *[other] Myönnä { $n } merkkiä nyt
}
issue-hold = { $n ->
    [one] Tallenna { $n } odottava myöntö
   *[other] Tallenna { $n } odottavaa myöntöä
}
back-message = Palaa viestiin
issue-next-1 = { $factory } lähettää jokaiselle sähköpostin, jossa on linkki merkin noutamiseen.
issue-next-2 = Jos Factory on varattu tai poissa, yritämme edelleen. Kukaan ei saa merkkiä kahdesti.
issue-next-3 = Voit perua merkin myöhemmin, mutta lähetettyä sähköpostia ei voi kutsua takaisin.

order-title = Myönnetään: { $badge }
order-title-done = Myönnetty: { $badge }
order-note = Aloittaja: { $who }, klo { $time }. Voit sulkea tämän sivun, työ jatkuu.
order-note-dated = Aloittaja: { $who }, { $time }. Voit sulkea tämän sivun, työ jatkuu.
order-note-done = Aloittaja: { $who }, klo { $time }.
order-note-done-dated = Aloittaja: { $who }, { $time }.
order-n-of-m = { $n }/{ $m } lähetetty
order-left = { $n ->
    [one] Noin { $n } sekunti jäljellä
   *[other] Noin { $n } sekuntia jäljellä
}
order-done = { $n ->
    [one] Valmis. Merkki { $badge } lähetettiin { $n } henkilölle.
   *[other] Valmis. Merkki { $badge } lähetettiin { $n } henkilölle.
}
order-part = { $n } lähetetty, { $h } odottaa, { $f } epäonnistui. Syyt ovat luettelossa.
order-withdrawn = { $n } lähettämättä.
order-held-next = Odottavat lähtevät itsestään, kun osoite tunnetaan.
order-away = { $factory } ei vastaa. Tilauksesi säilytetään ja lähtee heti, kun se on taas tavoitettavissa.
order-caption = Tilauksen henkilöt. Tilat muuttuvat tässä; mitään ei tarvitse painaa.
order-caption-done = Tilauksen henkilöt.
order-pages = Henkilöiden sivut
issue-others = Myönnä muille
live-on = Tämä sivu päivittää itseään.
live-stop = Lopeta päivitys
live-off = Tämä sivu ei päivity.
live-start = Päivitä itsestään
live-now = Päivitä nyt
