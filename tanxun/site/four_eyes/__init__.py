"""Four eyes (setting FOUR_EYES): what one person changes becomes a fact once a second person approved it.

No view knows of it. Every form that is sent runs in a transaction that is watched (`watching`). Where it wrote a record, or
started work that will, the transaction is taken back; the form is kept with what it would have changed, read from the history
that it wrote (`told`), and waits as a `Proposal` (`proposing`). Approving sends the same form again, as the person who sent it
and through the same code, and commits only what the approving person saw (`deciding`): where anything else would come of it
now, nothing is written and the new differences are shown.

Terminal commands are not held: who may run them has the database anyway.
"""
