# Sign-in, and the pages of operators.

office-label = Administration
signed-in-operator = Signed in as operator
signed-in = Signed in as { $name }
sign-out = Sign out
other-organisation = Another organisation
nav-overview = Overview
nav-health = Health
nav-organisations = Organisations
welcome-title = Sign in to Badgebridge
welcome-operator = This link signs you in as operator of this installation. It works once.
welcome-administrator = This link signs in { $name }, who administers { $org }. It works once.
welcome-foreign = If you did not ask for this link, close this page.
welcome-sign-in = Sign in
goodbye-title = You are signed out
goodbye-text = You can close this window. To sign in again, ask for a new link.
overview-title = This installation
overview-well = Everything that was checked is well.
overview-fails = { $n ->
    [one] 1 check fails and must be put right.
   *[other] { $n } checks fail and must be put right.
}
overview-looks = { $n ->
    [one] 1 point needs somebody’s look.
   *[other] { $n } points need somebody’s look.
}
overview-health = See every check
overview-address = Public address
overview-version = Version
overview-organisations = Organisations
overview-registrations = Registered LMSs
overview-waiting = { $n ->
    [one] 1 deployment waits to be claimed
   *[other] { $n } deployments wait to be claimed
}
begin-title = To begin with
begin-address = The public address
begin-key = The key that seals secrets
begin-organisation = The first organisation
begin-administrator = A link for its administrator
overview-first = There is no organisation yet. Add the first one, then connect it to its Factory.
health-title = Health
health-col-what = What
health-col-found = Found
health-col-do = What to do
health-ok = Well
health-look = Look
health-fail = Fails
health-commands = The commands named here are typed where the program runs.
health-again = Check again
organisations-title = Organisations
organisations-lead = Each organisation has its own Factory client, LMSs, people and badges. One never sees another.
organisations-none = There is no organisation yet.
organisations-name = Name
organisations-identity = Connection
organisations-not-connected = Not connected
organisations-token = Client secret
organisations-until = Certificate until { $date }
organisations-open = Administer
organisations-rename = Rename
organisations-add = Add an organisation
organisations-add-name = Name of the new organisation
organisations-new-name = New name of { $name }
bad-name-taken = There is an organisation of this name already. Choose another name.
bad-name = Enter a name of 1 to 200 characters.
flash-saved = Saved.
err-sign-in = Sign in first
err-sign-in-do = You are not signed in, or were away for a while. Open a sign-in link: operators print one with “badgebridge admin link”, administrators ask their operator.
err-link = This sign-in link does not work any more
err-link-do = It was used, is too old, or was taken back. Operators print a new one with “badgebridge admin link”, administrators ask their operator.
err-operators = Only an operator can do this
err-operators-do = You administer one organisation. Ask the operator of this installation.
err-choose = Choose an organisation first
err-choose-do = Administration pages show one organisation at a time.
