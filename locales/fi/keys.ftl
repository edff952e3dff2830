# Työkalun allekirjoitusavaimet.

nav-keys = Allekirjoitusavaimet
keys-title = Allekirjoitusavaimet
keys-lead = Allekirjoitusavaimellaan työkalu todistaa itsensä oppimisalustoille, jotka lukevat sen julkisen osan.
keys-times = Uusi avain julkaistaan { $before } tuntia ennen kuin se allekirjoittaa, ja vanha pysyy julkaistuna { $after } tuntia.
keys-id = Avain
keys-made = Tehty
keys-waits = Allekirjoittaa alkaen { $when }
keys-signs = Allekirjoittanut alkaen { $when }
keys-stays = Julkaistu { $when } asti
keys-rotate = Tee uusi avain
keys-waiting = Uusi avain on julkaistu ja allekirjoittaa alkaen { $when }. Siihen asti ei ole mitään tehtävää.
