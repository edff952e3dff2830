# Kirjautuminen ja operaattorien sivut.

office-label = Hallinta
signed-in-operator = Kirjautunut operaattorina
signed-in = Kirjautunut: { $name }
sign-out = Kirjaudu ulos
other-organisation = Toinen organisaatio
nav-overview = Yleiskuva
nav-health = Kunto
nav-organisations = Organisaatiot
welcome-title = Kirjaudu Badgebridgeen
welcome-operator = Tämä linkki kirjaa sinut asennuksen operaattoriksi. Se toimii kerran.
welcome-administrator = Tällä linkillä kirjautuu { $name }, organisaation { $org } ylläpitäjä. Se toimii kerran.
welcome-foreign = Jos et pyytänyt tätä linkkiä, sulje tämä sivu.
welcome-sign-in = Kirjaudu
goodbye-title = Olet kirjautunut ulos
goodbye-text = Voit sulkea tämän ikkunan. Kirjautuaksesi uudelleen pyydä uusi linkki.
overview-title = Tämä asennus
overview-well = Kaikki tarkistettu on kunnossa.
overview-fails = { $n ->
    [one] { $n } tarkistus epäonnistuu, ja se on korjattava.
   *[other] { $n } tarkistusta epäonnistuu, ja ne on korjattava.
}
overview-looks = { $n ->
    [one] { $n } kohta vaatii jonkun katsomista.
   *[other] { $n } kohtaa vaatii jonkun katsomista.
}
overview-health = Näytä kaikki tarkistukset
overview-address = Julkinen osoite
overview-version = Versio
overview-organisations = Organisaatiot
overview-registrations = Rekisteröidyt oppimisalustat
overview-waiting = { $n ->
    [one] { $n } käyttöönotto odottaa omaksi ottamista
   *[other] { $n } käyttöönottoa odottaa omaksi ottamista
}
overview-first = Yhtään organisaatiota ei vielä ole. Lisää ensimmäinen ja yhdistä se sitten Factoryyn.
health-title = Kunto
health-col-what = Mitä
health-col-found = Havainto
health-col-do = Mitä tehdä
health-ok = Kunnossa
health-look = Katso
health-fail = Epäonnistuu
health-commands = Tässä nimetyt komennot kirjoitetaan siellä, missä ohjelma toimii.
health-again = Tarkista uudelleen
organisations-title = Organisaatiot
organisations-lead = Jokaisella organisaatiolla on oma Factory-asiakas, oppimisalustat, henkilöt ja merkit. Yksi ei koskaan näe toista.
organisations-none = Yhtään organisaatiota ei vielä ole.
organisations-name = Nimi
organisations-identity = Yhteys
organisations-not-connected = Ei yhdistetty
organisations-token = Asiakassalaisuus
organisations-until = Varmenne { $date } asti
organisations-open = Hallitse
organisations-rename = Nimeä uudelleen
organisations-add = Lisää organisaatio
organisations-add-name = Uuden organisaation nimi
organisations-new-name = Uusi nimi: { $name }
bad-name-taken = Tämänniminen organisaatio on jo olemassa. Valitse toinen nimi.
bad-name = Anna 1–200 merkin nimi.
flash-saved = Tallennettu.
err-sign-in = Kirjaudu ensin
err-sign-in-do = Et ole kirjautunut, tai olit hetken poissa. Avaa kirjautumislinkki: operaattorit tulostavat sen komennolla ”badgebridge admin link”, ylläpitäjät pyytävät operaattorilta.
err-link = Tämä kirjautumislinkki ei enää toimi
err-link-do = Se on käytetty, liian vanha tai otettu takaisin. Operaattorit tulostavat uuden komennolla ”badgebridge admin link”, ylläpitäjät pyytävät operaattorilta.
err-operators = Vain operaattori voi tehdä tämän
err-operators-do = Hallitset yhtä organisaatiota. Kysy tämän asennuksen operaattorilta.
err-choose = Valitse ensin organisaatio
err-choose-do = Hallinnan sivut näyttävät yhden organisaation kerrallaan.
begin-title = Aluksi
begin-address = Julkinen osoite
begin-key = Avain, joka sulkee salaisuudet
begin-organisation = Ensimmäinen organisaatio
begin-administrator = Linkki sen ylläpitäjälle
