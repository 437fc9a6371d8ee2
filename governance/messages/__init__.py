"""Messages that leave the service: notices to the operator, letters to people and to recipients.

    topics      what a message can be about, and for whom
    tables      the row of a message: queued, sent or failed, and the lease of who delivers it
    addresses   which addresses and subjects a message may carry
    queue       put into the queue in the caller's transaction, with its entry; asked about
    outbox      claimed by whoever delivers, and the outcome written
    settling    a failed one tried again, or done by hand
    wording     what a mail to the operator says
    patience    how long after a failure, and when to give up

Delivering itself needs the network, and stands in `api/background/deliveries.py`.
"""
