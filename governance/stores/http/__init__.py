"""Lead stores behind an HTTP interface: one connector, told by data how to ask.

description   what a document's `http` section says, as values
reading       reads that section; problems says what stands against it
templates     calls filled with values, which are data and never evaluated
paths         dotted paths into answers; paging the next page; answers what an answer means
addresses     which hosts may be spoken to; sending speaks to them; asking adds tokens, retries and pages
undertaking   looks after work that a store finishes later; callbacks what it says when it calls
gathering     finds a person; erasing takes them out; amending corrects and marks; store is the whole
ready         descriptions of well-known systems, to be edited
"""
