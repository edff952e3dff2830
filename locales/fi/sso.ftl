# Kertakirjautuminen hallintaan.

sign-in-title = Kirjaudu hallintaan
sign-in-sso = Operaattorit kirjautuvat oppilaitoksensa tilillä.
sign-in-with = Kirjaudu: { $name }
sign-in-else = Tai avaa kirjautumislinkki: operaattorit tulostavat sen komennolla ”badgebridge admin link”, ylläpitäjät pyytävät operaattorilta.
sign-in-link = Avaa kirjautumislinkki: operaattorit tulostavat sen komennolla ”badgebridge admin link”, ylläpitäjät pyytävät operaattorilta.
sign-in-ways = Kirjautumistavat
err-sso = Sinua ei kirjattu sisään
err-sso-state = Tämä kirjautuminen aloitettiin toisessa selaimessa, on liian vanha tai jo käytetty. Aloita uudelleen.
err-sso-declined = Kirjautuminen lopetettiin siellä, missä tilisi on. Aloita uudelleen, jos haluat kirjautua.
err-sso-silent = Oppilaitoksesi kirjautumispalvelu ei vastaa. Yritä hetken kuluttua uudelleen. Kirjautumislinkki toimii ilman sitä.
err-sso-token = Oppilaitoksesi kirjautumispalvelun vastaus ei kelpaa. Aloita uudelleen; jos vika jää, anna viite operaattorille.
err-sso-allowed = Et saa kirjautua tänne
err-sso-allowed-do = Tilisi ei ole missään sallitussa ryhmässä, eikä sen osoite ole luettelossa. Kysy tämän asennuksen operaattorilta.
err-sso-address-do = Osoitteesi on luettelossa, mutta oppilaitoksesi kirjautumispalvelu ei vahvista sitä sinun omaksesi. Vahvistuta se siellä ja aloita uudelleen.
