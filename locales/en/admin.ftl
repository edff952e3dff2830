# Administration of one organisation: set-up, Factory, LMSs, courses, queue, audit log, people, settings.

nav-setup = Set-up
admin-title = Set up Badgebridge
admin-count = { $n } of { $m } steps done
admin-glance = At a glance
task-factory = Connect Badge Factory
task-factory-hint = A certificate that lets us issue in your name
task-lms = Register your LMS
task-lms-hint = So that courses can open the tool
task-grades = Let us read grades and completions
task-grades-hint = Only needed for automatic rules
task-courses = Choose which courses may use which badges
task-courses-hint = Until then every course may use every published badge
task-people = Say who may administer
task-people-hint = Beside the operator of this installation
st-none = Not started
st-going = In progress
st-done = Done
st-problem = Problem
glance-factory = Connection
glance-queue = Orders under way
glance-issued = Awards of the last 7 days
glance-problems = Problems
glance-courses = Courses
fac-1 = Sign in to the Factory as an administrator.
fac-2 = Open Admin tools, then API key, and press Generate.
fac-3 = Paste the whole text here within 10 minutes.
fac-host = Your Factory
fac-other = Another address
fac-other-hint = Only operators see this field. It begins with https:// and ends after the host.
fac-key = API key
fac-hint = About 350 letters and digits, in one or several lines. It is used once and not kept.
fac-connect = Connect
fac-renew = Renew
fac-renew-text = A new certificate is tried three times before it replaces this one. This one is kept for 7 days after that, in case the Factory refuses the new one.
fac-with-certificate = Use a certificate that you have
fac-with-secret = Connect with client ID and secret
fac-client = Client ID
fac-certificate = Certificate (PEM)
fac-certificate-key = Its private key (PEM), without a passphrase
fac-secret = Client secret
fac-sealed = It is stored sealed and never shown.
fac-not-shown-again = For your safety what you entered is not shown again.
fac-connected = Connected
fac-id = Client
fac-valid = Valid until
fac-last-ok = Last good call
fac-test = Test now
fac-attempt = Last attempt, { $time }
fac-attempt-none = Nothing was tried yet.
fac-running = We are asking the Factory. You can close this page, the work goes on.
fac-look = Look again
fac-step-read = What you entered can be read
fac-step-fresh = The key is fresh
fac-step-request = Private key and request made
fac-step-sign = Certificate signed by the Factory
fac-step-ping = Test call answered
fac-step-done = done
fac-step-failed = failed
fac-step-idle = not reached
fac-ok = Connected. The Factory answers.
fac-earlier = The earlier connection still works and stays in use.
fac-pending = A new certificate waits: it is put in use when a test succeeds.
fac-e-empty = Paste the API key.
fac-e-cut = The key looks cut off. Copy it again from the first to the last character.
fac-e-foreign = This key was not made by { $host }. Choose the other Factory, or make a key there.
fac-e-old = This API key is older than 10 minutes. Make a new one and paste it here.
fac-e-clock = By our clock this key was made in the future. Ask your operator to set the clock.
fac-e-used = This API key was used before. Make a new one and paste it here.
fac-e-make = We could not make a private key. This is our fault. Tell your operator.
fac-e-refused = { $host } did not sign the request. Make a new key and try again.
fac-e-down = { $host } does not answer. Try again; an API key stays good for 10 minutes.
fac-e-not = There is no Factory at { $host }. Check the address.
fac-e-unusable = What you entered cannot be used.
fac-e-ping = The test call failed. An earlier connection stays in use.
fac-e-other = Your organisation is another client of the Factory already. Changing it would lose track of what was issued: ask your operator.
fac-e-taken = This client is connected already, for another organisation. Ask your operator.
fac-e-none = This organisation was never connected.
fac-e-interrupted = The work was interrupted. Make a new API key and try again.
fac-said = The answer was:
cert-days = { $n ->
    [one] The certificate ends in 1 day, on { $date }.
   *[other] The certificate ends in { $n } days, on { $date }.
}
cert-expired = The certificate ended on { $date }. Awards are kept and go out after you renew it.
bad-address = Enter an address that begins with https:// and ends after the host.
bad-typed-name = Type { $name }, exactly as it stands here.
disconnect-title = Disconnect { $name } from the Factory?
disconnect-withdraw-title = Awards of { $name } wait
disconnect-stops = What stops
disconnect-stops-1 = No badge is sent, revoked or looked for. Rules and applications go on; what they give waits.
disconnect-stops-2 = Pages show badges as they were read last.
disconnect-stops-3 = The private key or the client secret is deleted here for good. Connecting again needs a new API key, certificate or secret of the same client.
disconnect-stays = Badges that were awarded stay valid. Nothing changes at the Factory.
disconnect-unsure = { $n ->
    [one] Of 1 order we do not know whether the Factory carried it out. It is kept, and asked for after the next connection.
   *[other] Of { $n } orders we do not know whether the Factory carried them out. They are kept, and asked for after the next connection.
}
disconnect-waits = { $n ->
    [one] 1 award waits for a connection to the Factory.
   *[other] { $n } awards wait for a connection to the Factory.
}
disconnect-queued = { $n ->
    [one] 1 award was not sent yet. What becomes of it?
   *[other] { $n } awards were not sent yet. What becomes of them?
}
disconnect-keep = They wait, and go out after the next connection
disconnect-withdraw = They are taken back: nobody gets these badges
disconnect-withdraw-link = Take them back
disconnect-withdraw-now = { $n ->
    [one] Take 1 award back
   *[other] Take { $n } awards back
}
disconnect-type = Type the organisation’s name to go on
disconnect-now = Disconnect
flash-disconnected = Disconnected. What waits goes out after the next connection.
flash-queue-withdrawn = { $n ->
    [one] Disconnected. 1 award was taken back.
   *[other] Disconnected. { $n } awards were taken back.
}
