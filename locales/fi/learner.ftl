# Opiskelijan sivut.

my-title = Omat merkit
my-way = Tulossa
my-earned = Saadut
my-checked = tarkistettu { $time }
my-none-yet = Sinulla ei ole vielä merkkejä tältä kurssilta. Kun opettajasi myöntää sinulle merkin, se näkyy tässä.
my-waits = Tarvitsemme sähköpostiosoitteesi.
my-waits-do = Merkki odottaa sinua, kunnes osoite tunnetaan.
my-collect-mail = Lähetetty osoitteeseen { $mail } { $date }. Avaa sähköposti ja nouda merkki sen linkistä.
my-noemail-do = Kurssisi ei jaa sähköpostiosoitettasi, joten merkki odottaa. Kerro opettajallesi. Se lähetetään itsestään, kun osoite tunnetaan.
my-valid = voimassa { $date } asti
my-nomail = En saanut sähköpostia
my-nomail-do = Katso ensin roskapostikansiosta, ja tarkista, että osoite on sinun. Jos sähköposti ei ole siellä, pyydä opettajaasi myöntämään merkki uudelleen.
my-private = Vain sinä ja opettajasi näette tämän sivun.
my-application = Hakemuksesi: { $badge }
my-share = Jaa
my-verify = Tarkista
my-criteria = Kriteerit

card-how = Miten sen ansaitsee
card-have = Sinulla on { $value }
card-goal = Merkki kohdassa { $goal }
card-togo = { $n } pistettä jäljellä.
card-left = { $n }/{ $m } valmiina.
card-any = Yksi näistä riittää.
card-done = Valmis
card-open = Kesken
card-paused = Opettajasi on keskeyttänyt tämän merkin.
card-unknown = Tuloksesi eivät ole vielä täällä.
card-unread = Kurssiltasi ei ole vielä luettu mitään.
card-age = Luettu kurssiltasi { $time }.
card-soon = Kaikki valmista. Merkki on matkalla.
card-wait = Kaikki valmista. Saat merkin { $date }.
card-noemail = Kaikki valmista. Merkki odottaa, kunnes kurssisi jakaa sähköpostiosoitteen.
card-teacher = Kaikki valmista. Opettajasi päättää, saatko merkin.
card-has = Sinulla on tämä merkki, tai se on matkalla.
card-taken = Tämä merkki otettiin takaisin. Opettajasi voi myöntää sen uudelleen.
card-not-learner = Vain tämän kurssin opiskelijat ansaitsevat sen.
card-not-active = Et ole aktiivinen tällä kurssilla.
card-apply = Hae merkkiä { $badge }

mail-heading = Minne merkkisi menevät
mail-goes = Merkkisi lähetetään osoitteeseen { $mail }.
mail-from = Mistä saimme sen
mail-from-lms = { $lms } antoi meille tämän osoitteen, kun avasit tämän sivun. Kukaan ei kirjoittanut sitä täällä.
mail-wrong = Onko se väärä?
mail-wrong-do = Muuta se profiilissasi ({ $lms }) ja avaa sitten tämä sivu uudelleen kurssiltasi. Aiemmin lähetetyt merkit jäävät aiempaan osoitteeseen; opettajasi voi myöntää ne uudelleen.
mail-none = { $lms } ei kerro meille sähköpostiosoitettasi.
mail-waiting = { $n ->
    [one] Yksi merkki odottaa sitä ({ $n }).
   *[other] { $n } merkkiä odottaa sitä.
}
mail-do = Mitä voit tehdä
mail-do-1 = Katso profiilistasi ({ $lms }), onko osoitteesi siellä ja saako sen jakaa työkaluille, ja avaa sitten tämä sivu uudelleen kurssiltasi.
mail-do-2 = Pyydä opettajaasi, joka voi myöntää merkin nimeämääsi osoitteeseen.
mail-own = Anna osoite tässä
mail-own-off = Osoitetta ei voi antaa tässä: tämä asennus ei voi lähettää koodia, joka todistaisi osoitteen omaksesi. Ilman todistusta joku muu voisi viedä merkkisi.
mail-earlier = Aiemmat osoitteet
mail-earlier-do = Näihin lähetettiin merkkejä aiemmin. Ne pysyvät siellä voimassa.

data-title = Mitä sinusta säilytetään
data-intro = Tämä on täällä sinusta tallessa juuri nyt.
data-you = Sinä
data-lms = Oppimisalusta
data-sub = Numerosi siellä
data-aliases = Muut numerosi
data-courses = Kurssit, joilla avasit tämän työkalun
data-rest = Mitä muuta
data-awards = Myönnetyt merkit, myös takaisin otetut
data-applications = Hakemukset
data-files = Annetut tiedostot
data-facts = Kursseiltasi luetut tulokset ja suoritukset
data-signals = Kurssiesi viestit niistä
data-grades = Merkeistä palautetut arvosanat
data-ask = Saa, korjaa, poista
data-ask-text = Organisaatiosi ylläpitäjä voi antaa sinulle kaiken tiedostona ja poistaa sen. Nimi ja osoite korjataan oppimisalustassasi, ja täällä, kun seuraavan kerran avaat tämän sivun.
