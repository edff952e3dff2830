# Ways in to the administration, and single sign-on.

sign-in-title = Sign in to the administration
sign-in-sso = Operators sign in with the account of their institution.
sign-in-with = Sign in with { $name }
sign-in-else = Or open a sign-in link: operators print one with “badgebridge admin link”, administrators ask their operator.
sign-in-link = Open a sign-in link: operators print one with “badgebridge admin link”, administrators ask their operator.
sign-in-ways = Ways to sign in
err-sso = You were not signed in
err-sso-state = This sign-in was begun in another browser, is too old, or was used before. Begin again.
err-sso-declined = The sign-in was ended where your account is. Begin again if you want to sign in.
err-sso-silent = The sign-in service of your institution does not answer. Try again in a moment. A sign-in link works without it.
err-sso-token = The answer of your institution’s sign-in service does not hold. Begin again; if it stays, give your operator the reference.
err-sso-allowed = You may not sign in here
err-sso-allowed-do = Your account is in none of the groups that may, and its address is not on the list. Ask the operator of this installation.
err-sso-address-do = Your address is on the list, but your institution’s sign-in service does not confirm that it is yours. Have it confirmed there, then begin again.
