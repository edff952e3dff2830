# Syötteet: mitä oppimisalustat ja muut lähettävät, ja tiedot, jotka odottavat nimeä.

nav-feeds = Syötteet
feeds-title = Syötteet
feeds-lead = Syöte on osoite, johon oppimisalustasi tai sen rinnalla toimiva ohjelma lähettää tiedot suorituksista ja arvosanoista.
feeds-none = Tällä oppimisalustalla ei ole syötettä. Operaattori tekee sellaisen komennolla badgebridge feed add.
feeds-name = Syöte
feeds-taken = Vastaanotetut tiedot
feeds-last = Viimeisin tieto
feeds-refused = Todistamatta, hylätty
feeds-error = Viimeisin virhe
feeds-waiting = { $n ->
    [one] { $n } tieto odottaa.
   *[other] { $n } tietoa odottaa.
}
feed-title = Syöte { $name }
feed-on = Päällä
feed-off = Pois
feed-kind = Laji
feed-address = Osoite
feed-has-key = On myös toinen osoite, jossa on avain; se näytettiin kerran.
feed-rotated = Salaisuus tehty
feed-repeated = Lähetetty uudelleen, ei muuttanut mitään
feed-ignored = Ei sisällä merkitsevää
feed-unreadable = Ei voitu lukea
feed-limited = Tuli liian nopeasti
feed-dropped = Laskettu, ei säilytetty
feed-kept = Uusimmista 10 000:sta säilytetyt
feed-kept-counts = { $new } uutta, { $matched } kohdistettu, { $waiting } odottaa, { $dropped } hyödytöntä
feed-secret = Salaisuus
feed-secret-text = Salaisuus näytettiin kerran, kun se tehtiin. Operaattori tekee uuden tällä komennolla; aiempi on voimassa vielä 24 tuntia.
feed-test = Testi
feed-test-body = Mitä lähettäjä lähettää
feed-test-hint = Se luetaan kuin se olisi tullut, eikä mitään tallenneta. Lähettäjän allekirjoitusta ei katsota.
feed-test-send = Lähetä testi
feed-test-read = { $n ->
    [one] Luettu: { $n } tieto; { $ignored } tapahtumaa ei sisällä merkitsevää.
   *[other] Luettu: { $n } tietoa; { $ignored } tapahtumaa ei sisällä merkitsevää.
}
feed-test-taken = Kurssi ja henkilö tunnetaan: se otettaisiin vastaan.
feed-drop-test = Se koskee testikäyttäjää: se jätettäisiin pois.
feed-drop-staff = Se koskee henkilöä, joka ei opiskele kurssilla: se jätettäisiin pois.
feed-drop-course = Se koskee muuta kurssia kuin syötteen: se jätettäisiin pois.
signal-completed = Suoritettu
signal-uncompleted = Ei enää suoritettu
signal-passed = Hyväksytty
signal-failed = Hylätty
signal-score = Pistemäärä
signal-concluded = Kurssi on ohi
signal-hint = Jokin muuttui
signal-award = Merkki oppimisalustassa
parked-course = Millään kurssilla ei ole tätä nimeä.
parked-courses = Usealla kurssilla on tämä nimi.
parked-person = Kenelläkään ei ole tätä nimeä.
parked-people = Usealla henkilöllä on tämä nimi.
parked-enrolment = Henkilö tunnetaan, mutta ei ole tällä kurssilla. Tieto odottaa seuraavaa henkilöluetteloa.
unmatched-title = Odottavat tiedot
unmatched-lead = Nämä tiedot nimeävät kurssin tai henkilön, jota ei tunneta täällä. Niitä säilytetään 30 päivää ja katsotaan uudelleen itsestään, kun avaus tai henkilöluettelo tuo nimen.
unmatched-none = Mikään ei odota.
unmatched-who = Henkilö lähetettynä:
unmatched-where = Kurssi lähetettynä:
unmatched-course = Mikä kurssi se on? Sen tunnus oppimisalustassa
unmatched-person = Kuka se on? Sähköpostiosoite tai tunnus oppimisalustassa
unmatched-say = Kohdista
unmatched-discard = Hylkää
flash-signals-matched = Tallennettu. Kaikki, mikä odotti tätä nimeä, katsotaan uudelleen.
flash-signal-discarded = Hylätty. Se on laskettu, ja sen sisältö unohdettu.
bad-feed-body = Tätä ei voi lukea: { $place }.
bad-not-found-here = Täällä millään ei ole tätä tunnusta tai osoitetta. Anna sellainen, joka kurssilla tai henkilöllä on.
