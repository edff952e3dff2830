# Yhden organisaation hallinta: käyttöönotto, Factory, oppimisalustat, kurssit, jono, loki, henkilöt, asetukset.

nav-setup = Käyttöönotto
admin-title = Ota Badgebridge käyttöön
admin-count = { $n }/{ $m } vaihetta valmiina
admin-glance = Yhdellä silmäyksellä
task-factory = Yhdistä Badge Factory
task-factory-hint = Varmenne, jolla saamme myöntää nimissäsi
task-lms = Rekisteröi oppimisalustasi
task-lms-hint = Jotta kurssit voivat avata työkalun
task-grades = Anna meidän lukea arvosanat ja suoritukset
task-grades-hint = Tarvitaan vain automaattisiin sääntöihin
task-courses = Valitse, mitkä kurssit saavat käyttää mitäkin merkkejä
task-courses-hint = Siihen asti jokainen kurssi voi käyttää kaikkia julkaistuja merkkejä
task-people = Nimeä ylläpitäjät
task-people-hint = Tämän asennuksen operaattorin lisäksi
st-none = Aloittamatta
st-going = Kesken
st-done = Valmis
st-problem = Ongelma
glance-factory = Yhteys
glance-queue = Käsiteltävät tilaukset
glance-problems = Ongelmat
glance-courses = Kurssit
fac-1 = Kirjaudu Factoryyn ylläpitäjänä.
fac-2 = Avaa Admin tools, sitten API key, ja paina Generate.
fac-3 = Liitä koko teksti tähän 10 minuutin kuluessa.
fac-host = Factorysi
fac-other = Muu osoite
fac-other-hint = Vain operaattorit näkevät tämän kentän. Osoite alkaa https:// ja päättyy palvelimen nimeen.
fac-key = API-avain
fac-hint = Noin 350 kirjainta ja numeroa yhdellä tai usealla rivillä. Sitä käytetään kerran, eikä sitä säilytetä.
fac-connect = Yhdistä
fac-renew = Uusi
fac-renew-text = Uutta varmennetta kokeillaan kolmesti, ennen kuin se korvaa tämän. Tämä säilytetään vielä 7 päivää siltä varalta, että Factory ei hyväksy uutta.
fac-with-certificate = Käytä varmennetta, joka sinulla on
fac-with-secret = Yhdistä asiakastunnuksella ja salaisuudella
fac-client = Asiakastunnus
fac-certificate = Varmenne (PEM)
fac-certificate-key = Sen yksityinen avain (PEM), ilman salasanaa
fac-secret = Asiakassalaisuus
fac-sealed = Se tallennetaan suljettuna, eikä sitä näytetä koskaan.
fac-not-shown-again = Turvallisuutesi vuoksi syöttämääsi ei näytetä uudelleen.
fac-connected = Yhdistetty
fac-id = Asiakas
fac-valid = Voimassa asti
fac-last-ok = Viimeisin onnistunut kutsu
fac-test = Testaa nyt
fac-attempt = Viimeisin yritys, { $time }
fac-attempt-none = Mitään ei ole vielä kokeiltu.
fac-running = Kysymme Factorylta. Voit sulkea tämän sivun, työ jatkuu.
fac-look = Katso uudelleen
fac-step-read = Syöttämäsi on luettavissa
fac-step-fresh = Avain on tuore
fac-step-request = Yksityinen avain ja pyyntö tehty
fac-step-sign = Factory allekirjoitti varmenteen
fac-step-ping = Testikutsuun vastattiin
fac-step-done = valmis
fac-step-failed = epäonnistui
fac-step-idle = ei saavutettu
fac-ok = Yhdistetty. Factory vastaa.
fac-earlier = Aiempi yhteys toimii yhä ja pysyy käytössä.
fac-pending = Uusi varmenne odottaa: se otetaan käyttöön, kun testi onnistuu.
fac-e-empty = Liitä API-avain.
fac-e-cut = Avain näyttää katkenneen. Kopioi se uudelleen ensimmäisestä viimeiseen merkkiin.
fac-e-foreign = Avainta ei ole tehnyt { $host }. Valitse toinen Factory tai tee avain siellä.
fac-e-old = Tämä API-avain on yli 10 minuuttia vanha. Tee uusi ja liitä se tähän.
fac-e-clock = Kellomme mukaan avain on tehty tulevaisuudessa. Pyydä operaattoria tarkistamaan kello.
fac-e-used = Tätä API-avainta on jo käytetty. Tee uusi ja liitä se tähän.
fac-e-make = Emme voineet tehdä yksityistä avainta. Vika on meidän. Kerro operaattorille.
fac-e-refused = { $host } ei allekirjoittanut pyyntöä. Tee uusi avain ja yritä uudelleen.
fac-e-down = { $host } ei vastaa. Yritä uudelleen; API-avain on voimassa 10 minuuttia.
fac-e-not = Osoitteessa { $host } ei ole Factorya. Tarkista osoite.
fac-e-unusable = Syöttämääsi ei voi käyttää.
fac-e-ping = Testikutsu epäonnistui. Aiempi yhteys pysyy käytössä.
fac-e-other = Organisaatiosi on jo toinen Factoryn asiakas. Vaihtaminen kadottaisi tiedon myönnetyistä merkeistä: kysy operaattorilta.
fac-e-taken = Tämä asiakas on jo yhdistetty toiselle organisaatiolle. Kysy operaattorilta.
fac-e-none = Tätä organisaatiota ei ole koskaan yhdistetty.
fac-e-interrupted = Työ keskeytyi. Tee uusi API-avain ja yritä uudelleen.
fac-said = Vastaus oli:
cert-days = { $n ->
    [one] Varmenne päättyy { $n } päivän kuluttua, { $date }.
   *[other] Varmenne päättyy { $n } päivän kuluttua, { $date }.
}
cert-expired = Varmenne päättyi { $date }. Myönnöt säilytetään ja lähetetään, kun uusit sen.
bad-address = Anna osoite, joka alkaa https:// ja päättyy palvelimen nimeen.
glance-issued = Viimeisten 7 päivän myönnöt
bad-typed-name = Kirjoita { $name } täsmälleen kuten se on tässä.
disconnect-title = Katkaistaanko yhteys Factoryyn: { $name }?
disconnect-withdraw-title = Myöntöjä odottaa: { $name }
disconnect-stops = Mikä pysähtyy
disconnect-stops-1 = Merkkejä ei lähetetä, peruta eikä etsitä. Säännöt ja hakemukset jatkuvat; mitä ne antavat, odottaa.
disconnect-stops-2 = Sivut näyttävät merkit sellaisina kuin ne viimeksi luettiin.
disconnect-stops-3 = Yksityinen avain tai asiakassalaisuus poistetaan täältä lopullisesti. Uusi yhteys vaatii saman asiakkaan uuden API-avaimen, varmenteen tai salaisuuden.
disconnect-stays = Myönnetyt merkit pysyvät voimassa. Factoryssa mikään ei muutu.
disconnect-unsure = { $n ->
    [one] Emme tiedä { $n } tilauksesta, toteuttiko Factory sen. Se säilytetään, ja siitä kysytään seuraavan yhteyden jälkeen.
   *[other] Emme tiedä { $n } tilauksesta, toteuttiko Factory ne. Ne säilytetään, ja niistä kysytään seuraavan yhteyden jälkeen.
}
disconnect-waits = { $n ->
    [one] { $n } myöntö odottaa yhteyttä Factoryyn.
   *[other] { $n } myöntöä odottaa yhteyttä Factoryyn.
}
disconnect-queued = { $n ->
    [one] { $n } myöntöä ei vielä lähetetty. Mitä sille tehdään?
   *[other] { $n } myöntöä ei vielä lähetetty. Mitä niille tehdään?
}
disconnect-keep = Ne odottavat ja lähtevät seuraavan yhteyden jälkeen
disconnect-withdraw = Ne otetaan takaisin: kukaan ei saa näitä merkkejä
disconnect-withdraw-link = Ota ne takaisin
disconnect-withdraw-now = { $n ->
    [one] Ota { $n } myöntö takaisin
   *[other] Ota { $n } myöntöä takaisin
}
disconnect-type = Jatka kirjoittamalla organisaation nimi
disconnect-now = Katkaise yhteys
flash-disconnected = Yhteys katkaistu. Odottavat lähtevät seuraavan yhteyden jälkeen.
flash-queue-withdrawn = { $n ->
    [one] Yhteys katkaistu. { $n } myöntö otettiin takaisin.
   *[other] Yhteys katkaistu. { $n } myöntöä otettiin takaisin.
}
