# Ohje, tietosuoja, asetukset.

help-issue = Myönnä merkki
help-issue-text = Valitse merkki, valitse henkilöt, katso viesti, tarkista ja lähetä. Mitään ei lähde ennen viimeistä vaihetta, ja jokainen vaihe, josta jatkat, säilytetään 14 päivää.
help-hold = Myöntö odottaa
help-hold-text = Jollakulla ei ole sähköpostiosoitetta tällä kurssilla. Myöntö säilytetään ja lähtee itsestään, kun kurssi jakaa osoitteen.
help-away = Factory ei vastaa
help-away-text = Tilauksesi tallennetaan ensin tänne. Ne lähtevät heti, kun Factory on taas tavoitettavissa, eikä kukaan saa merkkiä kahdesti.
help-wrong = Myönsin väärälle henkilölle
help-wrong-text = Avaa myöntö Historiassa ja peru se. Merkin linkit kertovat sitten, ettei se ole enää voimassa. Lähetettyä sähköpostia ei voi kutsua takaisin.
help-mail = Sähköposti ei tullut
help-open = Sivu ei avaudu tai kertoo olevansa liian vanha
help-open-text = Palaa kurssillesi ja avaa linkki uudelleen. Jos selain estää evästeet muiden sivujen sisällä, avaa linkki uuteen välilehteen.

privacy-title = Mitä tietoja säilytetään
privacy-kept = Mitä täällä on tallessa
privacy-kept-1 = Nimesi ja sähköpostiosoitteesi sellaisina kuin kurssisi ne jakaa.
privacy-kept-2 = Kurssit, joilla avaat tämän työkalun, ja roolisi niillä.
privacy-kept-3 = Täällä saamasi merkit: mitkä, milloin, keneltä ja miten lähetys sujui.
privacy-kept-5 = Mitä annat merkkiä hakiessasi: vastaukset, ja tiedostot 180 päivää päätöksen jälkeen. Ne menevät Factoryyn, ja kurssin henkilökunta lukee ne.
privacy-kept-4 = Valitsemasi kieli ja ulkoasu.
privacy-goes = Minne ne menevät
privacy-goes-to = Jokaisesta myönnöstä { $org } lähettää nimesi ja sähköpostiosoitteesi palveluun { $factory }, joka tekee merkin ja kirjoittaa sinulle.
privacy-goes-text = Jokaisesta myönnöstä nimesi ja sähköpostiosoitteesi lähetetään organisaatiosi Factoryyn, joka tekee merkin ja kirjoittaa sinulle.
privacy-not = Mitä ei tehdä
privacy-not-text = Ei seurantaa, ei mainoksia, eikä näille sivuille ladata mitään kolmansilta osapuolilta.
privacy-who = Kuka ne näkee
privacy-who-text = Näet omat myöntösi. Opettajat näkevät kurssinsa myönnöt; avustajat näkevät ne ilman osoitteita. Organisaatiosi ylläpitäjät näkevät kaikki sen myönnöt.
privacy-long = Kuinka kauan
privacy-long-text = Lähetystietoja säilytetään 180 päivää ja tietoa siitä, kuka teki mitäkin, 2 vuotta. Organisaatiosi voi poistaa nimesi ja osoitteesi milloin tahansa: pyydä sen ylläpitäjältä.
privacy-cookies = Evästeet
privacy-cookies-text = Yksi eväste pitää sinut kirjautuneena enintään 12 tuntia, toinen suojaa vain avaamisen hetkeä. Molemmat ovat tarpeen, eikä kumpaakaan käytetä mihinkään muuhun.

preferences-title = Kieli ja ulkoasu
preferences-language = Kieli
preferences-theme = Ulkoasu
theme-light = Vaalea
theme-dark = Tumma
theme-auto = Kuten laitteessani
