# The tool's signing keys.

nav-keys = Signing keys
keys-title = Signing keys
keys-lead = With its signing key this tool proves itself to LMSs, which read the public part from its key set.
keys-times = A new key is published { $before } hours before it signs, and an old one stays published for { $after } hours.
keys-id = Key
keys-made = Made
keys-waits = Signs from { $when }
keys-signs = Signs since { $when }
keys-stays = Published until { $when }
keys-rotate = Make a new key
keys-waiting = A new key is published and signs from { $when }. Until then there is nothing to do.
