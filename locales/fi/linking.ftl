# Avaukset, joissa evästeet eivät toimi, ja sisällön sijoittaminen kurssille.

storage-title = Avataan…
storage-opening = Avataan…
storage-wait = Jos muutaman sekunnin kuluessa ei tapahdu mitään, jatka käsin.
window-title = Avaa uuteen ikkunaan
window-do = Selaimesi ei säilytä evästeitä muiden sivujen sisällä. Omassa ikkunassa kaikki toimii. Mitään ei kadonnut.
window-once = Painike toimii kerran. Avaa sivu myöhemmin kurssisi linkistä.
open-window = Avaa uuteen ikkunaan

pick-title = Mitä haluat sijoittaa tähän?
pick-one = Valitse yksi
pick-several = Valitse yksi tai useampi
pick-place = Sijoita kurssille
pick-return = Jatka: { $lms }
pick-not-here = { $lms } ei salli tällaista sisältöä tässä kohdassa.
pick-where = Valintasi palautetaan: { $lms } ({ $host }).
pick-teachers = Merkit opettajille
pick-teachers-line = Avaa opettajille tämän kurssin merkit; opiskelijat näkevät omansa.
pick-mine = Omat merkit
pick-mine-line = Näyttää jokaiselle opiskelijalle omat merkit.
pick-progress = { $badge }: edistyminen
pick-progress-line = Näyttää jokaiselle opiskelijalle, onko hänellä merkki { $badge }.
pick-grades = Arvosana
pick-graded = Merkki lasketaan arvosteltavaksi tehtäväksi
pick-graded-hint = Vain edistymiskortille. Merkin ansainnut saa täydet pisteet; peruminen ottaa ne takaisin.
pick-done = Sijoitetaan kurssillesi
pick-nothing = Mitään ei valittu
pick-unchanged = Mitään ei muutettu
pick-unchanged-do = Aiemmin sijoitettu pysyy ennallaan. Voit sulkea tämän sivun.
pick-goes = Vastaus menee: { $lms } ({ $host }). Jos mitään ei tapahdu, paina painiketta.

copied-title = Sisältöä toiselta kurssilta
copied-text = Tämä kurssi on kopioitu. Sen linkit osoittavat yhä aiemman kurssin sisältöihin. Mitään ei oteta käyttöön ennen kuin sanot niin.
copied-none = Otettavaa ei ole.
copied-from = Kurssilta { $course }
copied-graded = arvosteltava
copied-use = Käytä täällä
notice-copied = { $n ->
    [one] { $n } aiemman kurssin sisältö voidaan ottaa käyttöön täällä.
   *[other] { $n } aiemman kurssin sisältöä voidaan ottaa käyttöön täällä.
}
notice-copied-do = Mitään ei oteta käyttöön ennen kuin sanot niin.
notice-copied-link = Näytä sisällöt
flash-copied = Sisältö on käytössä tällä kurssilla.

progress-none = Sinulla ei vielä ole tätä merkkiä.
progress-all = Kaikki merkkini
