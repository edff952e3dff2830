# Merkin hakeminen ja hakemusten käsittely.

nav-applications = Hakemukset ({ $n })
pick-apply-line = Opiskelijat hakevat merkkiä { $badge } kurssilla.

ap-none = Ei haettu
ap-draft = Aloitettu
ap-sending = Matkalla
ap-lost = Perille tulo epäselvä
ap-pending = Odottaa käsittelyä
ap-deciding = Päätös matkalla
ap-approved = Hyväksytty
ap-rejected = Ei hyväksytty
ap-refused = Ei otettu vastaan
ap-gone = Ei enää olemassa

apply-start = Hae merkkiä { $badge }
apply-form = Hakemuksesi
apply-send = Lähetä hakemus
apply-back = Palaa ja muuta
apply-draft = Tämän olet syöttänyt { $time }. Se säilytetään 30 päivää viimeisestä muutoksesta; mitään ei ole vielä lähetetty.
apply-as = Haet nimellä { $name }, { $mail }. Molemmat tulevat kurssiltasi.
apply-criteria = Kriteerit
apply-choose = Valitse
apply-file-hint = Yksi enintään { $n } Mt:n tiedosto: asiakirja, kuva, ääni tai video.
apply-files-again = Tiedostot on valittava uudelleen.
apply-code = Lunastuskoodi
apply-code-hint = Koodi, jonka sait tätä merkkiä varten.
apply-attach = Näytä vastaukseni todisteina merkin yhteydessä
apply-sent = Näytä, mitä lähetin
apply-by-review = Opettaja päättää.
apply-by-instant = Merkki lähetetään heti, kun hakemuksesi saapuu.
apply-by-secret = Lunastuskoodin haltija saa merkin heti.
apply-by-peer = Muut hakijat päättävät.
apply-by-other = Merkistä vastaavat päättävät.
apply-sending = Hakemuksesi on tallennettu ja matkalla. Voit sulkea tämän sivun.
apply-lost = Hait { $date }, mutta emme saaneet selville, tuliko hakemus perille. Kysy opettajaltasi tai hae uudelleen.
apply-pending = Hait { $date }. Opettajallesi on kerrottu.
apply-approved = Hyväksytty { $date }. Merkki tulee sähköpostilla.
apply-rejected = Ei hyväksytty { $date }. { $who } kirjoitti:
apply-rejected-plain = Ei hyväksytty { $date }. Voit hakea uudelleen.
apply-refused = Hakemustasi ei otettu vastaan. Syy on alla. Korjaa se ja hae uudelleen.
apply-vanished = Hakemustasi ei enää ole. Voit hakea uudelleen.
apply-closed = Hakuaika on { $from }–{ $to }.
apply-closed-until = Haku alkaa { $from }.
apply-closed-since = Haku päättyi { $to }.
apply-not-learner = Näet tämän sivun kuten opiskelija. Vain opiskelijat hakevat.
apply-test = Näet tämän sivun testiopiskelijana. Testiopiskelija ei voi hakea.
apply-anonymous = Kurssisi ei kerro, kuka olet. Hakemiseen kurssin on jaettava nimet ja sähköpostiosoitteet.
apply-no-email = Kurssisi ei jaa sähköpostiosoitettasi, ja merkki lähetetään sähköpostilla. Kysy opettajaltasi.
apply-elsewhere = Tämä lomake täytetään palvelussa { $factory }, omassa ikkunassaan. Palaa sen jälkeen tänne.
apply-open = Avaa lomake palvelussa { $factory }
apply-gone = Tätä lomaketta ei enää tarjota. Kysy opettajaltasi.
flash-applied = Kiitos. Hakemuksesi on tallennettu.
flash-application-kept = Säilytetään 30 päivää. Mitään ei ole vielä lähetetty.

apps-title = Käsiteltävät hakemukset
apps-lead = Vanhimmat ensin. Päätöksesi lähetetään palveluun { $factory }, joka kertoo siitä hakijalle.
apps-away = { $factory } ei vastaa. Näkyvät tiedot luettiin aiemmin; päätökset säilytetään ja lähetetään myöhemmin.
apps-waiting = Odottaa
apps-none = Yksikään hakemus ei odota sinua.
apps-choose = Valitse
apps-sent = Lähetetty
apps-refused = Viime päätöstä ei hyväksytty
apps-several = Päätä kaikista merkityistä
apps-message = Viesti hakijoille
apps-send = Lähetä päätös
apps-elsewhere = Muiden päättämät
apps-others = Aiemmat hakemukset
apps-also = Myös odottamassa
apps-read = Palvelun { $factory } hakemukset luettiin { $time }.
apps-unread = Palvelun { $factory } hakemuksia luetaan ensimmäistä kertaa.
needs-apps = { $n ->
    [one] { $n } henkilö haki merkkiä { $badge }. Vanhin hakemus on odottanut { $d ->
        [0] alle päivän
        [one] { $d } päivän
       *[other] { $d } päivää
    }.
   *[other] { $n } henkilöä haki merkkiä { $badge }. Vanhin on odottanut { $d ->
        [0] alle päivän
        [one] { $d } päivän
       *[other] { $d } päivää
    }.
}
needs-word-apps = Odottaa
needs-see-apps = Käsittele
app-title = { $name } hakee merkkiä { $badge }
app-somebody = Joku
app-sent = Lähetetty { $date }
app-from-factory = palvelun { $factory } sivulla
app-person = Merkit ja edistyminen: { $name }
app-decided = Päätetty { $time }.
app-decided-else = { $who } päätti tästä hakemuksesta { $time }.
app-elsewhere = Päätös tehtiin palvelussa { $factory }.
app-refused = { $factory } ei ottanut sitä vastaan: { $reason }
app-answers = Vastaukset
app-no-answers = Vastauksia ei tunneta täällä.
app-evidence = Tiedostot
app-evidence-becomes = liitetään merkkiin todisteina, jos hyväksyt
app-download = (lataus)
app-files-hint = Tiedostot tulevat opiskelijoilta: avaa ne harkiten.
app-earlier = Aiemmat hakemukset
app-your-decision = Päätöksesi
app-decision = Päätös
app-approve = Hyväksy
app-approve-hint = { $name } saa merkin { $badge } sähköpostilla.
app-reject = Älä hyväksy
app-reject-hint = { $name } saa viestisi ja voi hakea uudelleen.
app-message = Viesti: { $name }
app-message-hint = Tarvitaan, jos et hyväksy. Kerro, mitä puuttuu ja mitä tehdä seuraavaksi.
app-send = Lähetä päätös ja avaa seuraava
app-skip = Ohita toistaiseksi
app-need-instructor = Kurssin opettaja päättää.
app-by-instant = Myönnetään heti: kukaan ei päätä.
app-by-secret = Myönnetään lunastuskoodin haltijalle: kukaan ei päätä.
app-by-peer = Muut hakijat päättävät.
app-by-other = Päätetään Factoryssa.
app-mail-subject = Sait merkin { $badge }
app-mail-body = Hakemuksesi merkistä { $badge } hyväksyttiin.
app-mail-rejected = Hakemuksesi merkistä { $badge }
flash-decided = { $n ->
    [0] Mitään ei päätetty: joku ehti ensin.
    [one] Päätöksesi on tallennettu ja matkalla.
   *[other] { $n } päätöstä on tallennettu ja matkalla.
}
size-kb = { $n } kt
size-mb = { $n },{ $m } Mt

bad-no-file = Valitse tiedosto.
bad-file-kind = Valitse tiedosto, jonka laji ja pääte on jokin näistä: { $kinds }.
bad-not-an-address = Anna sähköpostiosoite, esimerkiksi nimi@koulu.example.
bad-not-a-link = Anna verkko-osoite, joka alkaa https:// tai http://.
bad-not-a-number = Anna luku.
bad-no-code = Anna saamasi lunastuskoodi.
bad-message-needed = Kerro vähintään 10 merkillä, mitä puuttuu ja mitä tehdä seuraavaksi.
bad-nothing-ticked = Merkitse ainakin yksi hakemus.
