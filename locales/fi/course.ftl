# Etusivu, historia, tapahtuma, myöntö, peruminen.

home-title = Tämän kurssin osaamismerkit
count-people = { $n ->
    [one] { $n } henkilö
   *[other] { $n } henkilöä
}
count-badges = { $n ->
    [one] { $n } merkki
   *[other] { $n } merkkiä
}
count-awards = { $n ->
    [one] { $n } myöntö, alkaen { $date }
   *[other] { $n } myöntöä, alkaen { $date }
}
needs-title = Vaatii huomiotasi
needs-none = Mikään ei vaadi huomiotasi.
needs-count = { $n ->
    [one] { $n } asia
   *[other] { $n } asiaa
}
needs-all = Näytä kaikki { $n }
needs-word-hold = Odottaa
needs-word-refused = Epäonnistui
needs-word-parked = Vaatii päätöksen
needs-word-unrevoked = Perumatta
needs-word-unmade = Jäi kesken
needs-word-unlooked = Katsomatta
needs-noemail = { $name } on ansainnut merkin { $badge }, mutta kurssi ei jaa sähköpostiosoitetta.
needs-refused = { $n ->
    [one] { $n } myöntö evättiin: { $badge }.
   *[other] { $n } myöntöä evättiin: { $badge }.
}
needs-parked = { $n ->
    [one] { $n } myöntö lähetettiin kahdesti ilman vastausta: { $badge }. Mitään ei lähde ennen päätöstäsi.
   *[other] { $n } myöntöä lähetettiin kahdesti ilman vastausta: { $badge }. Mitään ei lähde ennen päätöstäsi.
}
needs-unrevoked = Factory ei peru merkkiä { $badge } henkilöltä { $name }. Yritämme edelleen.
needs-unmade = Tilauksen { $badge } kaikkia henkilöitä ei käsitelty. Järjestelmänvalvojasi voi jatkaa sitä.
needs-unlooked = Sääntöjä ei voitu soveltaa henkilöön { $name }.
needs-see-hold = Katso, mitä tehdä
needs-see-refused = Katso syy
needs-see-parked = Tarkista ja päätä
needs-see-unrevoked = Näytä myöntö
needs-see-unmade = Näytä tilaus
needs-see-unlooked = Näytä henkilö
open-title = Kesken
open-running = Lähetetään
open-draft = Keskeneräinen
open-running-line = { $badge }: { $n }/{ $m } valmiina
open-draft-line = { $n ->
    [0] { $badge }, ketään ei vielä valittu
    [one] { $badge }, { $n } henkilö
   *[other] { $badge }, { $n } henkilöä
}
open-draft-empty = Merkkiä ei vielä valittu
open-changed = · muutettu { $time }
open-watch = Seuraa
open-go-on = Jatka
badges-title = Merkit
home-unread = Merkkejä luetaan ensimmäistä kertaa.
home-empty-allowed = Tällä kurssilla ei saa vielä käyttää yhtään merkkiä. Pyydä lupa: { $admin }.
home-empty-allowed-any = Tällä kurssilla ei saa vielä käyttää yhtään merkkiä. Pyydä lupa järjestelmänvalvojaltasi.
home-empty-awards = Kukaan ei ole vielä saanut merkkiä tältä kurssilta.
home-empty-issue = Myönnä ensimmäinen
issue-short = Myönnä
badge-gone-short = Ei enää tarjolla
recent-title = Viimeisimmät myönnöt
recent-all = Koko historia

history-title = Historia
history-none = Mikään myöntö ei vastaa suodattimia.
history-pages = Luettelon sivut
filter-title = Suodata
filter-any = Mikä tahansa
filter-person = Nimessä tai osoitteessa on
filter-how = Miten
filter-from = Alkaen
filter-to = Asti
filter-show = Näytä
filter-clear = Tyhjennä suodattimet
filter-clear-all = Tyhjennä kaikki suodattimet
filter-on-its-way = Matkalla
filter-held = Odottaa
filter-revoked = Peruttu
per-page = Rivejä sivulla:
per-page-n = { $n } riviä sivulla

event-title = { $badge }, myönnetty { $date }
event-by = Myöntäjä
event-mail = Lähetetty sähköposti
event-id = Tapahtuma Factoryssa
event-recipients = Saajat
event-nobody = Factory ei vielä luettele ketään tälle tapahtumalle.
event-pages = Saajien sivut
event-revoke = Peru valituilta henkilöiltä

award-title = { $badge }: { $name }
award-reason = Annettu syy:
award-link = Merkki
award-revoke = Peru tämä myöntö
means-queued = Se on tallennettu ja lähetetään. Sinun ei tarvitse tehdä mitään.
means-checking = Vastaus katosi. Kysymme Factorylta, ennen kuin mitään lähetetään uudelleen, joten kukaan ei saa merkkiä kahdesti.
means-noemail = Kurssi ei jaa sähköpostiosoitetta. Myöntö odottaa ja lähtee itsestään, kun osoite tunnetaan.
means-failed = Factory ei hyväksynyt sitä. Korjaa syy ja myönnä uudelleen.
means-parked = Se lähetettiin kahdesti, eikä vastausta tullut. Katso Factorysta, onko henkilöllä merkki, ja kerro sitten järjestelmänvalvojallesi.
means-revoking = Peruminen on matkalla Factoryyn.
means-withdrawn = Se otettiin takaisin ennen lähettämistä. Kenellekään ei kerrottu.
means-revoked = Merkin linkit kertovat, ettei se ole enää voimassa.
trail-title = Mitä tapahtui
trail-zone = ajat vyöhykkeellä { $zone }
did-asked = { $who } pyysi sitä
did-ruled = Säännön ehdot täyttyivät
did-held = Odottaa sähköpostiosoitetta
did-released = Sähköpostiosoite tuli
did-sent = Lähetetty: Factory otti sen vastaan
did-not-reached = Factorya ei tavoitettu, mitään ei lähetetty
did-answer-lost = Lähetetty, mutta vastaus katosi
did-found = Katsottu: Factorylla on se
did-not-found = Katsottu: Factorylla ei ole sitä
did-refused = Factory ei hyväksynyt sitä
did-asked-to-wait = Factory pyysi odottamaan
did-tried-again = { $who } pyysi uutta yritystä
did-parked = Pysäytetty, kunnes henkilö päättää
did-revoke-asked = { $who } pyysi perumaan sen
did-revoked = Factory perui sen
did-withdrawn = { $who } otti sen takaisin ennen lähettämistä
did-twice = Factorylla on se kahdesti

extra-title = Myönnetty kahdesti
extra-text = Factory teki yhdestä tilauksesta kaksi tapahtumaa: kaikilla siinä on merkki kahdesti. Molemmat viestit lähetettiin. Toinen tapahtuma voidaan perua, ensimmäinen jää.
extra-kept = Ensimmäinen tapahtuma, jää
extra-event = Toinen tapahtuma
extra-revoke = Peru toinen tapahtuma
extra-ask = Perutaanko merkin { $badge } toinen tapahtuma?
extra-people = Kaikki siinä
extra-warn = Toisen tapahtuman merkin linkit kertovat, ettei se ole enää voimassa. Ensimmäisen tapahtuman merkki pysyy voimassa. Tätä ei voi kumota.
extra-keep = Pidä molemmat
extra-late-title = Myönnetty myöhässä
extra-late-text = Factory teki tämän tapahtuman, kun tilauksesta oli jo luovuttu: sen henkilöillä on merkki, vaikka se otettiin täällä takaisin.
extra-late-event = Myöhäinen tapahtuma
extra-late-revoke = Peru myöhäinen tapahtuma
extra-late-ask = Perutaanko merkin { $badge } myöhäinen tapahtuma?
extra-late-warn = Tämän tapahtuman merkin linkit kertovat, ettei se ole enää voimassa. Tätä ei voi kumota; voit myöntää merkin uudelleen.
extra-late-keep = Pidä se
extra-asked = Sen peruminen on matkalla Factoryyn.
extra-failed = Factory ei ottanut perumista vastaan. Pyydä sitä uudelleen tai kerro järjestelmänvalvojallesi.

revoke-title = Perutaanko merkki { $badge } henkilöltä { $name }?
revoke-title-n = Perutaanko merkki { $badge } { $n } henkilöltä?
revoke-since = myönnetty { $date }
revoke-warn = Merkin linkit kertovat, ettei se ole enää voimassa. Tätä ei voi kumota; voit myöntää merkin uudelleen.
revoke-not-sent = Lähettämättömät otetaan takaisin: niistä ei kerrota kenellekään.
revoke-why = Miksi?
reason-mistake = Annettu vahingossa
reason-wrong-person = Väärä henkilö tai osoite
reason-work-withdrawn = Työ vedettiin pois
reason-other = Muu
revoke-note = Mitä tapahtui
revoke-note-hint = Vain henkilökunta voi lukea tämän. Se säilytetään tietojen mukana.
revoke-tell-yourself = Emme voi lähettää viestiä puolestasi. Kerro itse: { $name }.
revoke-tell-all = Emme voi lähettää viestejä puolestasi. Kerro näille henkilöille itse.
revoke-now = Peru tämä merkki
revoke-now-n = Peru { $n } merkkiä
revoke-keep = Pidä se
revoke-keep-n = Pidä ne

# Kuviot
plot-by-day = Myönnöt päivittäin
plot-by-week = Myönnöt viikoittain
plot-by-month = Myönnöt kuukausittain
plot-day = Päivä
plot-week = Viikko alkaen
plot-month = Kuukausi alkaen
plot-awards = Myönnöt
plot-describes = { $n } jaksoa, alkaen { $from }. Eniten, { $most }, alkaen { $when }. Yhteensä { $total }.
show-numbers = Näytä luvut
funnel-title = { $badge }: kurssilta postilaatikkoon
funnel-step = Vaihe
funnel-people = Henkilöt
funnel-people-here = Kurssilla
funnel-email = Jakaa sähköpostiosoitteen
funnel-awarded = Sai merkin täällä
funnel-sent = Merkki lähetettiin
