# Kurssin henkilöt, ja mitä heistä muuttui.

nav-people = Henkilöt
people-list-title = Henkilöt
people-list-lead = Valitse joku, niin näet, mitkä merkit hän saa, mitkä ei, ja miksi.
people-list-none = Tiedossa ei ole, että kukaan vielä opiskelisi tällä kurssilla.
person-address = Se lähetettiin osoitteeseen { $old }. Kurssi sanoo nyt { $new }. Mitään ei lähetetä uudelleen itsestään.
person-address-again = Myönnä se uuteen osoitteeseen
person-address-revoke = Lähettääksesi sen uuteen osoitteeseen peru ensin tämä ja myönnä sitten uudelleen.
copied-rules = Aiemman kurssin säännöt
copied-rules-text = Käyttöön otettu sääntö on luonnos: se ei myönnä mitään, ennen kuin katsot sen ja kytket päälle. Kopiossa toimintojen tunnukset ovat toiset.
copied-rule-use = Ota luonnokseksi
